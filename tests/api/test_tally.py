"""Days in figures: whoever works them out, and however often, they come out the same."""

import random
from collections.abc import AsyncIterator
from datetime import date, timedelta

import msgspec
import pytest

from database import Database, connect
from engine.accuracy import Accuracy
from models.doctor_session import SessionState
from models.experience import Experience
from models.patient import Newcomer
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from services.home import home_from
from services.ids import Ids
from services.metrics import Metrics
from services.numbers_service import SpanNumbers
from services.opd import Opd, build_opd
from services.requests import NewBooking, NewDoctor, NewSlot, NextCall
from services.store.collections import DAY_HOURS, DAY_SHEETS, ENCOUNTERS, EVENTS, EXPERIENCES
from services.store.migrations import prepare
from tests.api.service import DAY, OPENING, GivenSettings, at
from tests.principals import make_caller

SHEET = "rao-20300115"
LAST = 7
"""Of its events: a slot, a booking, three steps, of which one begins the session, and its end."""
SEEN = {
    "09:00": Status.CHECKED_IN,
    "09:10": Status.IN_CONSULTATION,
    "09:40": Status.COMPLETED,
}


@pytest.fixture
async def database(settings: GivenSettings) -> AsyncIterator[Database]:
    database = connect(settings)
    await prepare(database, ManualClock(OPENING), "process", home_from(settings))
    yield database
    await database.close()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def opd(
    database: Database, settings: GivenSettings, clock: ManualClock, metrics: Metrics
) -> AsyncIterator[Opd]:
    """A service that does nothing by itself; a patient was seen, and the events are copied."""
    opd = build_opd(settings, database, clock, Ids(random.Random(3)), metrics)
    caller = make_caller()
    await opd.doctors.add(
        caller, NewDoctor(name="Asha Rao", specialization="Skin", doctor_id="rao")
    )
    slot = await opd.slots.add(
        caller, NewSlot(doctor_id="rao", day=DAY, start_time="09:00", end_time="10:00")
    )
    asked = NewBooking(
        slot_id=slot.slot.timed.slot.id, source=Source.WALKIN, patient=Newcomer(name="Meera Nair")
    )
    token = (await opd.bookings.book(caller, asked)).token.token
    for time, status in SEEN.items():
        clock.set(at(time))
        await opd.tokens.change_status(caller, token.id, status)
    await _finish(opd)
    await _copy(opd)
    yield opd
    await opd.writer.stop(1)


async def _finish(opd: Opd) -> None:
    """The doctor has seen all."""
    await opd.queues.set_session(
        make_caller(), "rao", DAY, state=SessionState.FINISHED, until=None, note=None
    )


async def _copy(opd: Opd) -> None:
    """The relay copies what is left before it stops."""
    opd.relay.start()
    await opd.relay.stop()


async def _numbers(opd: Opd) -> SpanNumbers:
    return await opd.numbers.of_days(make_caller(), DAY, DAY, None)


async def test_worked_out_from_scratch_a_day_is_the_same(opd: Opd, database: Database) -> None:
    told = await _numbers(opd)
    assert told.total.served == 1
    stored = DAY_HOURS.of(database)
    before = await stored.find({}, order="_id")
    for document in before:
        await stored.delete({"_id": document["_id"]})
    assert await _numbers(opd) == told
    assert await stored.find({}, order="_id") == before


async def test_what_is_worked_out_from_fewer_events_is_not_kept(
    opd: Opd, database: Database
) -> None:
    await _numbers(opd)
    stored = DAY_HOURS.of(database)
    # As another process leaves it that has seen more, while this one works from what it read.
    await stored.update({"_id": SHEET}, {"$set": {"upTo": 1000, "hours": []}})
    await stored.delete({"_id": "cursor"})
    assert (await _numbers(opd)).total.served == 0
    assert [document["upTo"] for document in await stored.find({"_id": SHEET})] == [1000]


async def test_another_way_to_work_days_out_works_them_all_out_anew(
    opd: Opd, database: Database
) -> None:
    told = await _numbers(opd)
    stored = DAY_HOURS.of(database)
    await stored.update({"_id": SHEET}, {"$set": {"hours": []}})
    assert await _numbers(opd) != told  # nothing has happened since
    await stored.update({"_id": "cursor"}, {"$set": {"calculation": 0}})
    assert await _numbers(opd) == told


async def test_a_damaged_day_leaves_the_others_their_figures(opd: Opd, database: Database) -> None:
    caller = make_caller()
    await opd.doctors.add(
        caller, NewDoctor(name="Ravi Sen", specialization="Skin", doctor_id="sen")
    )
    slot = NewSlot(doctor_id="sen", day=DAY, start_time="09:00", end_time="10:00")
    await opd.slots.add(caller, slot)
    await _copy(opd)
    await DAY_SHEETS.of(database).update({"_id": "sen-20300115"}, {"$set": {"tokens": 3}})
    assert (await _numbers(opd)).total.served == 1


async def _check_in_another(opd: Opd) -> None:
    """Two events more of the same day."""
    asked = NewBooking(slot_id=f"{SHEET}-0900", source=Source.WALKIN, patient=Newcomer(name="Ravi"))
    token = (await opd.bookings.book(make_caller(), asked)).token.token
    await opd.tokens.change_status(make_caller(), token.id, Status.CHECKED_IN)
    await _copy(opd)


async def test_of_a_day_that_goes_on_only_what_is_new_is_read(opd: Opd, database: Database) -> None:
    told = await _numbers(opd)
    for seq in range(1, LAST):
        await EVENTS.of(database).delete({"_id": seq})
    await _check_in_another(opd)
    total = (await _numbers(opd)).total
    assert (total.served, total.arrivals) == (told.total.served, told.total.arrivals + 1)


async def test_after_a_restore_a_day_is_read_from_its_first_event(
    opd: Opd, database: Database
) -> None:
    """The events that were told are no longer those that are stored."""
    await _numbers(opd)
    stored = EVENTS.of(database)
    await stored.update({"_id": LAST}, {"$set": {"actor": "another"}})
    await stored.update({"_id": 2}, {"$set": {"source": "ONLINE"}})
    await _check_in_another(opd)
    total = (await _numbers(opd)).total
    assert {source: each.served for source, each in total.by_source.items()} == {
        Source.ONLINE: 1,
        Source.WALKIN: 0,
    }


# What is learned from days that are past


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
    await _numbers(opd)
    assert await _minutes_told(opd, DAY + timedelta(days=7)) == 10
    clock.set(at("00:00", days=1))
    await _numbers(opd)
    # One consultation of 30 minutes, beside five of ten minutes that are supposed; nine of ten come.
    assert await _minutes_told(opd, DAY + timedelta(days=8)) > 11


async def test_of_a_day_that_goes_on_past_midnight_is_learned_once_it_is_over(
    opd: Opd, clock: ManualClock, database: Database
) -> None:
    """What its end makes of those who did not come is learned too."""
    await _check_in_another(opd)
    clock.set(at("00:00", days=1))
    await _numbers(opd)
    assert await EXPERIENCES.of(database).find({}) == []
    await opd.ticker.tick()
    await _copy(opd)
    await _numbers(opd)
    (learned,) = await EXPERIENCES.of(database).find({})
    assert learned["upTo"] == f"{DAY}"


async def test_learned_from_scratch_the_past_is_the_same(
    opd: Opd, clock: ManualClock, database: Database
) -> None:
    clock.set(at("00:00", days=1))
    await _numbers(opd)
    stored = EXPERIENCES.of(database)
    (before,) = await stored.find({})
    assert before["_id"] == "rao"
    await stored.delete({"_id": "rao"})
    for document in await DAY_HOURS.of(database).find({}):
        await DAY_HOURS.of(database).delete({"_id": document["_id"]})
    await _numbers(opd)
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
    await _numbers(opd)
    for name, figure in {"": 1, "_right": 1, "_off_seconds": 600}.items():
        assert f"opd_told_times{name} {figure}.0\n" in metrics.text().decode()
    assert "opd_told_ranges 0.0\n" in metrics.text().decode()


async def test_a_day_is_learned_from_once(opd: Opd, clock: ManualClock, database: Database) -> None:
    clock.set(at("00:00", days=1))
    await _numbers(opd)
    before = await EXPERIENCES.of(database).find({})
    # As when something happens on it after all.
    await DAY_HOURS.of(database).update({"_id": SHEET}, {"$set": {"unlearned": True}})
    await _numbers(opd)
    assert await EXPERIENCES.of(database).find({}) == before


async def test_another_process_knows_what_was_learned(
    opd: Opd, clock: ManualClock, database: Database, settings: GivenSettings
) -> None:
    clock.set(at("00:00", days=1))
    await _numbers(opd)
    other = build_opd(settings, database, clock, Ids(random.Random(4)), Metrics())
    await other.tally.look()
    assert await _minutes_told(other, DAY + timedelta(days=7)) > 11
    await other.writer.stop(1)


async def test_visits_are_stored_and_worked_out_from_scratch_they_are_the_same(
    opd: Opd, database: Database, settings: GivenSettings, clock: ManualClock, metrics: Metrics
) -> None:
    while await opd.tally.catch_up():
        pass
    stored = ENCOUNTERS.of(database)
    (visit,) = before = await stored.find({}, order="_id")
    assert (visit["state"], visit["doctorId"], visit["date"]) == ("finished", "rao", f"{DAY}")
    assert "Meera" not in str(before)
    await stored.delete({"_id": visit["_id"]})
    await DAY_HOURS.of(database).delete({"_id": "cursor"})
    another = build_opd(settings, database, clock, Ids(random.Random(4)), metrics)
    while await another.tally.catch_up():
        pass
    assert await stored.find({}, order="_id") == before


async def test_a_visit_of_later_events_stays(opd: Opd, database: Database) -> None:
    await opd.tally.catch_up()
    stored = ENCOUNTERS.of(database)
    (visit,) = await stored.find({})
    await stored.update({"_id": visit["_id"]}, {"$set": {"upTo": 1000, "state": "onleave"}})
    told = await opd.encounters.get(make_caller(), str(visit["_id"]))
    assert told.encounter.state == "finished"
    assert [each["state"] for each in await stored.find({})] == ["onleave"]


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
    await _copy(opd)
    clock.set(at("00:00", days=1))
    await _numbers(opd)
    (told,) = await EXPERIENCES.of(database).find({})
    assert told["_id"] == "rao"
    past = msgspec.convert(told["experience"], Experience)
    assert (past.products[0], past.outcomes[0]) == (2, 30 + 5)
