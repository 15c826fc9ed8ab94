"""What an earlier version stored is read, found and gone on with after the migrations."""

import asyncio
import copy
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from config import Settings
from database import Database, connect
from models.patient import Newcomer, Patient
from models.source import Source
from models.token import Status
from services.clock import MOST_SKEW, ManualClock
from services.ids import Ids
from services.log import set_up_logging
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.requests import NewBooking
from services.store.codec import SCHEMA_VERSION
from services.store.collections import ALLOCATIONS, DAY_SHEETS, DOCTORS, MIGRATIONS
from services.store.migrations import TAKEOVER, all_of, prepare
from tests.api.service import HOME, OPENING, GivenSettings, at, serve
from tests.principals import make_caller

pytestmark = pytest.mark.both_databases

SHEET = "rao-20300115"
SLOT = f"{SHEET}-0900"
MEERA, UNKNOWN = f"{SHEET}-aaaaaaaaaaaa", f"{SHEET}-bbbbbbbbbbbb"
SHEET_OF_SCHEMA_1: Mapping[str, object] = {
    "_id": SHEET,
    "schemaVersion": 1,
    "doctorId": "rao",
    "date": "2030-01-15",
    "timezone": "Asia/Kolkata",
    "version": 7,
    "time": at("07:00"),
    "slots": [{"id": SLOT, "start": at("09:00"), "end": at("10:00"), "maxCapacity": 3}],
    "held": [
        {
            "slotId": "rao-20300114-2330",
            "start": at("23:30", days=-1),
            "end": at("00:30"),
            "at": at("07:00", days=-1),
        }
    ],
    "tokens": [
        {
            "id": MEERA,
            "number": 1,
            "slotId": SLOT,
            "patientId": "MRN-1001",
            "patientName": "Meera Nair",
            "phoneNumber": "+91 98450 12345",
            "source": "ONLINE",
            "priority": 200,
            "status": "BOOKED",
            "bookedAt": at("07:00"),
            "seatedAt": at("07:00"),
            "request": {"key": "a", "fingerprint": "b"},
        },
        {
            "id": UNKNOWN,
            "number": 2,
            "slotId": SLOT,
            "patientId": "P-abcdefghijkl",
            "patientName": "Unknown man, about 60",
            "source": "EMERGENCY",
            "priority": 1000,
            "status": "BOOKED",
            "bookedAt": at("07:00"),
            "seatedAt": at("07:00"),
        },
    ],
    "declined": [],
    "nextEvent": 4,
    "outbox": [],
    "unrelayed": True,
    "writers": {"someone": 7},
}
DOCTOR_OF_SCHEMA_1: Mapping[str, object] = {
    "_id": "rao",
    "schemaVersion": 1,
    "name": "Asha Rao",
    "specialization": "Cardiology",
}
CLAIM_OF_SCHEMA_1: Mapping[str, object] = {
    "_id": "a",
    "schemaVersion": 1,
    "fingerprint": "b",
    "sheetId": SHEET,
    "at": at("07:00"),
}


@pytest.fixture
def real_address(address: str) -> str:
    """Of a database that no service of today has had."""
    return address


@pytest.fixture
async def database(settings: GivenSettings) -> AsyncIterator[Database]:
    """One in which the version before has left a doctor, a day and a claim."""
    database = connect(settings)
    await DAY_SHEETS.of(database).insert(copy.deepcopy(SHEET_OF_SCHEMA_1))
    await DOCTORS.of(database).insert(dict(DOCTOR_OF_SCHEMA_1))
    await ALLOCATIONS.of(database).insert(dict(CLAIM_OF_SCHEMA_1))
    yield database
    await database.close()


async def _prepared(database: Database) -> None:
    await prepare(database, ManualClock(OPENING), "process", HOME)


@asynccontextmanager
async def _serving(database: Database, settings: Settings) -> AsyncIterator[Opd]:
    opd = build_opd(settings, database, ManualClock(OPENING), Ids(random.Random(2)), Metrics())
    yield opd
    await opd.stop()


async def test_a_day_of_schema_1_goes_on(database: Database, settings: GivenSettings) -> None:
    await _prepared(database)
    async with _serving(database, settings) as opd:
        view = await opd.tokens.get(make_caller(), MEERA)
        assert view.sheet.resource_id == "rao"
        assert [token.patient for token in view.sheet.tokens] == [
            Patient(id="MRN-1001", name="Meera Nair", phone_number="+91 98450 12345"),
            Patient(id="P-abcdefghijkl", name="Unknown man, about 60"),
        ]
        assert [token.score for token in view.sheet.tokens] == [200, 1000]
        assert [hours.slot_id for hours in view.sheet.reserved_hours] == ["rao-20300114-2330"]
        assert view.token.request is not None
        assert view.token.request.key == "a"
        assert [
            one.token.id for one in (await opd.tokens.of_patient(make_caller(), "MRN-1001")).tokens
        ] == [MEERA]

        newcomer = Newcomer(id="p9", name="Ravi", language="hi")
        asked = NewBooking(slot_id=SLOT, source=Source.WALKIN, patient=newcomer)
        booked = await opd.bookings.book(make_caller(), asked)
        assert (booked.token.token.number, booked.token.token.status) == (3, Status.BOOKED)
        assert booked.token.token.patient.language == "hi"
        assert (await opd.doctors.get(make_caller(), "rao")).name == "Asha Rao"


async def test_a_new_database_has_nothing_to_migrate(
    settings: GivenSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("INFO", as_json=False)
    async with serve(settings, ManualClock(OPENING), Ids()):
        told = capsys.readouterr().out
    database = connect(settings)
    made = await MIGRATIONS.of(database).find({}, order="_id")
    if settings.mongodb_uri is not None:  # the embedded one in memory ended with its service
        assert [each["made"] for each in made] == [True] * len(all_of(HOME, OPENING))
    assert "database_is_new" in told
    assert "migration_began" not in told
    await database.close()


async def test_every_document_follows_the_newest_schema(database: Database) -> None:
    await _prepared(database)
    for collection in (DAY_SHEETS.of(database), DOCTORS.of(database), ALLOCATIONS.of(database)):
        documents = await collection.find({})
        assert [document["schemaVersion"] for document in documents] == [SCHEMA_VERSION]


async def test_a_claim_of_before_goes_30_days_after_its_sheets_date(database: Database) -> None:
    await _prepared(database)
    claim = await ALLOCATIONS.of(database).find_one({"_id": CLAIM_OF_SCHEMA_1["_id"]})
    assert claim is not None
    assert claim["goesAt"] == datetime(2030, 2, 14, tzinfo=UTC)


async def test_a_migration_leaves_nothing_of_the_old_shape(database: Database) -> None:
    await _prepared(database)
    sheet = await DAY_SHEETS.of(database).find_one({"_id": SHEET})
    assert sheet is not None
    for old in ("doctorId", "patientId", "patientName", "'held'", "'priority'"):
        assert old not in repr(sheet)


async def test_what_stood_belongs_to_the_facility_of_the_settings(
    database: Database, settings: GivenSettings
) -> None:
    await _prepared(database)
    for kind in (DAY_SHEETS, DOCTORS):
        assert [each["facilityId"] for each in await kind.of(database).find({})] == [HOME.id]
    async with _serving(database, settings.but(facility_id="other")) as opd:
        assert (await opd.doctors.get(make_caller(), "rao")).facility_id == HOME.id
        view = await opd.tokens.get(make_caller(), MEERA)
        assert (view.sheet.facility_id, view.token.booked_by) == (HOME.id, None)


async def test_what_names_no_facility_is_read_as_of_the_one_of_the_settings(
    database: Database, settings: GivenSettings
) -> None:
    """As after a restore of what an earlier version had written."""
    await _prepared(database)
    for kind in (DAY_SHEETS, DOCTORS):
        await kind.of(database).update_all({}, {"$unset": {"facilityId": ""}})
    async with _serving(database, settings) as opd:
        assert (await opd.doctors.get(make_caller(), "rao")).facility_id == HOME.id
        assert (await opd.tokens.get(make_caller(), MEERA)).sheet.facility_id == HOME.id


async def test_a_migration_may_run_twice(database: Database) -> None:
    """As after a crash half-way, with one day done and another not."""
    await _prepared(database)
    done = await DAY_SHEETS.of(database).find_one({"_id": SHEET})
    assert done is not None
    other = {**copy.deepcopy(SHEET_OF_SCHEMA_1), "_id": "rao-20300116"}
    await DAY_SHEETS.of(database).insert(other)
    for number in (2, 5, 6, 7):
        await MIGRATIONS.of(database).delete({"_id": number})

    await _prepared(database)

    assert await DAY_SHEETS.of(database).find_one({"_id": SHEET}) == done
    sheets = await DAY_SHEETS.of(database).find({})
    assert [sheet["tokens"] for sheet in sheets] == [done["tokens"]] * 2


async def test_a_sheets_version_moves_on_so_that_no_earlier_process_writes_behind_it(
    database: Database,
) -> None:
    await _prepared(database)
    write = {"$set": {"tokens.2": {"patientId": "late"}}, "$inc": {"version": 1}}
    late = await DAY_SHEETS.of(database).update({"_id": SHEET, "version": 7}, write)
    assert not late


@pytest.mark.parametrize(
    "began",
    [
        OPENING - TAKEOVER - timedelta(milliseconds=1),
        OPENING + MOST_SKEW + timedelta(milliseconds=1),
        OPENING + timedelta(hours=1),
    ],
    ids=["long ago", "a moment too far ahead", "an hour ahead"],
)
async def test_a_migration_that_a_crash_left_is_made_by_another(
    database: Database, began: datetime
) -> None:
    """Ahead: by a clock that had leapt."""
    left = {"_id": 2, "schemaVersion": 1, "made": False, "by": "gone", "at": began}
    await MIGRATIONS.of(database).insert(left)

    async with asyncio.timeout(10):
        await _prepared(database)

    entry = await MIGRATIONS.of(database).find_one({"_id": 2})
    assert entry is not None
    assert (entry["made"], entry["by"]) == (True, "process")


async def test_a_day_that_goes_on_says_when_it_ends_and_a_day_that_is_over_does_not(
    database: Database,
) -> None:
    await _prepared(database)
    sheets = DAY_SHEETS.of(database)
    done = await sheets.find_one({"_id": SHEET})
    assert done is not None
    for day in ("20300113", "20300115"):
        await sheets.insert(
            {
                **{name: told for name, told in done.items() if name != "tickAt"},
                "_id": f"sen-{day}",
                "date": f"{day[:4]}-{day[4:6]}-{day[6:]}",
                "schemaVersion": 4,
            }
        )
    await MIGRATIONS.of(database).delete({"_id": 7})

    await _prepared(database)

    over, going_on = await sheets.find({"resourceId": "rao", "_id": {"$gte": "sen"}}, order="_id")
    assert "tickAt" not in over
    assert going_on["tickAt"] == at("00:00", days=1)
    assert {sheet["version"] for sheet in (over, going_on)} == {int(str(done["version"])) + 1}
