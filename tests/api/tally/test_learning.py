"""What is learned from days that are past, and how often what was told came true."""

import random
from datetime import date, timedelta

import msgspec
import pytest

from database import Database
from engine.accuracy import Accuracy
from models.doctor_session import SessionState
from models.experience import Experience
from models.patient import Newcomer
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from services.ids import Ids
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewBooking, NewDoctor, NewSlot, NextCall
from services.store.collections import DAY_HOURS, EXPERIENCES
from tests.api.service import DAY, GivenSettings, at
from tests.api.tally.day import SHEET, check_in_another, copy, numbers
from tests.principals import make_caller

pytestmark = pytest.mark.both_databases


async def _minutes_told(opd: Opd, day: date) -> float:
    """What the second of two is told to wait behind the first, in minutes."""
    caller = make_caller()
    asked = NewSlot(doctor_id="rao", day=day, start_time="09:00", end_time="10:00")
    slot_id = (await opd.slots.add(caller, asked)).slot.timed.slot.id
    first, second = [
        (
            await opd.bookings.book(
                caller,
                NewBooking(slot_id=slot_id, source=Source.WALKIN, patient=Newcomer(name=name)),
            )
        ).token.standing.estimated_time
        for name in ("Ravi", "Sita")
    ]
    assert first is not None
    assert second is not None
    return (second - first) / timedelta(minutes=1)


async def test_of_a_day_that_is_past_is_learned_and_of_today_nothing(
    opd: Opd, clock: ManualClock
) -> None:
    await numbers(opd)
    assert await _minutes_told(opd, DAY + timedelta(days=7)) == 10
    clock.set(at("00:00", days=1))
    await numbers(opd)
    # One consultation of 30 minutes, beside five of ten minutes that are supposed; nine of ten come.
    assert await _minutes_told(opd, DAY + timedelta(days=8)) > 11


async def test_of_a_day_that_goes_on_past_midnight_is_learned_once_it_is_over(
    opd: Opd, clock: ManualClock, database: Database
) -> None:
    """What its end makes of those who did not come is learned too."""
    await check_in_another(opd)
    clock.set(at("00:00", days=1))
    await numbers(opd)
    assert await EXPERIENCES.of(database).find({}) == []
    await opd.ticker.tick()
    await copy(opd)
    await numbers(opd)
    (learned,) = await EXPERIENCES.of(database).find({})
    assert learned["upTo"] == f"{DAY}"


async def test_learned_from_scratch_the_past_is_the_same(
    opd: Opd, clock: ManualClock, database: Database
) -> None:
    clock.set(at("00:00", days=1))
    await numbers(opd)
    stored = EXPERIENCES.of(database)
    (before,) = await stored.find({})
    assert before["_id"] == "rao"
    await stored.delete({"_id": "rao"})
    for document in await DAY_HOURS.of(database).find({}):
        await DAY_HOURS.of(database).delete({"_id": document["_id"]})
    await numbers(opd)
    assert await stored.find({}) == [before]


async def test_how_often_what_was_told_came_true_is_kept_for_four_weeks(
    opd: Opd, clock: ManualClock
) -> None:
    """Told 09:00 at 09:00, and seen at 09:10."""
    accuracy = Accuracy(compared=1, right=1, off=600)
    today = await opd.numbers.accuracy(make_caller(), "rao", None, None)
    assert (today.accuracy, today.lately) == (accuracy, Accuracy())
    for days, lately in ((1, accuracy), (28, accuracy), (29, Accuracy())):
        clock.set(at("00:00", days=days))
        told = await opd.numbers.accuracy(make_caller(), "rao", None, None)
        assert told.lately == lately
        assert told.accuracy == (accuracy if days <= 28 else Accuracy())
    told = await opd.numbers.accuracy(make_caller(), "rao", DAY, None)
    assert (told.first, told.last, told.accuracy) == (DAY, DAY, accuracy)


async def test_a_scrape_tells_how_often_what_was_told_came_true(
    opd: Opd, clock: ManualClock, metrics: Metrics
) -> None:
    clock.set(at("00:00", days=1))
    await numbers(opd)
    for name, figure in {"": 1, "_right": 1, "_off_seconds": 600}.items():
        assert f"opd_told_times{name} {figure}.0\n" in metrics.text().decode()
    assert "opd_told_ranges 0.0\n" in metrics.text().decode()


async def test_a_day_is_learned_from_once(opd: Opd, clock: ManualClock, database: Database) -> None:
    clock.set(at("00:00", days=1))
    await numbers(opd)
    before = await EXPERIENCES.of(database).find({})
    # As when something happens on it after all.
    await DAY_HOURS.of(database).update({"_id": SHEET}, {"$set": {"unlearned": True}})
    await numbers(opd)
    assert await EXPERIENCES.of(database).find({}) == before


async def test_another_process_knows_what_was_learned(
    opd: Opd, clock: ManualClock, database: Database, settings: GivenSettings
) -> None:
    clock.set(at("00:00", days=1))
    await numbers(opd)
    other = build_opd(settings, database, clock, Ids(random.Random(4)), Metrics())
    await other.tally.look()
    assert await _minutes_told(other, DAY + timedelta(days=7)) > 11
    await other.writer.stop(1)


async def test_who_served_a_patient_of_a_shared_line_learns_from_it(
    opd: Opd, clock: ManualClock, database: Database
) -> None:
    """Sen's patient was seen by Rao, an hour after Rao's own: two consultations of Rao's, none of Sen's."""
    caller = make_caller()
    await opd.doctors.add(
        caller, NewDoctor(name="Ravi Sen", specialization="Skin", doctor_id="sen")
    )
    slot = NewSlot(doctor_id="sen", day=DAY, start_time="09:00", end_time="12:00")
    made = await opd.slots.add(caller, slot)
    for doctor_id in ("rao", "sen"):
        await opd.configs.change(caller, doctor_id, {"pool": True})
    asked = NewBooking(
        slot_id=made.slot.timed.slot.id, source=Source.WALKIN, patient=Newcomer(name="Meera Nair")
    )
    token = (await opd.bookings.book(caller, asked)).token.token
    await opd.tokens.change_status(caller, token.id, Status.CHECKED_IN)
    clock.set(at("10:30"))
    called = await opd.queues.call_next(caller, "rao", DAY, NextCall())
    assert called.token is not None
    assert (called.token.token.id, called.token.token.served_by) == (token.id, "rao")
    await opd.tokens.change_status(caller, token.id, Status.IN_CONSULTATION)
    clock.set(at("10:35"))
    await opd.tokens.change_status(caller, token.id, Status.COMPLETED)
    over = SessionState.FINISHED
    await opd.queues.set_session(caller, "rao", DAY, state=over, until=None, note=None)
    await copy(opd)
    clock.set(at("00:00", days=1))
    await numbers(opd)
    (told,) = await EXPERIENCES.of(database).find({})
    assert told["_id"] == "rao"
    past = msgspec.convert(told["experience"], Experience)
    assert (past.products[0], past.outcomes[0]) == (2, 30 + 5)
