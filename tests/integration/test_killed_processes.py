"""kill -9 of the service in the middle of load: nothing acknowledged is lost, nothing doubled."""

import asyncio
import random

import pytest

from tests.integration.conftest import StartServices
from tests.integration.insistent_client import InsistentClient, Ledger, open_day
from tests.integration.invariants import check
from tests.integration.kills import kill_under_load
from tests.integration.processes import until
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

KILLS = 20


async def test_twenty_kills_lose_and_double_nothing(
    start_services: StartServices, stored: Stored, chance: random.Random
) -> None:
    ledger, _ = await kill_under_load(start_services, chance, KILLS)

    check(stored, ledger.answers)
    assert not ledger.odd
    assert sorted(ledger.patients) == sorted(token.patient.id for token in stored.tokens())
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
