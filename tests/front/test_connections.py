"""What one connection may ask of a process: a bounded head, sent in time, one of so many."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.front.conftest import StartService
from tests.front.line import Line
from tests.integration.processes import Service
from tests.keys import dev_key

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
KEY = f"Authorization: Bearer {dev_key()}\r\n".encode()
POST = (
    b"POST /api/doctors HTTP/1.1\r\nHost: localhost\r\n"
    + KEY
    + b"Content-Type: application/json\r\n"
)
LIST = b"GET /api/doctors HTTP/1.1\r\nHost: localhost\r\n" + KEY + b"\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
DOCTOR = b'{"name": "Asha", "specialization": "Skin"}'
MOST = 16 * 1024
SECONDS = 10.0
MARGIN = 5.0  # seconds, on a loaded machine
MEGABYTE = b"x" * 2**20
GROWS_AT_MOST = 20  # megabytes


Call = Callable[[Service], Awaitable[Line]]


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """Opens connections that stay until the test ends."""
    lines: list[Line] = []

    async def open_line(service: Service) -> Line:
        lines.append(await Line.open(service.port))
        return lines[-1]

    yield open_line
    for line in lines:
        await line.leave()


@asynccontextmanager
async def line_to(service: Service) -> AsyncIterator[Line]:
    line = await Line.open(service.port)
    yield line
    await line.leave()


async def test_a_head_of_16_kb_is_taken(service: Service) -> None:
    head = GET + b"X-Long: "
    async with line_to(service) as line:
        await line.send(head, b"x" * (MOST - len(head) - 4), b"\r\n\r\n")
        assert (await line.hear()).status == 200


@pytest.mark.parametrize(
    "rest",
    [
        b"X-Long: " + b"x" * MOST + b"\r\n\r\n",
        b"X-Long: " + b"x" * MOST,
        b"X-Short: y\r\n" * 2000 + b"\r\n",
        b"x" * (MOST + 1) + b": y",
    ],
    ids=["one header", "an unfinished header", "many headers", "a name"],
)
async def test_a_longer_head_is_refused(service: Service, rest: bytes) -> None:
    async with line_to(service) as line:
        await line.send(GET, rest)
        heard = await line.hear()
        assert (heard.status, heard.code) == (431, "headers_too_large")
        assert str(MOST).encode() in heard.body
        await line.ended()


async def test_a_longer_path_is_refused(service: Service) -> None:
    async with line_to(service) as line:
        await line.send(b"GET /" + b"x" * MOST)
        assert (await line.hear()).code == "headers_too_large"


@pytest.mark.parametrize(
    "beginning",
    [
        GET + b"X-Long: ",
        CHUNKED + b"2\r\n{}\r\n0\r\nX-Trailer: ",
        CHUNKED + b"2;extension=",
    ],
    ids=["header", "trailer", "extension of a chunk"],
)
async def test_endless_headers_take_no_memory(service: Service, beginning: bytes) -> None:
    before = service.megabytes
    async with line_to(service) as line:
        await line.send(beginning, *[MEGABYTE] * 100)
        await line.ended()
    assert service.megabytes - before < GROWS_AT_MOST


async def test_requests_sent_at_once_are_each_bounded_by_themselves(service: Service) -> None:
    request = GET + b"X-Long: " + b"x" * 6000 + b"\r\n\r\n"
    async with line_to(service) as line:
        await line.send(request * 20)
        assert [(await line.hear()).status for _ in range(20)] == [200] * 20


async def test_an_answer_is_sent_as_one(service: Service) -> None:
    async with line_to(service) as line:
        for count in range(1, 4):
            await line.send(GET + b"\r\n")
            assert (await line.hear()).status == 200
            assert line.packets == count


@pytest.mark.parametrize("last", [b"", b"Connection: close\r\n"], ids=["kept", "closed"])
async def test_a_head_without_a_body_is_sent_too(service: Service, last: bytes) -> None:
    async with line_to(service) as line:
        await line.send(GET.replace(b"GET", b"HEAD") + last + b"\r\n")
        assert await line.hear_head()


async def test_a_body_in_chunks_is_bounded_as_a_body(service: Service) -> None:
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
    async with line_to(service) as line:
        await line.send(CHUNKED, chunk * 60, b"%x\r\n" % len(DOCTOR), DOCTOR, b"\r\n0\r\n\r\n")
        assert (await line.hear()).status == 201
    async with line_to(service) as line:
        await line.send(CHUNKED, chunk * 70)
        assert (await line.hear()).code == "body_too_large"


async def test_what_is_not_http_is_a_problem_too(service: Service) -> None:
    async with line_to(service) as line:
        await line.send(b"\x16\x03\x01 hello\r\n\r\n")
        heard = await line.hear()
        assert (heard.status, heard.code) == (400, "not_http")
        await line.ended()


# Time


async def test_a_request_is_sent_within_10_seconds(service: Service, call: Call) -> None:
    """Whatever it lets the service wait for, and however busy it seems meanwhile."""
    announced = POST + b"Content-Length: 42\r\n\r\n"
    starts = [b"", b"GET", GET, announced, announced + b'{"name": ', CHUNKED + b"1\r\n"]
    lines = [await call(service) for _ in starts]
    for line, start in zip(lines, starts, strict=True):
        await line.send(start)
    dripping = await call(service)
    drip = asyncio.create_task(_drip(dripping, GET + b"X-Long: "))
    again = await call(service)
    await again.send(GET + b"\r\n")
    assert (await again.hear()).status == 200
    await again.send(GET)

    for line in [*lines, dripping, again]:
        heard = await line.hear()
        assert (heard.status, heard.code) == (408, "request_timeout")
        assert SECONDS - 0.5 < await line.ended() < SECONDS + MARGIN
    drip.cancel()


async def _drip(line: Line, beginning: bytes) -> None:
    await line.send(beginning)
    while True:
        await asyncio.sleep(0.5)
        await line.send(b"x")


async def test_a_request_sent_in_time_may_follow_a_long_wait(service: Service) -> None:
    """The time is for a request, not for a connection."""
    async with line_to(service) as line:
        for _ in range(4):
            await line.send(GET)
            await asyncio.sleep(3.0)
            await line.send(b"\r\n")
            assert (await line.hear()).status == 200


async def test_callers_who_never_ask_do_not_stay(service: Service, call: Call) -> None:
    lines = [await call(service) for _ in range(500)]
    assert max([await line.ended() for line in lines]) < SECONDS + MARGIN


# Number


async def test_past_max_connections_a_caller_is_told_to_come_back(
    start_service: StartService, call: Call
) -> None:
    service = await start_service(MAX_CONNECTIONS="10")
    lines = [await call(service) for _ in range(10)]
    for line in lines:
        await line.send(GET + b"\r\n")
        assert (await line.hear()).status == 200
    async with line_to(service) as line:
        await line.send(LIST)
        heard = await line.hear()
        assert (heard.status, heard.code) == (503, "too_many_connections")
        assert int(heard.headers["retry-after"]) > 0
        await line.ended()
    await lines.pop().leave()
    async with line_to(service) as line:
        await line.send(LIST)
        assert (await line.hear()).status == 200


async def test_probes_get_through_a_crowd(start_service: StartService, call: Call) -> None:
    service = await start_service(MAX_CONNECTIONS="10")
    crowd = [await call(service) for _ in range(15)]
    for path in (b"/healthz", b"/readyz", b"/metrics"):
        async with line_to(service) as line:
            await line.send(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + KEY + b"\r\n")
            assert (await line.hear()).status == 200
    for line in crowd[10:]:
        assert (await line.hear()).code == "too_many_connections"
        assert await line.ended() < MARGIN


async def test_a_crowd_past_all_measure_is_refused_at_once(
    start_service: StartService, call: Call
) -> None:
    service = await start_service(MAX_CONNECTIONS="10")
    lines = [await call(service) for _ in range(200)]
    heard = [await line.hear() for line in lines[10 + 64 :]]
    assert {each.code for each in heard} == {"too_many_connections"}


async def test_as_many_connections_are_taken_as_the_setting_says(
    service: Service, call: Call
) -> None:
    """Though a process may usually have 1,024 files open."""
    lines = [await call(service) for _ in range(1500)]
    await lines[-1].send(GET + b"\r\n")
    assert (await lines[-1].hear()).status == 200


@pytest.mark.integration
async def test_each_of_several_workers_has_these_bounds(address: str, tmp_path: Path) -> None:
    service = Service(tmp_path, {"MONGODB_URI": address}, "--workers", "2")
    await service.serve()
    try:
        for _ in range(20):
            async with line_to(service) as line:
                await line.send(GET, b"x" * MOST)
                assert (await line.hear()).code == "headers_too_large"
    finally:
        service.terminate()
        await service.ended(30)
