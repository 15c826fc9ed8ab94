"""Who watches at one process is told what happens at any."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from models.access import Role
from services.clock import ManualClock
from services.ids import Ids
from tests.api.service import OPENING, GivenSettings
from tests.principals import as_, knowing, make_principal
from tests.watching.asking import SLOT, watch
from tests.watching.served import EventSource, Served, served

pytestmark = pytest.mark.integration

BOOKINGS = 40


async def _seqs(source: EventSource, last: int) -> list[int]:
    """Of all that is told, up to that event."""
    told: list[int] = []
    while not told or told[-1] < last:
        told += (await source.next()).seqs
    return told


@asynccontextmanager
async def _two(address: str) -> AsyncIterator[tuple[Served, Served]]:
    """Two services on one database, with a doctor who has an hour of seats."""
    settings, clock = GivenSettings(mongodb_uri=SecretStr(address)), ManualClock(OPENING)
    door = knowing(make_principal("admin", Role.ADMIN), make_principal("desk", Role.RECEPTIONIST))
    async with (
        served(settings, clock, Ids(random.Random(1)), door) as one,
        served(settings, clock, Ids(random.Random(2)), door) as other,
    ):
        for service in (one, other):
            service.api.client.headers.update(as_("admin"))
        await one.api.add_doctor(id="rao")
        await one.api.add_slot("rao", seats=BOOKINGS)
        yield one, other


async def test_each_is_told_all_and_nothing_twice_whoever_booked(address: str) -> None:
    async with _two(address) as (one, other), watch(one) as here, watch(other) as there:
        told = [asyncio.create_task(_seqs(source, BOOKINGS + 1)) for source in (here, there)]
        await asyncio.gather(
            *((one, other)[n % 2].api.book(SLOT, f"p{n}") for n in range(BOOKINGS))
        )
        everything = list(range(1, BOOKINGS + 2))
        for seqs in await asyncio.gather(*told):
            assert seqs == everything[-len(seqs) :]
            assert len(seqs) >= BOOKINGS


async def test_who_goes_from_one_to_the_other_is_told_all_and_nothing_twice(address: str) -> None:
    """Though others watch at both, and so each goes by what it saw itself."""
    async with _two(address) as (one, other), watch(one), watch(other):
        await one.has_copied(1)
        told = [1]
        for n in range(BOOKINGS):
            await one.api.book(SLOT, f"p{n}")
            async with watch((one, other)[n % 2], f"?doctorId=rao&after={told[-1]}") as source:
                told += await _seqs(source, told[-1] + 1)
        assert told == list(range(1, BOOKINGS + 2))
