"""Doctors are changed, retire, and come back."""

import pytest

from answers.doctors import DoctorOut
from models.doctor import Weekday
from models.token import Status
from tests.api.client import ApiClient, refused
from tests.api.service import DAY

pytestmark = pytest.mark.both_databases


async def _change(api: ApiClient, doctor_id: str, **changes: object) -> DoctorOut:
    answer = await api.ask("PATCH", f"/api/doctors/{doctor_id}", changes)
    assert answer.json() == (await api.ask("GET", f"/api/doctors/{doctor_id}")).json()
    return await api.doctor(doctor_id)


async def test_what_is_named_of_a_doctor_changes_and_the_rest_stays(api: ApiClient) -> None:
    doctor = await api.add_doctor(opdDays=["Monday"])
    changed = await _change(api, doctor.id, name="Asha R. Rao", opdDays=["FRI", "Tuesday"])
    assert (changed.name, changed.specialization) == ("Asha R. Rao", doctor.specialization)
    assert changed.opd_days == [Weekday.TUESDAY, Weekday.FRIDAY]
    assert (await _change(api, doctor.id, specialization="ENT")).opd_days == changed.opd_days
    assert (await _change(api, doctor.id, opdDays=[])).opd_days == []


async def test_opd_days_count_for_slots_that_are_added_from_then_on(api: ApiClient) -> None:
    slot = await api.make_slot()  # on a Tuesday
    await _change(api, slot.doctor_id, opdDays=["Monday"])
    await api.book(slot.id)
    with refused(422, "not_an_opd_day"):
        await api.add_slot(slot.doctor_id, "11:00", "12:00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_to_change"),
        ({"name": None}, "nothing_to_change"),
        ({"id": "other"}, "unknown_field"),
        ({"name": ""}, "invalid_name"),
        ({"opdDays": ["Someday"]}, "invalid_weekday"),
        ({"retired": "yes"}, "invalid_retired"),
    ],
)
async def test_what_is_no_change_is_refused(
    api: ApiClient, body: dict[str, object], code: str
) -> None:
    doctor = await api.add_doctor()
    with refused(422, code):
        await api.ask("PATCH", f"/api/doctors/{doctor.id}", body)
    assert await api.doctor(doctor.id) == doctor


async def test_a_doctor_who_is_not_there_can_not_be_changed(api: ApiClient) -> None:
    with refused(404, "unknown_doctor"):
        await api.ask("PATCH", "/api/doctors/nobody", {"retired": True})


async def test_a_retired_doctor_takes_neither_bookings_nor_slots(api: ApiClient) -> None:
    slot = await api.make_slot()
    assert (await _change(api, slot.doctor_id, retired=True)).retired
    with refused(409, "doctor_retired"):
        await api.book(slot.id)
    with refused(409, "doctor_retired"):
        await api.add_slot(slot.doctor_id, "11:00", "12:00")
    with refused(409, "doctor_retired"):
        await api.add_slot(slot.doctor_id, date="2030-02-05")  # a day without a slot so far
    with refused(409, "doctor_retired"):
        await api.allocate(doctorId=slot.doctor_id, date=str(DAY))
    assert await api.available(slot.doctor_id, date=str(DAY)) == []


async def test_allocation_goes_to_those_who_have_not_retired(api: ApiClient) -> None:
    first, second = await api.make_slot(), await api.make_slot("10:00", "11:00")
    await _change(api, first.doctor_id, retired=True)
    assert (await api.allocate(date=str(DAY))).slot_id == second.id


async def test_tokens_of_a_retired_doctor_stay_and_go_on_their_way(api: ApiClient) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id)
    await _change(api, slot.doctor_id, retired=True)
    assert (await api.move(token.id, "CHECKED_IN")).status is Status.CHECKED_IN
    assert [each.id for each in (await api.queue(slot.id)).queue] == [token.id]


async def test_a_repeat_of_a_booking_from_before_is_answered_as_then(api: ApiClient) -> None:
    slot = await api.make_slot()
    key = {"Idempotency-Key": "k1"}
    token = await api.book(slot.id, headers=key)
    await _change(api, slot.doctor_id, retired=True)
    assert (await api.book(slot.id, headers=key)).id == token.id


async def test_one_who_comes_back_takes_bookings_and_slots_again(api: ApiClient) -> None:
    slot = await api.make_slot()
    await _change(api, slot.doctor_id, retired=True)
    assert not (await _change(api, slot.doctor_id, retired=False)).retired
    await api.book(slot.id)
    await api.add_slot(slot.doctor_id, date="2030-02-05")


async def test_retiring_twice_is_as_good_as_once(api: ApiClient) -> None:
    slot = await api.make_slot()
    for retired in (True, True, False, False, True):
        await _change(api, slot.doctor_id, retired=retired)
    with refused(409, "doctor_retired"):
        await api.book(slot.id)
