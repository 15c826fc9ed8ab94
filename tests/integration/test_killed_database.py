"""kill -9 of the database, and of its gateway, in the middle of load."""

import asyncio
import fcntl
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from config import Driver
from models.errors import DatabaseUnavailable, OutcomeUnknown
from services.clock import stopwatch
from services.health import LOOK_AGAIN, LOOK_SECONDS
from tests.conftest import name_database
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.houses import Houses, book, plan_day
from tests.integration.insistent_client import (
    InsistentClient,
    Ledger,
    booking,
    draw_source,
    open_day,
)
from tests.integration.invariants import check
from tests.integration.processes import until_so
from tests.integration.proxy import Loss, Proxy, store_writes
from tests.integration.stored import Stored
from tests.principals import make_caller

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(540),
    pytest.mark.xdist_group("a server of its own"),
]

RECOVERS_WITHIN = 3 * 5.0  # seconds from the return of the database to the next booking
RED_WITHIN = LOOK_AGAIN.seconds + LOOK_SECONDS + 1.0
PATIENCE = 6.0  # seconds; the driver looks for a server for three
AT_ONCE = 1.0  # seconds; a refusal takes some milliseconds
THINK_SECONDS = 0.02
ALLOWED = {"200", "201", "409 slot_full", "503 busy", "503 outcome_unknown"}
ALLOWED |= {"503 database_unavailable", "503 clock_off"}


class OwnServer:
    """A database server that nobody else uses."""

    def __init__(self, program: str, instance: int) -> None:
        self._program = program
        self._env = {**os.environ, "TESTDB_INSTANCE": str(instance)}

    def run(self, verb: str) -> str:
        """Have the program do it."""
        done = subprocess.run(
            [self._program, verb],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
            timeout=150,
        )
        return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def own_server() -> Iterator[OwnServer]:
    """The first instance that no other run of these tests holds."""
    program = os.environ.get("TESTDB", "")
    if not program:
        pytest.skip("TESTDB names no program that starts a database of our own")
    for instance in range(1, 10):
        with (Path(tempfile.gettempdir()) / f"opd-testdb-{instance}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            server = OwnServer(program, instance)
            server.run("up")
            yield server
            server.run("down")
            return
    pytest.skip("nine runs of these tests hold all instances")


@pytest.fixture
def address(own_server: OwnServer) -> Iterator[str]:
    """A database on the server that will be killed."""
    named = name_database(own_server.run("up"))
    yield named
    own_server.run("up")
    Stored(named).drop()


@pytest.mark.parametrize("verb", ["crash", "cut"])
async def test_a_killed_database_costs_no_acknowledged_booking(
    start_services: StartServices,
    own_server: OwnServer,
    stored: Stored,
    chance: random.Random,
    verb: str,
) -> None:
    services = await start_services(2)  # one by each driver
    slots = await open_day(services[0].port, seats=[60] * 4)
    slots += await open_day(services[1].port, "bela", seats=[60] * 4)
    ledger = Ledger()
    comers = count()
    over = asyncio.Event()

    async def sit(n: int) -> None:
        async with InsistentClient([services[n % 2].port], ledger) as insistent:
            while not over.is_set():
                patient = f"patient{next(comers)}"
                token = await insistent.book(chance.choice(slots), patient, draw_source(chance))
                if token is not None and chance.random() < 0.3:
                    await insistent.cancel(token.id)
                await insistent.insist("GET", f"/api/tokens/queue/{chance.choice(slots)}")
                await asyncio.sleep(THINK_SECONDS * chance.random())

    load = [asyncio.create_task(sit(n)) for n in range(12)]
    away, back = [], []
    for _ in range(2):
        await ledger.grow(60, 30)
        began = stopwatch()
        await asyncio.to_thread(own_server.run, verb)
        await asyncio.to_thread(own_server.run, "up")
        away.append(stopwatch() - began)
        back.append(await ledger.grow(40, RECOVERS_WITHIN))
        await asyncio.gather(*(service.ready(RECOVERS_WITHIN) for service in services))
    over.set()
    await asyncio.gather(*load)

    sys.stdout.write(f"{verb}: {dict(ledger.statuses)}; away {away} s, then back within {back} s\n")
    check(stored, ledger.answers)
    assert not ledger.odd
    assert ledger.statuses.keys() <= ALLOWED
    assert sorted(ledger.patients) == sorted(token.patient.id for token in stored.tokens())
    assert all(service.running for service in services)


async def test_a_database_that_is_dead_behind_its_gateway_is_red_and_refuses_writes_at_once(
    start_services: StartServices, own_server: OwnServer, address: str
) -> None:
    (service,) = await start_services(1, on=address)
    (slot,) = await open_day(service.port, seats=[5])
    own_server.run("crash")
    async with Client(service.port) as client:

        async def is_red() -> bool:
            return (await client.ask("GET", "/readyz")).status == 503

        took = await until_so(is_red)
        began = stopwatch()
        refused = await client.ask("POST", "/api/tokens/book", booking(slot, "patient"))
        answered = stopwatch() - began
        await asyncio.to_thread(own_server.run, "up")
        began = stopwatch()
        await service.ready(RECOVERS_WITHIN)
        back = stopwatch() - began

        async def is_taken() -> bool:  # who asks is known a quarter of a second later at most
            asked = booking(slot, "patient")
            return (await client.ask("POST", "/api/tokens/book", asked, key="k")).status == 201

        known = await until_so(is_taken, 2.0)

    sys.stdout.write(f"red after {took:.2f} s, refused in {answered:.3f} s, back in {back:.2f} s\n")
    assert took < RED_WITHIN
    assert (refused.status, refused.code) == (503, "database_unavailable")
    assert answered < AT_ONCE
    assert known < 1


async def test_what_finds_no_gateway_to_be_sent_to_changed_nothing_and_is_told_so(
    houses: Houses, own_server: OwnServer, stored: Stored, driver: Driver
) -> None:
    """Before a look at the database has said that it is gone."""
    opd = await houses.build(driver=driver)
    (slot,) = await plan_day(opd, seats=[5])
    await asyncio.to_thread(own_server.run, "cut")
    with pytest.raises(DatabaseUnavailable):
        await opd.slots.get(
            make_caller(), slot
        )  # a write would be sent on the connection that broke

    with pytest.raises(DatabaseUnavailable):
        await book(opd, slot, "unsent")
    await asyncio.to_thread(own_server.run, "up")
    await book(opd, slot, "later")

    assert [token.patient.id for token in stored.tokens()] == ["later"]


async def test_what_a_gateway_took_before_it_went_is_never_called_unsent(
    houses: Houses, own_server: OwnServer, stored: Stored, proxy: Proxy, driver: Driver
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    (slot,) = await plan_day(opd, seats=[5])
    opd.writer.patience = PATIENCE
    proxy.lose(store_writes, Loss.NOT_ANSWERED_YET)
    asked = asyncio.create_task(book(opd, slot, "sent"))
    await proxy.met()
    await asyncio.to_thread(own_server.run, "cut")
    await proxy.close()

    with pytest.raises(OutcomeUnknown):
        await asked
    await asyncio.to_thread(own_server.run, "up")
    assert [token.patient.id for token in stored.tokens()] == ["sent"]


async def test_a_service_started_before_its_database_serves_when_that_comes(
    start_services: StartServices, own_server: OwnServer, address: str
) -> None:
    own_server.run("down")
    (service,), _ = await asyncio.gather(
        start_services(1, on=address), asyncio.to_thread(own_server.run, "up")
    )
    (slot,) = await open_day(service.port, seats=[5])
    async with InsistentClient([service.port], Ledger()) as insistent:
        assert await insistent.book(slot, "patient") is not None
