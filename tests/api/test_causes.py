"""Why the database does not answer: one line that says it, at the start and in /readyz."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from config import Driver
from database import connect
from services.clock import ManualClock
from services.health import Health
from services.ids import Ids
from services.metrics import Metrics
from services.opd import build_opd
from tests.api.service import OPENING, GivenSettings, serve
from tests.integration.processes import free_port
from tests.listening import stop_listening

QUICK = "serverSelectionTimeoutMS=1200&connectTimeoutMS=400&socketTimeoutMS=400"
PASSWORD = "S3cret"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _assert_told(
    uri: str, cause: str, driver: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    """The service starts, says this in one line, and says the same in /readyz."""
    settings = GivenSettings(mongodb_uri=SecretStr(uri), mongodb_driver=driver)
    async with serve(settings, ManualClock(OPENING), Ids()) as api:
        lines = [line for line in capsys.readouterr().out.splitlines() if "database_un" in line]
        ready = await api.client.get("/readyz")
        again = capsys.readouterr().out
    assert len(lines) == 1
    assert cause in lines[0]
    assert ready.status_code == 503
    assert cause in ready.json()["reason"]
    assert "\n" not in ready.json()["reason"]
    assert "database_un" not in again
    assert "database_lost" not in again
    assert PASSWORD not in f"{lines}{ready.text}{again}"


@asynccontextmanager
async def _server(answer: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    handlers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers[task] = writer
        with suppress(OSError):
            await answer(reader, writer)
        writer.close()

    port = free_port()
    server = await asyncio.start_server(serve_one, "127.0.0.1", port, ssl=context)
    yield port
    await stop_listening(server)
    for writer in handlers.values():
        writer.transport.abort()
    await asyncio.gather(*handlers)
    # Not `wait_closed()`: from Python 3.12 on it waits for a client whose TLS came to nothing too.


async def _say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def _hang_up(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """At once."""


async def _speak_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(16)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()


@pytest.fixture(params=list(Driver), ids=str)
def driver(request: pytest.FixtureRequest) -> Driver:
    """Each of the drivers in turn: they word their errors differently."""
    chosen: Driver = request.param
    return chosen


async def test_a_port_that_nobody_listens_on(
    driver: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = f"mongodb://keeper:{PASSWORD}@127.0.0.1:1/opd?{QUICK}"
    await _assert_told(uri, "nobody listens at 127.0.0.1:1", driver, capsys)


async def test_an_unknown_host(driver: Driver, capsys: pytest.CaptureFixture[str]) -> None:
    uri = f"mongodb://keeper:{PASSWORD}@nowhere.invalid/opd?{QUICK}"
    await _assert_told(uri, "unknown host: nowhere.invalid:27017", driver, capsys)


async def test_a_server_that_does_not_answer(
    driver: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    async with _server(_say_nothing) as port:
        uri = f"mongodb://keeper:{PASSWORD}@127.0.0.1:{port}/opd?{QUICK}"
        await _assert_told(uri, f"127.0.0.1:{port} does not answer", driver, capsys)


async def test_a_server_that_is_no_database(
    driver: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    async with _server(_speak_http) as port:
        uri = f"mongodb://keeper:{PASSWORD}@127.0.0.1:{port}/opd?{QUICK}"
        await _assert_told(uri, f"what answers at 127.0.0.1:{port} is no database", driver, capsys)


async def test_tls_where_the_server_has_none(
    driver: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    """MongoDB hangs up then."""
    async with _server(_hang_up) as port:
        uri = f"mongodb://keeper:{PASSWORD}@127.0.0.1:{port}/opd?tls=true&{QUICK}"
        await _assert_told(uri, f"TLS: 127.0.0.1:{port} does not speak it", driver, capsys)


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """Of a server whose certificate nobody has signed."""
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate, key)
    return made


@pytest.mark.parametrize(
    ("tls", "cause"),
    [("", "if it wants TLS, set tls=true"), ("&tls=true", "is not trusted; see tlsCAFile=")],
)
async def test_a_server_that_wants_tls(
    driver: Driver,
    capsys: pytest.CaptureFixture[str],
    context: ssl.SSLContext,
    tls: str,
    cause: str,
) -> None:
    async with _server(_say_nothing, context) as port:
        uri = f"mongodb://keeper:{PASSWORD}@127.0.0.1:{port}/opd?{QUICK}{tls}"
        await _assert_told(uri, cause, driver, capsys)


# On the real database


@pytest.fixture
def place(server: str) -> str:
    """Its host and port."""
    return urlsplit(server).netloc


@pytest.mark.integration
async def test_wrong_credentials(
    place: str, driver: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = f"mongodb://keeper:{PASSWORD}@{place}/opd?{QUICK}"
    await _assert_told(uri, "wrong credentials: ", driver, capsys)


@pytest.mark.integration
@pytest.mark.parametrize("more", ["", "&directConnection=true"])
async def test_a_wrong_name_of_the_replica_set(
    place: str, driver: Driver, capsys: pytest.CaptureFixture[str], more: str
) -> None:
    uri = f"mongodb://{place}/opd?replicaSet=rs9&{QUICK}{more}"
    await _assert_told(uri, "wrong replica set: ", driver, capsys)


@pytest.mark.integration
async def test_tls_on_a_plain_port_of_a_server_that_waits_for_more(
    place: str, driver: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = f"mongodb://{place}/opd?tls=true&{QUICK}"
    settings = GivenSettings(mongodb_uri=SecretStr(uri), mongodb_driver=driver)
    async with serve(settings, ManualClock(OPENING), Ids()) as api:
        ready = await api.client.get("/readyz")
    assert "tls=" in ready.json()["reason"]
    assert "database_unanswered" in capsys.readouterr().out


# How often


async def test_a_cause_is_said_once_a_minute_and_another_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = ManualClock(OPENING)

    def said() -> list[str]:
        lines = capsys.readouterr().out.splitlines()
        return [line for line in lines if "database_un" in line or "database_lost" in line]

    settings = GivenSettings(mongodb_uri=SecretStr("mongodb://127.0.0.1:1/opd"))
    database = connect(settings)
    opd = build_opd(settings, database, clock, Ids(), Metrics())
    health = Health(
        database, clock, opd.relay, opd.access.directory, process=opd.process, home=opd.home
    )
    await health.look()
    assert len(said()) == 1
    for seconds, lines in ((59, 0), (2, 1), (61, 1)):
        clock.advance(timedelta(seconds=seconds))
        await health.look()
        assert len(said()) == lines, seconds
    await database.close()
