"""A service that does nothing by itself, and a day of it on which a patient was seen."""

import random
from collections.abc import AsyncIterator

import pytest

from database import Database, connect
from models.patient import Newcomer
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from services.home import home_from
from services.ids import Ids
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewBooking, NewDoctor, NewSlot
from services.store.migrations import prepare
from tests.api.service import DAY, OPENING, GivenSettings, at
from tests.api.tally.day import copy, finish
from tests.principals import make_caller

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
    await finish(opd)
    await copy(opd)
    yield opd
    await opd.writer.stop(1)
