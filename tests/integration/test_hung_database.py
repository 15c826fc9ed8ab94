"""A database that takes the line and never answers: who asks learns it within ten seconds."""

import asyncio
from collections.abc import Awaitable
from time import perf_counter

import pytest

from config import Driver
from models.errors import DatabaseUnavailable, OutcomeUnknown, Unavailable
from services.caller import Caller
from services.requests import NewDoctor
from tests.integration.houses import Houses, book, plan_day
from tests.integration.proxy import Loss, Proxy

pytestmark = pytest.mark.integration

MOST_SECONDS = 10


async def fate(asked: Awaitable[object]) -> tuple[type[Exception] | None, float]:
    """How it was refused, and after how many seconds."""
    began = perf_counter()
    try:
        await asked
    except Unavailable as refusal:
        return type(refusal), perf_counter() - began
    return None, perf_counter() - began


@pytest.mark.parametrize("driver", Driver)
async def test_whoever_asks_learns_it_within_ten_seconds(
    houses: Houses, proxy: Proxy, driver: Driver
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    (slot,) = await plan_day(opd, seats=[5])
    token = await book(opd, slot, "patient")
    proxy.lose(lambda _: True, Loss.HELD, times=10_000)

    new = NewDoctor(name="Dr Bose", specialization="Eye")
    first = [
        asyncio.create_task(fate(opd.tokens.queue(slot))),
        asyncio.create_task(fate(opd.doctors.add(Caller(actor="desk"), new))),
        asyncio.create_task(fate(opd.doctors.get("asha"))),
        asyncio.create_task(fate(opd.tokens.of_patient("patient"))),
    ]
    await proxy.met(3)  # these are on their way, and the next ones wait for them
    later = [
        asyncio.create_task(fate(opd.tokens.get(token.token_id))),
        asyncio.create_task(fate(opd.slots.get(slot))),
        asyncio.create_task(fate(opd.doctors.get("asha"))),
    ]
    (queue, added, *rest) = await asyncio.gather(*first, *later)

    assert queue[0] is DatabaseUnavailable
    assert added[0] is OutcomeUnknown
    assert [refusal for refusal, _ in rest] == [DatabaseUnavailable] * len(rest)
    assert max(seconds for _, seconds in (queue, added, *rest)) < MOST_SECONDS
