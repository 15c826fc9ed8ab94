"""The auditor's question: who did and who read what, of a patient, of an actor, and when."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from models.access import Role
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.principals import as_, knowing, make_principal

pytestmark = pytest.mark.both_databases

SHEET = "rao-20300115"
SLOT = f"{SHEET}-0900"


@pytest.fixture
async def api(open_client: OpenClient) -> AsyncIterator[ApiClient]:
    """A doctor's hour; the auditor asks if nobody else is named."""
    door = knowing(
        make_principal("admin", Role.ADMIN),
        make_principal("nurse", Role.NURSE),
        make_principal("auditor", Role.AUDITOR),
        make_principal("elsewhere", Role.AUDITOR, facility="north"),
        make_principal("of-rao", Role.AUDITOR, doctors=["rao"]),
    )
    async with open_client(door) as api:
        api.client.headers.update(as_("auditor"))
        await api.add_doctor(id="rao", headers=as_("admin"))
        await api.add_slot("rao", headers=as_("admin"))
        yield api


async def _told(api: ApiClient, query: str = "") -> list[tuple[str, str, str]]:
    answer = await api.ask("GET", f"/api/audit{query}")
    return [(each["actor"], each["what"], each["whom"]) for each in answer.json()]


async def _relayed(api: ApiClient, count: int) -> None:
    """Until so many events of the day are in the list of events."""
    while len((await api.ask("GET", f"/api/events?sheet={SHEET}")).json()) < count:
        pass


async def test_a_patients_audit_has_what_was_done_for_them_and_who_read_it(
    api: ApiClient, clock: ManualClock
) -> None:
    await api.ask("GET", "/api/queue/rao", headers=as_("nurse"))  # before they were on it
    clock.advance(timedelta(minutes=1))
    token = await api.book(SLOT, "MRN-7", headers=as_("admin"))
    await api.book(SLOT, "MRN-8", headers=as_("admin"))
    clock.advance(timedelta(minutes=1))
    await api.ask("GET", f"/api/tokens/{token.id}", headers=as_("nurse"))
    await api.ask("GET", "/api/tokens/patient/MRN-8", headers=as_("nurse"))
    clock.advance(timedelta(minutes=1))
    await api.ask("GET", "/api/queue/rao", headers=as_("nurse"))
    clock.advance(timedelta(minutes=1))
    await _relayed(api, 3)
    assert await _told(api, "?patientId=MRN-7") == [
        ("admin", "BOOKED", token.id),
        ("nurse", "patient.read", "MRN-7"),
        ("nurse", "sheet.read", SHEET),
        ("auditor", "audit.read", "MRN-7"),
    ]


async def test_an_actors_audit_has_what_they_did_and_read(
    api: ApiClient, clock: ManualClock
) -> None:
    token = await api.book(SLOT, "MRN-7", headers=as_("admin"))
    clock.advance(timedelta(minutes=1))
    await api.ask("GET", f"/api/tokens/{token.id}", headers=as_("nurse"))
    clock.advance(timedelta(minutes=1))
    await api.ask(
        "PATCH", f"/api/tokens/{token.id}/status", {"status": "CHECKED_IN"}, headers=as_("nurse")
    )
    await _relayed(api, 3)
    assert await _told(api, "?actor=nurse") == [
        ("nurse", "patient.read", "MRN-7"),
        ("nurse", "STATUS_CHANGED", token.id),
    ]


async def test_without_a_name_it_has_all_changes_of_access_and_all_reads(
    api: ApiClient, clock: ManualClock
) -> None:
    await api.ask(
        "POST",
        "/api/access/accounts",
        {"id": "portal", "kind": "client", "name": "Portal"},
        headers=as_("admin"),
    )
    clock.advance(timedelta(minutes=1))
    await api.ask("GET", "/api/queue/rao", headers=as_("nurse"))
    clock.advance(timedelta(minutes=1))
    everything = [
        ("admin", "account.made", "portal"),
        ("nurse", "sheet.read", SHEET),
        ("auditor", "audit.read", "*"),
    ]
    assert await _told(api) == everything
    assert await _told(api, "?from=2030-01-15&to=2030-01-15") == everything
    assert await _told(api, "?from=2030-01-16") == []
    assert await _told(api, "?to=2030-01-14") == []


async def test_pages_have_each_entry_once(api: ApiClient, clock: ManualClock) -> None:
    token = await api.book(SLOT, "MRN-7", headers=as_("admin"))
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        await api.ask("GET", f"/api/tokens/{token.id}", headers=as_("admin"))
        await api.ask("GET", "/api/queue/rao", headers=as_("admin"))
    await _relayed(api, 2)
    whole = await _told(api, "?actor=admin")
    found, path = [], "/api/audit?actor=admin&limit=1"
    while path:
        answer = await api.ask("GET", path)
        found += [(each["actor"], each["what"], each["whom"]) for each in answer.json()]
        path = answer.headers.get("link", "<>")[1:].partition(">")[0]
    assert found == whole
    assert len(whole) == 8  # the slot, the booking, and two reads in each of three minutes


async def test_another_facility_and_one_doctors_auditor_learn_nothing(api: ApiClient) -> None:
    await api.book(SLOT, "MRN-7", headers=as_("admin"))
    await api.ask("GET", "/api/tokens/patient/MRN-7", headers=as_("nurse"))
    await _relayed(api, 2)
    answer = await api.ask("GET", "/api/audit?patientId=MRN-7", headers=as_("elsewhere"))
    assert [(each["actor"], each["what"]) for each in answer.json()] == [
        ("elsewhere", "audit.read")
    ]
    with refused(403, "forbidden") as refusal:
        await api.ask("GET", "/api/audit?patientId=MRN-7", headers=as_("of-rao"))
    assert refusal.help == {"permission": "audit.read"}
