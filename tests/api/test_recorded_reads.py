"""Who read which patient's data is recorded, once a minute, before it is shown."""

import asyncio
import random
from collections.abc import AsyncIterator
from collections.abc import Collection as Group
from datetime import timedelta
from statistics import median

import pytest
from pydantic import SecretStr

from database import Collection, Database, connect
from models.access import Role
from models.audit import AuditRecord, Deed
from models.errors import DatabaseUnavailable
from models.patient import Newcomer
from models.source import Source
from services.clock import ManualClock, stopwatch
from services.ids import Ids
from services.metrics import Metrics
from services.opd import build_opd
from services.reads import Reads
from services.requests import NewBooking, NewDoctor, NewSlot
from services.store.audit import AuditStore
from services.store.collections import AUDIT
from services.store.migrations import prepare
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.api.service import DAY, HOME, GivenSettings
from tests.principals import as_, knowing, make_caller, make_principal

SHEET = "rao-20300115"
SLOT = f"{SHEET}-0900"
MOST_ADDED_SECONDS = 0.020
READS = {"what": {"$in": ["patient.read", "sheet.read"]}}


@pytest.fixture(params=[pytest.param("real", marks=pytest.mark.integration)])
def settings(address: str) -> GivenSettings:
    """The real database, at which another may look too; of the embedded one test_audit tells."""
    return GivenSettings(mongodb_uri=SecretStr(address))


@pytest.fixture
async def api(open_client: OpenClient) -> AsyncIterator[ApiClient]:
    """A doctor's hour; who asks is named."""
    door = knowing(
        make_principal("admin", Role.ADMIN),
        make_principal("nurse", Role.NURSE),
        make_principal("board", Role.DISPLAY),
        make_principal("portal", Role.PORTAL),
    )
    async with open_client(door) as api:
        await api.add_doctor(id="rao", headers=as_("admin"))
        await api.add_slot("rao", headers=as_("admin"))
        yield api


@pytest.fixture
async def stored(settings: GivenSettings, api: ApiClient) -> AsyncIterator[Database]:  # noqa: ARG001  # it is there once the service runs
    """What the service wrote, where another may look at it."""
    database = connect(settings)
    yield database
    await database.close()


async def _reads(database: Database) -> list[tuple[object, ...]]:
    documents = await AUDIT.of(database).find(READS, order="_id")
    return sorted(
        (each["actor"], each["what"], each["whom"], each["facilityId"]) for each in documents
    )


@pytest.mark.parametrize("path", ["", "/history", "/explain"])
async def test_who_reads_a_token_is_recorded_with_its_patient(
    api: ApiClient, stored: Database, path: str
) -> None:
    token = await api.book(SLOT, "MRN-7", headers=as_("admin"))
    answer = await api.ask("GET", f"/api/tokens/{token.id}{path}", headers=as_("nurse"))
    (record,) = await AUDIT.of(stored).find(READS)
    assert (record["actor"], record["what"], record["whom"]) == ("nurse", "patient.read", "MRN-7")
    assert record["requestId"] == answer.headers["x-request-id"]


async def test_who_reads_a_patients_tokens_is_recorded(api: ApiClient, stored: Database) -> None:
    await api.book(SLOT, "MRN-7", headers=as_("admin"))
    await api.ask("GET", "/api/tokens/patient/MRN-7", headers=as_("nurse"))
    await api.ask("GET", "/api/tokens/patient/nobody", headers=as_("nurse"))
    assert await _reads(stored) == [("nurse", "patient.read", "MRN-7", "main")]


@pytest.mark.parametrize("path", [f"/api/tokens/queue/{SLOT}", "/api/queue/rao"])
async def test_a_line_is_recorded_for_who_sees_its_names_and_not_for_who_sees_numbers(
    api: ApiClient, stored: Database, path: str
) -> None:
    await api.book(SLOT, "MRN-7", headers=as_("admin"))
    await api.book(SLOT, "MRN-8", headers=as_("portal"))
    for name in ("board", "portal", "nurse"):
        await api.ask("GET", path, headers=as_(name))
    assert await _reads(stored) == [
        ("nurse", "sheet.read", SHEET, "main"),
        ("portal", "patient.read", "MRN-8", "main"),  # which it booked itself
    ]


async def test_the_same_read_is_recorded_once_a_minute(
    api: ApiClient, stored: Database, clock: ManualClock
) -> None:
    for _ in range(3):
        await api.ask("GET", "/api/queue/rao", headers=as_("nurse"))
    assert len(await _reads(stored)) == 1
    clock.advance(timedelta(minutes=1))
    await api.ask("GET", "/api/queue/rao", headers=as_("nurse"))
    assert len(await _reads(stored)) == 2


async def test_another_process_that_records_the_same_read_makes_no_second_record(
    settings: GivenSettings, stored: Database, clock: ManualClock
) -> None:
    for process in range(2):
        opd = build_opd(settings, stored, clock, Ids(random.Random(process)), Metrics())
        await opd.queues.of_doctor(make_caller("nurse"), "rao", DAY)
        await opd.stop()
    assert await _reads(stored) == [("nurse", "sheet.read", SHEET, "main")]


class _WithoutAudit:
    """A database of which one collection does not answer."""

    def __init__(self, database: Database, silent: Database) -> None:
        self._database = database
        self._silent = silent
        self.name = database.name
        self.driver = database.driver
        self.server_time = database.server_time
        self.close = database.close

    def __getitem__(self, collection: str) -> Collection:
        return (self._silent if collection == AUDIT.name else self._database)[collection]


class _Holding(AuditStore):
    """Says when it is to write, and writes when it is told to."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def add(self, records: Group[AuditRecord]) -> None:
        self.asked.set()
        await self.go.wait()
        await super().add(records)


def _subject(n: int) -> tuple[Deed, str, str]:
    return Deed.PATIENT_READ, "main", f"MRN-{n}"


async def test_a_read_is_answered_once_its_record_is_written(
    settings: GivenSettings, clock: ManualClock
) -> None:
    database = connect(settings)
    store = _Holding(database)
    reads = Reads(store, clock)
    first = asyncio.ensure_future(reads.record(make_caller("nurse"), [_subject(1)]))
    await store.asked.wait()
    second = asyncio.ensure_future(reads.record(make_caller("nurse"), [_subject(2)]))
    again = asyncio.ensure_future(reads.record(make_caller("nurse"), [_subject(1)]))
    assert await _reads(database) == []
    assert not any(each.done() for each in (first, second, again))
    store.go.set()
    await asyncio.gather(first, second, again)
    assert [whom for _, _, whom, _ in await _reads(database)] == ["MRN-1", "MRN-2"]
    await database.close()


class _AtOnce(AuditStore):
    """Whose writes take no time, so that what is left is what a read waits besides."""

    async def add(self, records: Group[AuditRecord]) -> None:
        pass


async def test_a_record_waits_for_its_writing_and_for_next_to_nothing_else(
    settings: GivenSettings, clock: ManualClock
) -> None:
    """Not for others to share its batch, say."""
    database = connect(settings)
    reads = Reads(_AtOnce(database), clock)
    spans = []
    for n in range(50):
        began = stopwatch()
        await reads.record(make_caller("nurse"), [_subject(n)])
        spans.append(stopwatch() - began)
    assert median(spans) < MOST_ADDED_SECONDS
    await database.close()


async def test_what_can_not_be_recorded_is_not_shown(clock: ManualClock) -> None:
    nobody = SecretStr("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50")
    silent = connect(GivenSettings(mongodb_uri=nobody))
    settings = GivenSettings()
    whole = connect(settings)
    await prepare(whole, clock, "process", HOME)
    database = _WithoutAudit(whole, silent)
    opd = build_opd(settings, database, clock, Ids(random.Random(1)), Metrics())
    desk = make_caller("desk")
    await opd.doctors.add(desk, NewDoctor(name="Dr Rao", specialization="ENT", doctor_id="rao"))
    slot = NewSlot(doctor_id="rao", day=DAY, start_time="09:00", end_time="10:00")
    await opd.slots.add(desk, slot)
    asked = NewBooking(source=Source.ONLINE, slot_id=SLOT, patient=Newcomer(name="Meera"))
    token = (await opd.bookings.book(desk, asked)).token.token

    for read in (
        opd.tokens.get(desk, token.id),
        opd.history.of_token(desk, token.id),
        opd.history.explain(desk, token.id),
        opd.tokens.of_patient(desk, token.patient.id),
        opd.tokens.queue(desk, SLOT),
        opd.queues.of_doctor(desk, "rao", DAY),
        opd.watching.record(desk, await opd.watching.watched(desk, (), token.id)),
    ):
        with pytest.raises(DatabaseUnavailable):
            await read
    await opd.stop()
    await database.close()
    await silent.close()
