"""Doctors are changed, retire, and come back."""

import pytest

from answers.doctors import DoctorOut
from models.doctor import Weekday
from models.token import Status
from tests.api.desk import Desk, refused
from tests.api.service import DAY


async def _change(desk: Desk, doctor_id: str, **changes: object) -> DoctorOut:
    answer = await desk.ask("PATCH", f"/api/doctors/{doctor_id}", changes)
    assert answer.json() == (await desk.ask("GET", f"/api/doctors/{doctor_id}")).json()
    return await desk.doctor(doctor_id)


async def test_what_is_named_of_a_doctor_changes_and_the_rest_stays(desk: Desk) -> None:
    doctor = await desk.add_doctor(opdDays=["Monday"])
    changed = await _change(desk, doctor.id, name="Asha R. Rao", opdDays=["FRI", "Tuesday"])
    assert (changed.name, changed.specialization) == ("Asha R. Rao", doctor.specialization)
    assert changed.opd_days == [Weekday.TUESDAY, Weekday.FRIDAY]
    assert (await _change(desk, doctor.id, specialization="ENT")).opd_days == changed.opd_days
    assert (await _change(desk, doctor.id, opdDays=[])).opd_days == []


async def test_opd_days_count_for_slots_that_are_added_from_then_on(desk: Desk) -> None:
    slot = await desk.make_slot()  # on a Tuesday
    await _change(desk, slot.doctor_id, opdDays=["Monday"])
    await desk.book(slot.id)
    with refused(422, "not_an_opd_day"):
        await desk.add_slot(slot.doctor_id, "11:00", "12:00")


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
async def test_what_is_no_change_is_refused(desk: Desk, body: dict[str, object], code: str) -> None:
    doctor = await desk.add_doctor()
    with refused(422, code):
        await desk.ask("PATCH", f"/api/doctors/{doctor.id}", body)
    assert await desk.doctor(doctor.id) == doctor


async def test_a_doctor_who_is_not_there_can_not_be_changed(desk: Desk) -> None:
    with refused(404, "unknown_doctor"):
        await desk.ask("PATCH", "/api/doctors/nobody", {"retired": True})


async def test_a_retired_doctor_takes_neither_bookings_nor_slots(desk: Desk) -> None:
    slot = await desk.make_slot()
    assert (await _change(desk, slot.doctor_id, retired=True)).retired
    with refused(409, "doctor_retired"):
        await desk.book(slot.id)
    with refused(409, "doctor_retired"):
        await desk.add_slot(slot.doctor_id, "11:00", "12:00")
    with refused(409, "doctor_retired"):
        await desk.add_slot(slot.doctor_id, date="2030-02-05")  # a day without a slot so far
    with refused(409, "doctor_retired"):
        await desk.allocate(doctorId=slot.doctor_id, date=str(DAY))
    assert await desk.available(slot.doctor_id, date=str(DAY)) == []


async def test_allocation_goes_to_those_who_have_not_retired(desk: Desk) -> None:
    first, second = await desk.make_slot(), await desk.make_slot("10:00", "11:00")
    await _change(desk, first.doctor_id, retired=True)
    assert (await desk.allocate(date=str(DAY))).slot_id == second.id


async def test_tokens_of_a_retired_doctor_stay_and_go_on_their_way(desk: Desk) -> None:
    slot = await desk.make_slot()
    token = await desk.book(slot.id)
    await _change(desk, slot.doctor_id, retired=True)
    assert (await desk.move(token.id, "CHECKED_IN")).status is Status.CHECKED_IN
    assert [each.id for each in (await desk.queue(slot.id)).queue] == [token.id]


async def test_a_repeat_of_a_booking_from_before_is_answered_as_then(desk: Desk) -> None:
    slot = await desk.make_slot()
    key = {"Idempotency-Key": "k1"}
    token = await desk.book(slot.id, headers=key)
    await _change(desk, slot.doctor_id, retired=True)
    assert (await desk.book(slot.id, headers=key)).id == token.id


async def test_one_who_comes_back_takes_bookings_and_slots_again(desk: Desk) -> None:
    slot = await desk.make_slot()
    await _change(desk, slot.doctor_id, retired=True)
    assert not (await _change(desk, slot.doctor_id, retired=False)).retired
    await desk.book(slot.id)
    await desk.add_slot(slot.doctor_id, date="2030-02-05")


async def test_retiring_twice_is_as_good_as_once(desk: Desk) -> None:
    slot = await desk.make_slot()
    for retired in (True, True, False, False, True):
        await _change(desk, slot.doctor_id, retired=retired)
    with refused(409, "doctor_retired"):
        await desk.book(slot.id)
