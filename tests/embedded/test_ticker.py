"""What time alone brings is done on every sheet that is due, by one process at a time."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from database import Database
from models.ids import make_sheet_id
from models.patient import Newcomer
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from services.ids import Ids
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewBooking, NewDoctor, NewSlot
from services.store.collections import DAY_SHEETS
from services.store.migrations import prepare
from services.ticker import AT_ONCE
from tests.api.service import DAY, HOME, OPENING, GivenSettings, at
from tests.principals import make_caller

DESK = make_caller("desk")
MIDNIGHT = at("00:00", days=1)


@pytest.fixture
def clock() -> ManualClock:
    """Stands at the opening of `DAY`."""
    return ManualClock(OPENING)


def build(database: Database, clock: ManualClock, seed: int) -> Opd:
    """A process; its name comes of the seed."""
    return build_opd(GivenSettings(), database, clock, Ids(random.Random(seed)), Metrics())


@pytest.fixture
async def opd(database: Database, clock: ManualClock) -> AsyncIterator[Opd]:
    await prepare(database, clock, "process", HOME)
    built = build(database, clock, 1)
    yield built
    await built.ticker.stop()
    await built.stop()


async def booked(opd: Opd, doctor: str) -> str:
    """A token BOOKED with a doctor of that name on `DAY`."""
    await opd.doctors.add(DESK, NewDoctor(name="Rao", specialization="ENT", doctor_id=doctor))
    made = await opd.slots.add(
        DESK, NewSlot(doctor_id=doctor, day=DAY, start_time="10:00", end_time="11:00")
    )
    asked = NewBooking(
        slot_id=made.slot.timed.slot.id, source=Source.WALKIN, patient=Newcomer(name="Meera")
    )
    return (await opd.bookings.book(DESK, asked)).token.token.id


async def status(opd: Opd, token_id: str) -> Status:
    return (await opd.tokens.get(DESK, token_id)).token.status


async def test_every_day_ends_at_its_time_and_only_once(opd: Opd, clock: ManualClock) -> None:
    tokens = [await booked(opd, f"rao{n}") for n in range(AT_ONCE + 2)]
    clock.set(MIDNIGHT - timedelta(milliseconds=1))
    assert await opd.ticker.tick() == 0
    clock.set(MIDNIGHT)
    await opd.ticker.turn()
    assert {await status(opd, token) for token in tokens} == {Status.NO_SHOW}
    assert await opd.ticker.tick() == 0


async def test_who_is_called_in_vain_is_missed_by_the_clock_alone(
    opd: Opd, clock: ManualClock
) -> None:
    token = await booked(opd, "rao")
    for step in (Status.CHECKED_IN, Status.CALLED):
        await opd.tokens.change_status(DESK, token, step)
    clock.set(OPENING + timedelta(minutes=15))
    await opd.ticker.turn()
    assert await status(opd, token) is Status.MISSED


async def test_a_day_that_fails_stops_no_other_and_is_tried_again_in_a_minute(
    opd: Opd, database: Database, clock: ManualClock
) -> None:
    bad, good = await booked(opd, "bad"), await booked(opd, "good")
    where = {"_id": make_sheet_id("bad", DAY)}
    sheets = DAY_SHEETS.of(database)
    await sheets.update(where, {"$set": {"slots": "gone"}, "$inc": {"version": 1}})
    whole = await sheets.find_one({"_id": make_sheet_id("good", DAY)})
    assert whole is not None
    clock.set(MIDNIGHT)
    await opd.ticker.turn()
    assert await status(opd, good) is Status.NO_SHOW
    assert await opd.ticker.tick() == 0
    slots = [{**slot} for slot in whole["slots"]]  # type: ignore[attr-defined]  # stored as a list
    await sheets.update(where, {"$set": {"slots": slots}, "$inc": {"version": 1}})
    clock.advance(timedelta(minutes=1))
    assert await opd.ticker.tick() == 1
    assert await status(opd, bad) is Status.NO_SHOW


async def test_a_day_that_is_asked_too_early_is_asked_again(
    opd: Opd, database: Database, clock: ManualClock
) -> None:
    """As one whose time was stored under another setting."""
    token = await booked(opd, "rao")
    early = {"$set": {"tickAt": OPENING}, "$inc": {"version": 1}}
    await DAY_SHEETS.of(database).update({"_id": make_sheet_id("rao", DAY)}, early)
    await opd.ticker.turn()
    assert await status(opd, token) is Status.BOOKED
    clock.set(MIDNIGHT)
    await opd.ticker.turn()
    assert await status(opd, token) is Status.NO_SHOW


async def test_one_process_at_a_time_looks_and_another_goes_on(
    opd: Opd, database: Database, clock: ManualClock
) -> None:
    token = await booked(opd, "rao")
    for step in (Status.CHECKED_IN, Status.CALLED):
        await opd.tokens.change_status(DESK, token, step)
    other = build(database, clock, 2)
    clock.set(OPENING + timedelta(minutes=15) - timedelta(seconds=1))
    await other.ticker.turn()  # it has the lease now, for a few seconds
    clock.advance(timedelta(seconds=1))
    await opd.ticker.turn()
    assert await status(opd, token) is Status.CALLED
    clock.advance(timedelta(minutes=1))
    await opd.ticker.turn()  # the other is gone
    assert await status(opd, token) is Status.MISSED
