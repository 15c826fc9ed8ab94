"""Looking for a patient, so that one who comes again keeps their id."""

from collections.abc import AsyncIterator

import pytest

from database import Database, connect
from models.access import Role
from models.source import Source
from services.clock import ManualClock
from services.patient_service import MOST_FOUND
from services.store.collections import DAY_HOURS, PATIENTS
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import GivenSettings
from tests.integration.processes import until_so
from tests.principals import as_, knowing, make_principal

pytestmark = pytest.mark.both_databases

PHONE = "+91 98450 12345"
SLOT = "rao-20300115-0900"


@pytest.fixture
async def api(open_client: OpenClient) -> AsyncIterator[ApiClient]:
    """Two doctors' hours; who asks is named."""
    door = knowing(
        make_principal("admin", Role.ADMIN),
        make_principal("desk", Role.RECEPTIONIST),
        make_principal("iyer", Role.DOCTOR, doctors=["iyer"]),
        make_principal("elsewhere", Role.RECEPTIONIST, facility="north"),
    )
    async with open_client(door) as api:
        for doctor in ("rao", "iyer"):
            await api.add_doctor(id=doctor, headers=as_("admin"))
            await api.add_slot(doctor, seats=40, headers=as_("admin"))
        yield api


async def _found(api: ApiClient, name: str = "desk", **query: str) -> list[dict[str, object]]:
    answer = await api.ask("GET", "/api/patients", query=query, headers=as_(name))
    found: list[dict[str, object]] = answer.json()
    return found


async def _until_found(api: ApiClient, ids: list[str], **query: str) -> list[dict[str, object]]:
    """Once the bookings have been copied, which they are behind the answers."""

    async def all_are() -> bool:
        return [each["patientId"] for each in await _found(api, **query)] == ids

    await until_so(all_are)
    return await _found(api, **query)


@pytest.mark.parametrize("typed", [PHONE, "09845012345", "98450-12345", "(+91) 9845012345"])
async def test_a_number_is_found_however_it_is_written(api: ApiClient, typed: str) -> None:
    await api.book(SLOT, "MRN-1", Source.WALKIN, headers=as_("desk"))
    (found,) = await _until_found(api, ["MRN-1"], phone=typed)
    assert found == {
        "patientId": "MRN-1",
        "patientName": "Meera Nair",
        "phoneNumber": PHONE,
        "language": None,
        "facilityId": "main",
        "seenAt": "2030-01-15T02:30:00Z",
    }


async def test_a_family_shares_a_number_and_an_id_is_one_patients(
    api: ApiClient, clock: ManualClock
) -> None:
    await api.book(SLOT, "MRN-1", headers=as_("desk"))
    clock.set(clock.now().replace(minute=40))
    await api.book(SLOT, "MRN-2", patientName="Ravi Nair", headers=as_("desk"))
    await _until_found(api, ["MRN-2", "MRN-1"], phone=PHONE)
    (found,) = await _found(api, id="MRN-2")
    assert found["patientName"] == "Ravi Nair"
    assert await _found(api, id="MRN") == []
    assert await _found(api, phone="98450 12346") == []


async def test_a_patient_is_what_the_latest_booking_says(
    api: ApiClient, clock: ManualClock
) -> None:
    first = await api.book(SLOT, "MRN-1", headers=as_("desk"))
    await _until_found(api, ["MRN-1"], phone=PHONE)
    clock.set(clock.now().replace(minute=40))
    await api.book("iyer-20300115-0900", "MRN-1", phoneNumber="080 555 1234", headers=as_("desk"))
    await _until_found(api, ["MRN-1"], phone="080 555 1234")
    assert await _found(api, phone=PHONE) == []
    body = {"patientName": "Somebody else"}
    await api.ask("PATCH", f"/api/tokens/{first.id}/patient", body, headers=as_("desk"))
    await api.book(SLOT, "MRN-9", phoneNumber="080 555 0000", headers=as_("desk"))
    await _until_found(api, ["MRN-9"], phone="080 555 0000")
    (found,) = await _found(api, id="MRN-1")
    assert found["patientName"] == "Meera Nair"


async def test_a_doctor_finds_the_own_patients_and_another_facility_none(api: ApiClient) -> None:
    await api.book(SLOT, "MRN-1", headers=as_("desk"))
    await api.book("iyer-20300115-0900", "MRN-2", headers=as_("desk"))
    assert len(await _until_found(api, ["MRN-1", "MRN-2"], phone=PHONE)) == 2
    assert [each["patientId"] for each in await _found(api, "iyer", phone=PHONE)] == ["MRN-2"]
    assert await _found(api, "elsewhere", phone=PHONE) == []


async def test_no_more_are_told_than_a_desk_can_read(api: ApiClient) -> None:
    for n in range(MOST_FOUND + 2):
        await api.book(SLOT, f"MRN-{n}", headers=as_("desk"))

    async def as_many_as_may_be() -> bool:
        return len(await _found(api, phone=PHONE)) == MOST_FOUND

    await until_so(as_many_as_may_be)


async def test_each_patient_that_is_shown_is_recorded_as_read(api: ApiClient) -> None:
    await api.book(SLOT, "MRN-1", headers=as_("desk"))
    await _until_found(api, ["MRN-1"], phone=PHONE)
    audit = await api.ask("GET", "/api/audit", query={"patientId": "MRN-1"}, headers=as_("admin"))
    reads = [entry["actor"] for entry in audit.json() if entry["what"] == "patient.read"]
    assert reads == ["desk"]


async def test_numbers_that_nobody_has_are_counted(api: ApiClient) -> None:
    for n in range(60):
        assert await _found(api, phone=f"080 555 {1000 + n}") == []
    with refused(429, "rate_limited"):
        await _found(api, phone="080 555 2000")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "missing_field"),
        ({"phone": PHONE, "id": "MRN-1"}, "missing_field"),
        ({"phone": "12345"}, "invalid_phone_number"),
        ({"id": " "}, "invalid_patient_id"),
        ({"patientName": "Meera"}, "unknown_field"),
    ],
)
async def test_it_is_by_number_or_by_id(api: ApiClient, query: dict[str, str], code: str) -> None:
    with refused(422, code):
        await _found(api, **query)


async def test_what_is_lost_is_worked_out_anew(
    api: ApiClient, open_client: OpenClient, settings: GivenSettings
) -> None:
    await api.book(SLOT, "MRN-1", headers=as_("desk"))
    await _until_found(api, ["MRN-1"], phone=PHONE)
    if settings.mongodb_uri is None:
        return  # what the embedded one keeps in memory nobody else sees
    database: Database = connect(settings)
    for kind in (PATIENTS, DAY_HOURS):  # as after a restore
        await kind.of(database).delete_all({})
    await database.close()
    async with open_client(knowing(make_principal("desk", Role.RECEPTIONIST))) as other:
        await _until_found(other, ["MRN-1"], phone=PHONE)
