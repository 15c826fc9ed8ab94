"""A retirement reaches every day of the doctor's, whatever another process plans meanwhile."""

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.commands import AddSlot
from models.errors import DoctorRetired
from models.ids import make_sheet_id
from services.opd import Opd
from services.requests import DoctorChange
from tests.integration.houses import DAY, Houses, add_slot, asking, book, plan_day
from tests.integration.stored import Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration

DAYS = [DAY + timedelta(days=n) for n in range(24)]


async def retire(opd: Opd, *, retired: bool = True) -> None:
    await opd.doctors.change(asking(opd), "asha", DoctorChange(retired=retired))


async def _plan(opd: Opd, day: date) -> str | None:
    """The id of a day's first slot, None when it was refused."""
    try:
        return await add_slot(opd, "asha", "09:00", "10:00", day=day)
    except DoctorRetired:
        return None


async def test_no_first_slot_slips_past_a_retirement(houses: Houses) -> None:
    one, other = await houses.build(), await houses.build()
    await plan_day(one, seats=[1])

    async def plan_one_after_the_other() -> list[str | None]:
        return [await _plan(other, day) for day in DAYS]

    planned, _ = await asyncio.gather(plan_one_after_the_other(), retire(one))
    assert None in planned
    for slot_id in filter(None, planned):
        with pytest.raises(DoctorRetired):
            await book(other, slot_id, "p1")


async def test_a_day_that_was_announced_before_takes_no_slot_after(
    houses: Houses, stored: Stored
) -> None:
    """As if the process that plans it stopped in between, and went on."""
    opd = await houses.build()
    await plan_day(opd, seats=[])
    stored.doctors.update_one({"_id": "asha"}, {"$addToSet": {"days": f"{DAY}"}})
    await retire(opd)
    nine = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=ZoneInfo("Asia/Kolkata"))
    sheet_id = make_sheet_id("asha", DAY)
    slot = AddSlot(
        actor="desk",
        slot_id=f"{sheet_id}-0900",
        start=nine,
        end=nine + timedelta(hours=1),
        max_capacity=1,
    )
    with pytest.raises(DoctorRetired):
        await opd.writer.submit(sheet_id, slot)


async def test_what_a_crash_left_is_done_by_the_same_request_again(
    houses: Houses, stored: Stored
) -> None:
    opd = await houses.build()
    (slot_id,) = await plan_day(opd, seats=[5])
    asha = {"$set": {"tenure": {"retired": True, "change": 1}}}
    stored.doctors.update_one({"_id": "asha"}, asha)  # and then it crashed
    await book(opd, slot_id, "p1")
    await retire(opd)
    with pytest.raises(DoctorRetired):
        await book(opd, slot_id, "p2")


async def test_leaving_and_coming_back_at_once_end_alike_on_every_day(houses: Houses) -> None:
    one, other = await houses.build(), await houses.build()
    await plan_day(one, seats=[])
    slots = [await add_slot(one, "asha", "09:00", "10:00", seats=9, day=day) for day in DAYS[:8]]
    for _ in range(3):
        await asyncio.gather(retire(one), retire(other, retired=False))
        retired = (await one.doctors.get(make_caller(), "asha")).tenure.retired
        views = [await other.slots.get(make_caller(), slot_id) for slot_id in slots]
        assert {view.sheet.tenure.retired for view in views} == {retired}
