"""How a line is run holds on every day and in every process once it is acknowledged."""

import asyncio
from datetime import timedelta

import pytest

from services.opd import Opd
from tests.integration.houses import DAY, Houses, add_slot, asking, plan_day
from tests.integration.stored import Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration

DAYS = [DAY + timedelta(days=n) for n in range(24)]


async def configure(opd: Opd, **settings: object) -> None:
    await opd.configs.change(asking(opd), "asha", settings)


async def minutes_on(opd: Opd, slot_id: str) -> int | None:
    view = await opd.slots.get(make_caller(), slot_id)
    return view.sheet.config.consultation_minutes


async def test_all_processes_decide_by_a_change_once_it_is_acknowledged(houses: Houses) -> None:
    one, other = await houses.build(), await houses.build()
    (slot_id,) = await plan_day(one, seats=[9])
    for minutes in (7, 8, 9):
        assert await minutes_on(other, slot_id) != minutes
        await configure(one, consultationMinutes=minutes)
        assert await minutes_on(other, slot_id) == minutes


async def test_no_day_that_is_planned_meanwhile_misses_a_change(houses: Houses) -> None:
    one, other = await houses.build(), await houses.build()
    await plan_day(one, seats=[])

    async def plan_one_after_the_other() -> list[str]:
        return [await add_slot(other, "asha", "09:00", "10:00", day=day) for day in DAYS]

    async def change_again_and_again() -> None:
        for minutes in range(1, 4):
            await configure(one, consultationMinutes=minutes)

    planned, _ = await asyncio.gather(plan_one_after_the_other(), change_again_and_again())
    assert {await minutes_on(one, slot_id) for slot_id in planned} == {3}


async def test_two_changes_at_once_end_alike_on_every_day_and_lose_nothing(houses: Houses) -> None:
    one, other = await houses.build(), await houses.build()
    await plan_day(one, seats=[])
    slots = [await add_slot(one, "asha", "09:00", "10:00", day=day) for day in DAYS[:6]]
    for n in range(1, 4):
        await asyncio.gather(
            configure(one, consultationMinutes=n, maxSize=n),
            configure(other, consultationMinutes=100 + n, useHistory=bool(n % 2)),
        )
        settled = (await one.configs.get(make_caller(), "asha")).doctor.config
        assert (settled.max_size, settled.use_history) == (n, bool(n % 2))
        assert settled.consultation_minutes in (n, 100 + n)
        views = [await other.slots.get(make_caller(), slot_id) for slot_id in slots]
        assert all(view.sheet.config == settled for view in views)


async def test_what_a_crash_left_is_done_by_the_same_request_again(
    houses: Houses, stored: Stored
) -> None:
    opd = await houses.build()
    (slot_id,) = await plan_day(opd, seats=[5])
    asha = {"$set": {"config": {"consultationMinutes": 7, "change": 1}}}
    stored.doctors.update_one({"_id": "asha"}, asha)  # and then it crashed
    assert await minutes_on(opd, slot_id) is None
    await configure(opd, consultationMinutes=7)
    assert await minutes_on(opd, slot_id) == 7
