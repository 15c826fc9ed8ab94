"""The same Idempotency-Key again: nothing is done twice."""

import asyncio
from collections.abc import Callable

import pytest

from answers.slots import SlotOut
from models.access import Role
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import PATIENT, ApiClient, booking, refused
from tests.api.conftest import OpenClient
from tests.api.service import at
from tests.principals import as_, knowing, make_principal

pytestmark = pytest.mark.both_databases

KEY = {"Idempotency-Key": "7f9c2ba4"}
Create = Callable[[SlotOut, str], tuple[str, dict[str, object]]]


def _doctor(_: SlotOut, name: str) -> tuple[str, dict[str, object]]:
    return "/api/doctors", {"name": name, "specialization": "Skin"}


def _doctor_with_id(_: SlotOut, name: str) -> tuple[str, dict[str, object]]:
    return "/api/doctors", {"name": name, "specialization": "Skin", "id": "rao"}


def _slot(slot: SlotOut, name: str) -> tuple[str, dict[str, object]]:
    hours = {"date": "2030-01-16", "startTime": "09:00", "endTime": "10:00"}
    return "/api/slots", {"doctorId": slot.doctor_id, **hours, "maxCapacity": len(name)}


def _slot_past_midnight(slot: SlotOut, name: str) -> tuple[str, dict[str, object]]:
    hours = {"date": "2030-01-16", "startTime": "23:00", "endTime": "01:00"}
    return "/api/slots", {"doctorId": slot.doctor_id, **hours, "maxCapacity": len(name)}


def _allocation(_: SlotOut, name: str) -> tuple[str, dict[str, object]]:
    return "/api/tokens/allocate", {**PATIENT, "source": "ONLINE", "patientName": name}


def _token(path: str) -> Create:
    def create(slot: SlotOut, name: str) -> tuple[str, dict[str, object]]:
        return f"/api/tokens/{path}", {**booking(slot.id), "patientName": name}

    return create


CREATING = pytest.mark.parametrize(
    "create",
    [
        pytest.param(_doctor, id="doctor"),
        pytest.param(_doctor_with_id, id="doctor with id"),
        pytest.param(_slot, id="slot"),
        pytest.param(_slot_past_midnight, id="slot past midnight"),
        pytest.param(_allocation, id="allocate"),
        *(pytest.param(_token(source.row.path), id=source) for source in Source),
    ],
)


@CREATING
async def test_the_same_request_again_answers_the_same_and_changes_nothing(
    api: ApiClient, create: Create
) -> None:
    path, body = create(await api.make_slot(), "Meera")
    first = await api.ask("POST", path, body, headers=KEY)
    assert "idempotent-replayed" not in first.headers
    for _ in range(2):
        again = await api.ask("POST", path, body, headers=KEY)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["idempotent-replayed"] == "true"


@CREATING
async def test_another_body_under_the_same_key_is_refused(api: ApiClient, create: Create) -> None:
    slot = await api.make_slot()
    path, body = create(slot, "Meera")
    await api.ask("POST", path, body, headers=KEY)
    _, other = create(slot, "Another")
    with refused(422, "idempotency_mismatch"):
        await api.ask("POST", path, other, headers=KEY)


def _of_another_patient(patient: str, **more: object) -> dict[str, object]:
    return {
        "patientId": patient,
        "patientName": patient,
        "phoneNumber": f"0804112778{patient}",
        "language": {"1": "en-IN", "2": "hi"}[patient],
        **more,
    }


TWO_BODIES = [
    (
        "/api/doctors",
        {"name": "Asha", "specialization": "Skin", "opdDays": ["Monday"], "id": "asha"},
        {"name": "Anil", "specialization": "Eye", "opdDays": ["Friday"], "id": "anil"},
    ),
    (
        "/api/slots",
        {"date": "2030-01-16", "startTime": "09:00", "endTime": "10:00", "maxCapacity": 6},
        {"startTime": "09:30", "endTime": "10:30", "maxCapacity": 7},
    ),
    (
        "/api/tokens/allocate",
        _of_another_patient("1", source="ONLINE", specialization="Cardiology", date="2030-01-15"),
        _of_another_patient("2", source="WALKIN", specialization="Eye", date="2030-01-16"),
    ),
    *(
        (f"/api/tokens/{source.row.path}", _of_another_patient("1"), _of_another_patient("2"))
        for source in Source
    ),
]
"""For each way to create: a body with every field, and another value for each of them.

Ids of slots and doctors are filled in. What names the sheet is left out of the other values: a
key is looked for on the sheet that the request names.
"""


@pytest.mark.parametrize(("path", "body", "others"), TWO_BODIES, ids=[two[0] for two in TWO_BODIES])
async def test_every_field_changed_alone_is_another_request(
    api: ApiClient, path: str, body: dict[str, object], others: dict[str, object]
) -> None:
    first, second = await api.make_day(3, 3)
    fields = set(await api.fields_of(path))
    given = {
        "slotId": (first.id, second.id),
        "doctorId": (first.doctor_id, "nobody"),
        "ifFull": ("reject", "waitlist"),
        "checkIn": (False, True),
        "despiteOverrun": (False, True),
    }
    for name in fields & set(given) - set(body):
        body, others = {**body, name: given[name][0]}, {**others, name: given[name][1]}
    if path == "/api/slots":
        del others["doctorId"]
    assert set(body) == fields - {"facilityId"}  # another is unknown to who asks
    await api.ask("POST", path, body, headers=KEY)
    for name, other in others.items():
        with refused(422, "idempotency_mismatch"):
            await api.ask("POST", path, {**body, name: other}, headers=KEY)


async def test_a_key_used_on_a_doctors_day_is_used_for_all_of_it(api: ApiClient) -> None:
    """It makes one slot or one token there, whatever is asked of it later."""
    doctor = await api.add_doctor()
    slot = await api.add_slot(doctor.id, "09:00", "10:00", headers=KEY)
    with refused(422, "idempotency_mismatch"):
        await api.add_slot(doctor.id, "15:00", "16:00", headers=KEY)
    with refused(422, "idempotency_mismatch"):
        await api.book(slot.id, headers=KEY)
    other = {"Idempotency-Key": "another"}
    await api.book(slot.id, headers=other)
    with refused(422, "idempotency_mismatch"):
        await api.add_slot(doctor.id, "15:00", "16:00", headers=other)
    assert [one.id for one in await api.slots(doctor.id)] == [slot.id]


async def test_a_key_of_another_day_of_the_doctor_is_another_key(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    first = await api.add_slot(doctor.id, headers=KEY)
    second = await api.add_slot(doctor.id, date="2030-01-16", headers=KEY)
    assert first.id != second.id


async def test_a_reused_key_holds_no_hours_of_the_next_day(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    await api.add_slot(doctor.id, headers=KEY)
    with refused(422, "idempotency_mismatch"):
        await api.add_slot(doctor.id, "23:00", "01:00", headers=KEY)
    await api.add_slot(doctor.id, "00:00", "01:00", date="2030-01-16")


async def test_a_night_slot_repeated_with_another_end_is_a_mismatch_with_its_key(
    api: ApiClient,
) -> None:
    doctor = await api.add_doctor()
    await api.add_slot(doctor.id, "23:00", "01:00", headers=KEY)
    with refused(422, "idempotency_mismatch"):
        await api.add_slot(doctor.id, "23:00", "06:00", headers=KEY)


async def test_the_key_of_an_allocation_that_was_sent_on_books_nothing_else(api: ApiClient) -> None:
    left, taken = await api.make_slot(seats=1), await api.make_slot("11:00", "12:00", seats=1)
    await api.book(left.id, "p1")
    held = await api.book(taken.id, "p2")
    with refused(409, "slot_full"):
        await api.allocate(ifFull="reject", headers=KEY)  # it stays with the earlier slot's day
    await api.cancel(held.id)
    sent_on = await api.allocate(ifFull="reject", headers=KEY)
    assert sent_on.slot_id == taken.id

    with refused(422, "idempotency_mismatch"):
        await api.book(left.id, "p3", headers=KEY)
    with refused(422, "idempotency_mismatch"):
        await api.add_slot(left.doctor_id, "15:00", "16:00", headers=KEY)


@CREATING
async def test_the_same_request_many_times_at_once_is_done_once(
    api: ApiClient, create: Create
) -> None:
    path, body = create(await api.make_slot(), "Meera")
    answers = await asyncio.gather(*(api.ask("POST", path, body, headers=KEY) for _ in range(10)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1


async def test_a_key_is_its_principals_whoever_that_one_stands_for(open_client: OpenClient) -> None:
    desks = [make_principal(name, Role.ADMIN) for name in ("desk-1", "desk-2")]
    async with open_client(knowing(*desks)) as api:
        slot = await api.make_slot(headers=as_("desk-1"))
        first, again, other = [
            await api.book(slot.id, patient, headers={**KEY, **as_(desk), "X-Actor": behind})
            for patient, desk, behind in (
                ("p1", "desk-1", "asha"),
                ("p1", "desk-1", "ravi"),
                ("p2", "desk-2", "asha"),
            )
        ]
        assert first.id == again.id != other.id


async def test_a_repeat_shows_the_token_as_it_is_now(api: ApiClient, clock: ManualClock) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id, headers=KEY)
    await api.cancel(token.id)
    clock.set(at("12:00"))
    again = await api.book(slot.id, headers=KEY)
    assert (again.id, again.status) == (token.id, Status.CANCELLED)


async def test_a_repeat_tells_who_was_bumped_the_first_time(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    await api.book(slot.id, "p1", Source.WALKIN)
    first = await api.book(slot.id, "p2", Source.PRIORITY, headers=KEY)
    assert first.bumped is not None
    assert await api.book(slot.id, "p2", Source.PRIORITY, headers=KEY) == first


async def test_a_repeat_without_a_patient_id_makes_no_second_patient(api: ApiClient) -> None:
    slot = await api.make_slot()
    first = await api.book(slot.id, source=Source.WALKIN, patientId=None, headers=KEY)
    again = await api.book(slot.id, source=Source.WALKIN, patientId=None, headers=KEY)
    assert again.patient_id == first.patient_id


async def test_a_refusal_is_not_remembered(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    held = await api.book(slot.id, "p0")
    with refused(409, "slot_full"):
        await api.book(slot.id, "p1", ifFull="reject", headers=KEY)
    await api.cancel(held.id)
    assert (await api.book(slot.id, "p1", ifFull="reject", headers=KEY)).status is Status.BOOKED


async def test_a_key_has_1_to_255_visible_characters(api: ApiClient) -> None:
    slot = await api.make_slot()
    for key in ("", "a b", "x" * 256, "a\tb"):
        with refused(422, "invalid_idempotency_key"):
            await api.book(slot.id, headers={"Idempotency-Key": key})
    token = await api.book(slot.id, headers={"Idempotency-Key": "x" * 255})
    assert token.status is Status.BOOKED
