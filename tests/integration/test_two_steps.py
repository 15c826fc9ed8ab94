"""What takes two writes comes out right when a crash or another falls in between."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.commands import Decline, ReserveHours
from models.errors import SlotOverlap
from services.opd import Opd
from tests.integration.houses import DAY, Houses, add_slot, allocate, asking, plan_day
from tests.integration.invariants import Booked
from tests.integration.proxy import Loss, Proxy, store_writes
from tests.integration.stored import Stored

pytestmark = pytest.mark.integration

NEXT_DAY = DAY + timedelta(days=1)
NEXT_SHEET = f"asha-{NEXT_DAY:%Y%m%d}"
MIDNIGHT = datetime.combine(NEXT_DAY, datetime.min.time(), ZoneInfo("Asia/Kolkata"))
NIGHT = f"asha-{DAY:%Y%m%d}-2300"


# Slots past midnight


async def hold_as_a_crash_leaves_it(opd: Opd) -> None:
    """The first step of adding the slot `NIGHT`, from 23:00 to 01:00, and no second one."""
    hours = timedelta(hours=1)
    command = ReserveHours(
        actor="desk", slot_id=NIGHT, start=MIDNIGHT - hours, end=MIDNIGHT + hours
    )
    await opd.writer.submit(NEXT_SHEET, command)


def holders(stored: Stored) -> list[str]:
    """The slots for which the next day reserves hours."""
    return stored.day_sheets.distinct("reservedHours.slotId", {"_id": NEXT_SHEET})


async def add_on_next_day(opd: Opd, start: str = "00:30", doctor: str = "asha") -> str:
    return await add_slot(opd, doctor, start, "02:00", day=NEXT_DAY)


async def test_hours_left_by_a_crash_are_freed_after_five_minutes(houses: Houses) -> None:
    opd = await houses.build()
    await plan_day(opd, seats=[])
    await hold_as_a_crash_leaves_it(opd)

    houses.clock.advance(timedelta(minutes=5) - timedelta(milliseconds=1))
    with pytest.raises(SlotOverlap):
        await add_on_next_day(opd)
    houses.clock.advance(timedelta(milliseconds=1))
    await add_on_next_day(opd)

    with pytest.raises(SlotOverlap):
        await add_slot(opd, "asha", "23:00", "01:00")


async def test_a_repeat_after_a_crash_adds_the_slot_to_the_hours_that_are_reserved(
    houses: Houses, stored: Stored
) -> None:
    opd = await houses.build()
    await plan_day(opd, seats=[])
    await hold_as_a_crash_leaves_it(opd)

    assert await add_slot(opd, "asha", "23:00", "01:00") == NIGHT

    assert holders(stored) == [NIGHT]
    houses.clock.advance(timedelta(minutes=10))
    with pytest.raises(SlotOverlap):
        await add_on_next_day(opd)


async def test_the_same_slot_with_another_end_waits_until_the_hours_are_freed(
    houses: Houses, stored: Stored
) -> None:
    opd = await houses.build()
    await plan_day(opd, seats=[])
    await add_slot(opd, "asha", "02:00", "04:00", day=NEXT_DAY)
    await hold_as_a_crash_leaves_it(opd)

    for end in ("00:30", "02:00", "06:00"):
        with pytest.raises(SlotOverlap):
            await add_slot(opd, "asha", "23:00", end)
    houses.clock.advance(timedelta(minutes=5))
    with pytest.raises(SlotOverlap):
        await add_slot(opd, "asha", "23:00", "06:00")
    assert await add_slot(opd, "asha", "23:00", "02:00") == NIGHT

    assert holders(stored) == [NIGHT]
    with pytest.raises(SlotOverlap):
        await add_slot(opd, "asha", "01:30", "02:00", day=NEXT_DAY)


async def test_hours_left_for_a_slot_that_ends_before_midnight_are_freed(houses: Houses) -> None:
    opd = await houses.build()
    await plan_day(opd, seats=[])
    await hold_as_a_crash_leaves_it(opd)
    await add_slot(opd, "asha", "23:00", "23:30")

    with pytest.raises(SlotOverlap):
        await add_on_next_day(opd)
    houses.clock.advance(timedelta(minutes=5))
    await add_on_next_day(opd)


async def test_of_two_who_add_one_slot_at_once_the_loser_frees_no_hours(
    houses: Houses, stored: Stored
) -> None:
    opds = [await houses.build(), await houses.build()]
    await plan_day(opds[0], seats=[])

    answers = await asyncio.gather(
        *(add_slot(opd, "asha", "23:00", "01:00") for opd in opds), return_exceptions=True
    )

    assert [type(answer) for answer in answers if answer != NIGHT] == [SlotOverlap]
    assert holders(stored) == [NIGHT]
    with pytest.raises(SlotOverlap):
        await add_on_next_day(opds[0])


async def test_slots_of_two_days_added_at_once_never_overlap(
    houses: Houses, stored: Stored
) -> None:
    opds = [await houses.build(), await houses.build()]
    doctors = [f"doctor{n}" for n in range(10)]
    for doctor in doctors:
        await plan_day(opds[0], doctor, seats=[])

    answers = await asyncio.gather(
        *(add_slot(opds[0], doctor, "23:00", "01:00") for doctor in doctors),
        *(add_on_next_day(opds[1], doctor=doctor) for doctor in doctors),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, SlotOverlap) for answer in answers) == len(doctors)
    added = [slot.id for sheet in stored.sheets() for slot in sheet.slots]
    assert sorted(slot_id.split("-")[0] for slot_id in added) == sorted(doctors)


async def test_hours_are_stored_on_a_day_that_has_slots_already(
    houses: Houses, stored: Stored
) -> None:
    here, there = await houses.build(), await houses.build()
    await plan_day(here, seats=[])
    await add_slot(here, "asha", "09:00", "10:00", day=NEXT_DAY)

    await add_slot(here, "asha", "23:00", "01:00")

    assert holders(stored) == [NIGHT]
    with pytest.raises(SlotOverlap):
        await add_on_next_day(there)


# The claim of allocate


async def claim_and_book_no_more(slow: Opd, proxy: Proxy) -> "asyncio.Task[Booked]":
    """An attempt that has claimed asha's day, and whose booking is held on its way."""
    proxy.lose(store_writes, Loss.HELD)
    late = asyncio.create_task(allocate(slow, "the-key"))
    await proxy.met()
    return late


async def test_a_repeat_books_on_the_claimed_sheet_though_another_suits_better(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    slow, quick = await houses.build(through_proxy=True), await houses.build()
    await plan_day(quick, seats=[5])
    late = await claim_and_book_no_more(slow, proxy)
    await plan_day(quick, "bela", seats=[])
    await add_slot(quick, "bela", "07:00", "08:00")

    answer = await allocate(quick, "the-key")
    proxy.release()

    assert answer.slot_id.startswith("asha-")
    assert (await late).token_id == answer.token_id
    assert len(stored.tokens()) == 1


async def test_a_repeat_leaves_out_a_sheet_that_declined_before_a_crash(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    slow, quick = await houses.build(through_proxy=True), await houses.build()
    (slot,) = await plan_day(quick, seats=[5])
    await plan_day(quick, "bela", seats=[5])
    late = await claim_and_book_no_more(slow, proxy)
    key = asking(quick, key="the-key").key_hash()
    sheet_id = slot.rpartition("-")[0]
    await quick.writer.submit(sheet_id, Decline(actor="desk", key=key))

    answer = await allocate(quick, "the-key")
    proxy.release()

    assert answer.slot_id.startswith("bela-")
    assert (await late).token_id == answer.token_id
    assert len(stored.tokens()) == 1
