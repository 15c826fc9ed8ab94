"""A database that takes the line and never answers: who asks learns it within ten seconds."""

import asyncio
from collections.abc import Awaitable, Coroutine
from time import perf_counter

import pytest

from config import Driver
from models.errors import DatabaseUnavailable, OutcomeUnknown, Unavailable
from services.requests import NewDoctor
from tests.integration.houses import Houses, book, plan_day
from tests.integration.proxy import Loss, Proxy
from tests.principals import make_caller

pytestmark = pytest.mark.integration

MOST_SECONDS = 10
ASKED = {"find", "insert", "update"}
Told = tuple[type[Exception] | None, float]


async def fate(asked: Awaitable[object]) -> Told:
    """How it was refused, and after how many seconds."""
    began = perf_counter()
    try:
        await asked
    except Unavailable as refusal:
        return type(refusal), perf_counter() - began
    return None, perf_counter() - began


async def started(asked: Coroutine[None, None, Told]) -> "asyncio.Task[Told]":
    """Under way before the next one asks, so that the two share no query."""
    task = asyncio.create_task(asked)
    for _ in range(10):
        await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("driver", Driver)
async def test_whoever_asks_learns_it_within_ten_seconds(
    houses: Houses, proxy: Proxy, driver: Driver
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    (slot,) = await plan_day(opd, seats=[5])
    token = await book(opd, slot, "patient")
    # It greets whoever comes, so that the driver believes in it and asks once more.
    proxy.lose(lambda request: request.command in ASKED, Loss.HELD, times=10_000)

    new = NewDoctor(name="Dr Bose", specialization="Eye")
    queue, added, *others = await asyncio.gather(
        *[
            await started(fate(asked))
            for asked in (
                opd.tokens.queue(make_caller(), slot),
                opd.doctors.add(make_caller(), new),
                opd.slots.get(make_caller(), slot),
                opd.doctors.get(make_caller(), "asha"),
                opd.doctors.get(make_caller(), "asha"),
                opd.tokens.of_patient(make_caller(), "patient"),
                opd.tokens.get(
                    make_caller(), token.token_id
                ),  # two reads are under way: it waits for one
                opd.doctors.get(make_caller(), "asha"),
            )
        ]
    )

    assert queue[0] is DatabaseUnavailable
    assert added[0] is OutcomeUnknown
    assert [refusal for refusal, _ in others] == [DatabaseUnavailable] * len(others)
    assert max(seconds for _, seconds in (queue, added, *others)) < MOST_SECONDS
