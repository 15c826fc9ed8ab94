"""However many processes write one doctor's day, each caller is served in time."""

import asyncio

import pytest

from models.errors import Busy
from services.clock import stopwatch
from services.opd import Opd
from tests.integration.houses import Houses, book, plan_day
from tests.integration.invariants import Answer, check
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(360)]

STORES = 16
CALLERS = 4
EACH = 4


async def test_no_caller_of_sixteen_stores_on_one_sheet_is_told_busy(
    houses: Houses, stored: Stored
) -> None:
    stores = [await houses.build() for _ in range(STORES)]
    (slot,) = await plan_day(stores[0], seats=[STORES * CALLERS * EACH])
    answers: list[Answer] = []
    slowest = 0.0
    busy = 0

    async def keep_booking(opd: Opd, who: str) -> None:
        nonlocal slowest, busy
        for n in range(EACH):
            began = stopwatch()
            try:
                answers.append(await book(opd, slot, f"{who}.{n}"))
            except Busy:
                busy += 1
            slowest = max(slowest, stopwatch() - began)

    await asyncio.gather(
        *(
            keep_booking(opd, f"patient{store}.{caller}")
            for store, opd in enumerate(stores)
            for caller in range(CALLERS)
        )
    )

    assert (busy, len(answers)) == (0, STORES * CALLERS * EACH), f"the slowest took {slowest:.1f} s"
    check(stored, answers)
    # Without turns 300 and more are lost; the slowest then waits for all others to end.
    lost = houses.metrics.registry.get_sample_value("opd_conflicts_total")
    assert lost is not None
    assert lost < 0.75 * len(answers)
