"""What is of no more use goes, from every kind of database, by the service's own clock."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from database import Database, connect
from models.commands import IfFull
from models.patient import Newcomer
from models.source import Source
from services.clock import ManualClock
from services.housekeeping import DAY as A_DAY
from services.housekeeping import HOUR
from services.ids import Ids
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewAllocation, NewDoctor, NewSlot
from services.store.collections import ALLOCATIONS, AUDIT, DOCTORS
from services.store.migrations import prepare
from tests.api.service import DAY, HOME, OPENING, GivenSettings, at
from tests.integration.processes import until_so
from tests.principals import make_caller

LAST_OF_THE_CLAIM = at("05:29", days=30)
"""In UTC the last minute before it goes: 30 days after `DAY` have begun, but for that minute."""


@pytest.fixture
def clock() -> ManualClock:
    """Stands at the opening of `DAY`."""
    return ManualClock(OPENING)


@pytest.fixture
async def opd(database: Database, clock: ManualClock) -> AsyncIterator[Opd]:
    """A service in which an `allocate` with a key was booked on `DAY`, with a slot the day after."""
    await prepare(database, clock, "process", HOME)
    settings = GivenSettings(facility_timezone="Asia/Kolkata")
    built = build_opd(settings, database, clock, Ids(random.Random(1)), Metrics())
    desk = make_caller("desk")
    await built.doctors.add(desk, NewDoctor(name="Dr Rao", specialization="ENT", doctor_id="rao"))
    for day in (DAY, DAY + timedelta(days=1)):
        slot = NewSlot(doctor_id="rao", day=day, start_time="10:00", end_time="11:00")
        await built.slots.add(desk, slot)
    asked = NewAllocation(
        source=Source.ONLINE, patient=Newcomer(name="Meera"), day=DAY, if_full=IfFull.REJECT
    )
    await built.allocations.allocate(make_caller("desk", idempotency_key="key"), asked)
    yield built
    await built.stop()


async def _claims(database: Database) -> int:
    return len(await ALLOCATIONS.of(database).find({}))


async def _announced(database: Database) -> object:
    doctor = await DOCTORS.of(database).find_one({"_id": "rao"})
    return None if doctor is None else doctor["days"]


async def test_a_claim_goes_30_days_after_its_sheets_date(
    opd: Opd, database: Database, clock: ManualClock
) -> None:
    clock.set(LAST_OF_THE_CLAIM)
    await opd.housekeeping.turn()
    assert await _claims(database) == 1

    clock.advance(timedelta(minutes=1))
    again = await opd.housekeeping.turn()

    assert await _claims(database) == 0
    assert again == A_DAY


async def test_an_announced_day_goes_once_it_was_before_yesterday(
    opd: Opd, database: Database, clock: ManualClock
) -> None:
    """A slot of yesterday may run yet, so a retirement goes to yesterday too."""
    clock.set(at("23:59", days=1))
    await opd.housekeeping.turn()
    assert await _announced(database) == ["2030-01-15", "2030-01-16"]

    clock.set(at("00:00", days=2))
    await opd.housekeeping.turn()
    assert await _announced(database) == ["2030-01-16"]


async def test_a_record_of_a_read_goes_after_as_many_days_as_are_set(
    opd: Opd, database: Database, clock: ManualClock
) -> None:
    await opd.queues.of_doctor(make_caller("desk"), "rao", DAY)
    clock.advance(timedelta(days=365))
    await opd.housekeeping.turn()
    assert len(await AUDIT.of(database).find({})) == 1

    clock.advance(timedelta(minutes=1))
    await opd.housekeeping.turn()
    assert not await AUDIT.of(database).find({})


async def test_house_is_kept_at_the_start(opd: Opd, database: Database, clock: ManualClock) -> None:
    clock.advance(timedelta(days=40))
    opd.start()

    async def is_kept() -> bool:
        return not await _claims(database) and not await _announced(database)

    await until_so(is_kept)


async def test_what_no_database_answers_is_put_off_for_an_hour(clock: ManualClock) -> None:
    nobody = SecretStr("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50")
    settings = GivenSettings(mongodb_uri=nobody)
    database = connect(settings)
    opd = build_opd(settings, database, clock, Ids(random.Random(1)), Metrics())
    assert await opd.housekeeping.turn() == HOUR
    await database.close()
