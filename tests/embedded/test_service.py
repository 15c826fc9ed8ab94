"""The service on the embedded database, as a small clinic runs it: `python main.py`, no more."""

import asyncio
import os
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import bson
import httpx
import msgspec
import pytest
from bson.codec_options import CodecOptions

from bench.access import give_access_in
from services.clock import stopwatch
from tests.integration.client import Client
from tests.integration.insistent_client import (
    InsistentClient,
    Ledger,
    TokenBody,
    booking,
    draw_source,
    open_day,
)
from tests.integration.invariants import check
from tests.integration.processes import POLL_SECONDS, ROOT, Service, until
from tests.integration.stored import RelayedEvent, StoredSheet, StoredToken, read_stored

KILLS = 10
SHEETS = 6
THINK_SECONDS = 0.02


class StoredInFile:
    """What stands in the file, read raw: without the service's models, codec or engine."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def sheets(self) -> list[StoredSheet]:
        """Every sheet."""
        query = "SELECT document FROM documents WHERE collection = 'day_sheets' ORDER BY id"
        return [read_stored(document) for document in self._read(query)]

    def relayed(self) -> list[RelayedEvent]:
        """Every event that was copied out of its sheet's outbox, in the order of `seq`."""
        query = "SELECT document FROM events ORDER BY seq"
        return [msgspec.convert(document, RelayedEvent) for document in self._read(query)]

    def tokens(self) -> list[StoredToken]:
        """The tokens of all sheets."""
        return [token for sheet in self.sheets() for token in sheet.tokens]

    def _read(self, query: str) -> list[dict[str, object]]:
        options: CodecOptions[dict[str, object]] = CodecOptions(tz_aware=True)
        with closing(sqlite3.connect(self.file)) as connection:
            return [bson.decode(raw, options) for (raw,) in connection.execute(query)]


@pytest.fixture
def stored(tmp_path: Path) -> StoredInFile:
    """What the service keeps where nothing names a file."""
    return StoredInFile(tmp_path / "data" / "opd.sqlite")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A process with the default settings."""
    process = Service(tmp_path, {})
    yield process
    process.end()


@pytest.mark.timeout(450)
async def test_ten_kills_under_load_lose_and_double_nothing(
    service: Service, stored: StoredInFile
) -> None:
    chance = random.Random(20300115)
    await service.serve()
    days = [await open_day(service.port, f"doctor{n}", seats=[60] * 4) for n in range(SHEETS)]
    slots = [slot for day in days for slot in day]
    ledger = Ledger()
    comers = count()
    over = asyncio.Event()

    async def sit() -> None:
        async with InsistentClient([service.port], ledger) as insistent:
            while not over.is_set():
                patient = f"patient{next(comers)}"
                token = await insistent.book(chance.choice(slots), patient, draw_source(chance))
                if token is not None and chance.random() < 0.3:
                    await insistent.cancel(token.id)
                await asyncio.sleep(THINK_SECONDS * chance.random())

    load = [asyncio.create_task(sit()) for _ in range(6)]
    for _ in range(KILLS):
        await ledger.grow(chance.randint(5, 25), 30)
        service.kill()
        await service.serve()
    over.set()
    await asyncio.gather(*load)
    service.kill()

    check(stored, ledger.answers)
    assert not ledger.odd
    assert sorted(ledger.patients) == sorted(token.patient.id for token in stored.tokens())
    assert ledger.statuses["gone"] > 0


async def test_what_was_booked_is_there_after_a_restart_and_its_events_are_told(
    service: Service, stored: StoredInFile
) -> None:
    await service.serve()
    (slot,) = await open_day(service.port, seats=[5])
    ledger = Ledger()
    async with InsistentClient([service.port], ledger) as insistent:
        token = await insistent.book(slot, "asha")
    assert token is not None
    service.terminate()
    assert await service.ended(20) == 0
    await service.serve()

    async with Client(service.port) as client:
        shown = await client.ask("GET", f"/api/tokens/{token.id}")
        assert shown.read(TokenBody).status == "BOOKED"
        again = await client.ask("POST", "/api/tokens/book", booking(slot, "asha"), key="asha")
        assert again.replayed
        listed = await client.ask("GET", "/api/tokens/patient/asha")
        assert token.id in listed.body.decode()
    await until(lambda: len(stored.relayed()) == 2)
    check(stored, ledger.answers)


async def test_a_second_start_on_the_file_says_so_in_one_line_and_exits(
    service: Service, stored: StoredInFile, tmp_path: Path
) -> None:
    await service.serve()
    second = Service(tmp_path, {})
    second.start()

    assert await second.ended(30) == 2
    assert second.log.count("\n") == 1
    assert "data/opd.sqlite is in use by another process" in second.log
    service.kill()
    await second.serve()
    second.end()
    assert stored.sheets() == []


async def test_of_two_starts_at_once_the_one_that_comes_second_says_so_in_one_line(
    tmp_path: Path,
) -> None:
    """The first has made its app, and serves nothing yet."""
    first = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import main; app = main.app; print(flush=True); input()"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert first.stdout is not None
    await first.stdout.readline()
    second = Service(tmp_path, {})
    second.start()

    assert await second.ended(30) == 2
    await first.communicate(b"\n")
    assert first.returncode == 0
    assert second.log.count("\n") == 1
    assert "data/opd.sqlite is in use by another process" in second.log


async def test_a_production_that_names_its_file_starts_without_another_database(
    tmp_path: Path,
) -> None:
    file = tmp_path / "clinic" / "opd.sqlite"
    await asyncio.to_thread(give_access_in, file)
    service = Service(tmp_path, {"ENVIRONMENT": "production", "EMBEDDED_FILE": str(file)})
    await service.serve()
    service.end()
    assert file.exists()
    assert "NOTHING" not in service.log


async def test_readyz_is_red_while_nothing_can_be_kept_and_green_again_after(
    service: Service, stored: StoredInFile
) -> None:
    await service.serve()
    await open_day(service.port, seats=[5])
    async with Client(service.port) as client:
        with closing(sqlite3.connect(stored.file, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            doctor = {"id": "bela", "name": "Dr Sen", "specialization": "Skin"}
            refused = await client.ask("POST", "/api/doctors", doctor, key="bela")
            assert refused.status == 503
            assert refused.code in ("outcome_unknown", "database_unavailable")

            red = await _readiness(client, 503)
            assert "opd.sqlite: database is locked" in red
            connection.execute("ROLLBACK")
            await _readiness(client, 200)
        assert (await client.ask("GET", "/api/doctors/bela")).status == 404
        added = await client.ask("POST", "/api/doctors", doctor, key="bela")
        assert added.status == 201


async def _readiness(client: Client, status: int) -> str:
    """Wait until `/readyz` answers so; what it says."""
    deadline = stopwatch() + 30
    while stopwatch() < deadline:
        reply = await client.ask("GET", "/readyz")
        if reply.status == status:
            return reply.body.decode()
        await asyncio.sleep(POLL_SECONDS)
    raise AssertionError(f"/readyz never was {status}")


@pytest.mark.parametrize(("trusted", "status"), [("", 403), ("127.0.0.1", 200)])
async def test_on_its_own_machine_too_it_believes_only_the_proxies_that_are_named(
    tmp_path: Path, trusted: str, status: int
) -> None:
    """That TLS ended in front of it is seen by the page to sign in, which needs it."""
    service = Service(tmp_path, {"ALLOWED_HOSTS": "*", "TRUSTED_PROXIES": trusted})
    try:
        await service.serve()
        headers = {"Host": "opd.example.org", "X-Forwarded-Proto": "https"}
        async with httpx.AsyncClient(timeout=60) as browser:
            page = await browser.get(f"http://127.0.0.1:{service.port}/sign-in", headers=headers)
        assert page.status_code == status
    finally:
        service.end()
