"""kill -9 of the service in the middle of load: nothing acknowledged is lost, nothing doubled."""

import asyncio
import random
import sys
from itertools import count

import pytest

from services.clock import stopwatch
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import InsistentClient, Ledger, draw_source, open_day
from tests.integration.invariants import check
from tests.integration.processes import until
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

KILLS = 20
SERVES_WITHIN = 3 * 3.0  # seconds
SHEETS = 10
THINK_SECONDS = 0.02
"""A desk's pause between two patients: the days must not fill up before the last kill."""


async def test_twenty_kills_lose_and_double_nothing(
    start_services: StartServices, stored: Stored, chance: random.Random
) -> None:
    services = await start_services(2)
    days = [await open_day(services[0].port, f"doctor{n}", seats=[60] * 4) for n in range(SHEETS)]
    slots = [slot for day in days for slot in day]
    ledger = Ledger()
    comers = count()
    over = asyncio.Event()

    async def sit(n: int) -> None:
        ports = [service.port for service in services[:: 1 if n % 2 else -1]]
        async with InsistentClient(ports, ledger) as insistent:
            while not over.is_set():
                patient = f"patient{next(comers)}"
                token = await insistent.book(chance.choice(slots), patient, draw_source(chance))
                if token is not None and chance.random() < 0.3:
                    await insistent.cancel(token.id)
                await asyncio.sleep(THINK_SECONDS * chance.random())

    load = [asyncio.create_task(sit(n)) for n in range(6)]
    waits = []
    for n in range(KILLS):
        await ledger.grow(chance.randint(5, 25))
        victim = services[n % 2]
        victim.kill()
        began = stopwatch()
        victim.start()
        await ledger.grow(5)  # the other goes on
        await victim.ready()
        waits.append(stopwatch() - began)
    over.set()
    await asyncio.gather(*load)

    sys.stdout.write(
        f"{dict(ledger.statuses)}; restart to ready: mean {sum(waits) / KILLS:.2f} s, "
        f"worst {max(waits):.2f} s\n"
    )
    check(stored, ledger.answers)
    assert not ledger.odd
    assert sorted(ledger.patients) == sorted(token.patient.id for token in stored.tokens())
    assert max(waits) < SERVES_WITHIN
    assert ledger.statuses["gone"] > 0


async def test_what_a_killed_process_had_booked_the_others_tell(
    start_services: StartServices, stored: Stored
) -> None:
    """Events that it had not copied yet are swept up by the one that lives."""
    killed, living = await start_services(2)
    slots = await open_day(killed.port, seats=[50] * 4)
    ledger = Ledger()

    async def sit(n: int) -> None:
        async with InsistentClient([killed.port, living.port], ledger) as insistent:
            for turn in range(20):
                await insistent.book(slots[turn % 4], f"patient{n}.{turn}")

    load = [asyncio.create_task(sit(n)) for n in range(8)]
    await ledger.grow(60)
    killed.kill()
    await asyncio.gather(*load)

    await until(lambda: not any(sheet.outbox for sheet in stored.sheets()), 30)
    check(stored, ledger.answers)
    booked = {event.token_id for event in stored.relayed() if event.before is None}
    assert {token.id for token in stored.tokens()} <= booked
    assert len(stored.tokens()) == 160
