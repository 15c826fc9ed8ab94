"""Days in figures: whoever works them out, and however often, they come out the same."""

import random

import pytest

from database import Database
from models.source import Source
from services.clock import ManualClock
from services.ids import Ids
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewDoctor, NewSlot
from services.store.collections import DAY_HOURS, DAY_SHEETS, ENCOUNTERS, EVENTS
from tests.api.service import DAY, GivenSettings
from tests.api.tally.day import SHEET, check_in_another, copy, numbers
from tests.principals import make_caller

pytestmark = pytest.mark.both_databases

LAST = 7
"""Of its events: a slot, a booking, three steps, of which one begins the session, and its end."""


async def test_worked_out_from_scratch_a_day_is_the_same(opd: Opd, database: Database) -> None:
    told = await numbers(opd)
    assert told.total.served == 1
    stored = DAY_HOURS.of(database)
    before = await stored.find({}, order="_id")
    for document in before:
        await stored.delete({"_id": document["_id"]})
    assert await numbers(opd) == told
    assert await stored.find({}, order="_id") == before


async def test_what_is_worked_out_from_fewer_events_is_not_kept(
    opd: Opd, database: Database
) -> None:
    await numbers(opd)
    stored = DAY_HOURS.of(database)
    # As another process leaves it that has seen more, while this one works from what it read.
    await stored.update({"_id": SHEET}, {"$set": {"upTo": 1000, "hours": []}})
    await stored.delete({"_id": "cursor"})
    assert (await numbers(opd)).total.served == 0
    assert [document["upTo"] for document in await stored.find({"_id": SHEET})] == [1000]


async def test_another_way_to_work_days_out_works_them_all_out_anew(
    opd: Opd, database: Database
) -> None:
    told = await numbers(opd)
    stored = DAY_HOURS.of(database)
    await stored.update({"_id": SHEET}, {"$set": {"hours": []}})
    assert await numbers(opd) != told  # nothing has happened since
    await stored.update({"_id": "cursor"}, {"$set": {"calculation": 0}})
    assert await numbers(opd) == told


async def test_a_damaged_day_leaves_the_others_their_figures(opd: Opd, database: Database) -> None:
    caller = make_caller()
    await opd.doctors.add(
        caller, NewDoctor(name="Ravi Sen", specialization="Skin", doctor_id="sen")
    )
    slot = NewSlot(doctor_id="sen", day=DAY, start_time="09:00", end_time="10:00")
    await opd.slots.add(caller, slot)
    await copy(opd)
    await DAY_SHEETS.of(database).update({"_id": "sen-20300115"}, {"$set": {"tokens": 3}})
    assert (await numbers(opd)).total.served == 1


async def test_of_a_day_that_goes_on_only_what_is_new_is_read(opd: Opd, database: Database) -> None:
    told = await numbers(opd)
    for seq in range(1, LAST):
        await EVENTS.of(database).delete({"_id": seq})
    await check_in_another(opd)
    total = (await numbers(opd)).total
    assert (total.served, total.arrivals) == (told.total.served, told.total.arrivals + 1)


async def test_after_a_restore_a_day_is_read_from_its_first_event(
    opd: Opd, database: Database
) -> None:
    """The events that were told are no longer those that are stored."""
    await numbers(opd)
    stored = EVENTS.of(database)
    await stored.update({"_id": LAST}, {"$set": {"actor": "another"}})
    await stored.update({"_id": 2}, {"$set": {"source": "ONLINE"}})
    await check_in_another(opd)
    total = (await numbers(opd)).total
    assert {source: each.served for source, each in total.by_source.items()} == {
        Source.ONLINE: 1,
        Source.WALKIN: 0,
    }


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
