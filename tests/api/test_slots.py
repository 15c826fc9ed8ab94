"""Slots: planned, refused, shown."""

from datetime import timedelta

import pytest

from models.slot import SlotStatus
from models.source import Source
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import at


async def test_a_slot_is_added_and_found(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    added = await api.add_slot(doctor.id, "09:00", "10:00", 4)
    assert (added.doctor_id, added.date.isoformat()) == (doctor.id, "2030-01-15")
    assert (added.start_time, added.end_time, added.max_capacity) == ("09:00", "10:00", 4)
    assert (added.start, added.end) == (at("09:00"), at("10:00"))
    assert await api.slot(added.id) == added


async def test_a_slots_answer_has_these_members(api: ApiClient) -> None:
    slot = await api.make_slot()
    answer = await api.ask("GET", f"/api/slots/{slot.id}")
    assert answer.json() == {
        "id": slot.id,
        "doctorId": slot.doctor_id,
        "date": "2030-01-15",
        "startTime": "09:00",
        "endTime": "10:00",
        "start": "2030-01-15T09:00:00+05:30",
        "end": "2030-01-15T10:00:00+05:30",
        "expectedStart": "2030-01-15T09:00:00+05:30",
        "maxCapacity": 2,
        "capacity": 2,
        "taken": 0,
        "available": 2,
        "waitlisted": 0,
        "delayMinutes": 0,
        "status": "OPEN",
        "over": False,
    }


async def test_a_slot_without_a_count_has_the_default(open_client: OpenClient) -> None:
    async with open_client(default_max_capacity=9) as api:
        doctor = await api.add_doctor()
        assert (await api.add_slot(doctor.id)).max_capacity == 9


async def test_a_slot_in_snake_case_is_the_same(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    body = {
        "doctor_id": doctor.id,
        "date": "2030-01-15",
        "start_time": "09:00",
        "end_time": "10:00",
        "max_capacity": 3,
    }
    answer = await api.ask("POST", "/api/slots", body)
    assert answer.json()["maxCapacity"] == 3


async def test_seats_counts_and_capacity_follow_the_bookings(api: ApiClient) -> None:
    slot = await api.make_slot(seats=2)
    sources = [Source.EMERGENCY, Source.EMERGENCY, Source.EMERGENCY, Source.ONLINE]
    await api.book_all(slot.id, sources)
    shown = await api.slot(slot.id)
    assert (shown.taken, shown.capacity, shown.max_capacity) == (3, 3, 2)
    assert (shown.available, shown.waitlisted) == (0, 1)


# Refusals


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("09:00", "10:00"),
        ("09:30", "09:45"),
        ("08:30", "09:01"),
        ("09:59", "11:00"),
        ("08:00", "12:00"),
    ],
)
async def test_slots_of_a_doctor_never_overlap(api: ApiClient, start: str, end: str) -> None:
    first = await api.make_slot("09:00", "10:00")
    with refused(409, "slot_overlap") as refusal:
        await api.add_slot(first.doctor_id, start, end)
    assert refusal.help == {"slotId": first.id}
    assert [slot.id for slot in await api.slots(first.doctor_id)] == [first.id]


async def test_slots_may_touch(api: ApiClient) -> None:
    first = await api.make_slot("09:00", "10:00")
    await api.add_slot(first.doctor_id, "10:00", "11:00")
    await api.add_slot(first.doctor_id, "08:00", "09:00")
    assert len(await api.slots(first.doctor_id)) == 3


async def test_slots_of_two_doctors_may_overlap(api: ApiClient) -> None:
    assert (await api.make_slot()).doctor_id != (await api.make_slot()).doctor_id


async def test_a_slot_cant_end_when_it_starts(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    with refused(422, "invalid_time") as refusal:
        await api.add_slot(doctor.id, "09:00", "09:00")
    assert "end" in refusal.detail


@pytest.mark.parametrize(
    ("start", "end"), [("08:00", "20:01"), ("09:00", "08:59"), ("12:00", "00:01")]
)
async def test_a_slot_lasts_12_hours_at_most(api: ApiClient, start: str, end: str) -> None:
    doctor = await api.add_doctor()
    with refused(422, "invalid_time") as refusal:
        await api.add_slot(doctor.id, start, end)
    assert "12 hours" in refusal.detail


async def test_a_slot_may_last_12_hours(api: ApiClient) -> None:
    slot = await api.make_slot("08:00", "20:00")
    assert slot.end - slot.start == timedelta(hours=12)


async def test_a_day_that_is_none_of_the_opd_days_is_refused(api: ApiClient) -> None:
    doctor = await api.add_doctor(opdDays=["Monday", "Friday"])
    with refused(422, "not_an_opd_day") as refusal:
        await api.add_slot(doctor.id)  # a Tuesday
    assert refusal.help == {"opdDays": ["Monday", "Friday"]}
    assert "Tuesday" in refusal.detail


@pytest.mark.parametrize("days", [["Tuesday"], []])
async def test_a_slot_on_an_opd_day_is_fine(api: ApiClient, days: list[str]) -> None:
    doctor = await api.add_doctor(opdDays=days)
    assert (await api.add_slot(doctor.id)).status is SlotStatus.OPEN


async def test_a_slot_needs_a_known_doctor(api: ApiClient) -> None:
    for unknown in ["nobody", "a-b", "", "x" * 33, "a\x00b", "\ud800", "../x", "{}"]:
        with refused(404, "unknown_doctor"):
            await api.add_slot(unknown)


async def test_an_unknown_or_malformed_slot_is_not_found(api: ApiClient) -> None:
    await api.add_slot((await api.add_doctor(id="asha")).id)
    for unknown in [
        "nobody-20300115-0900",
        "asha-20300115-0901",
        "asha-20300116-0900",
        "asha-20300230-0900",
        "asha-20300115-0900r",
        "asha-20300115-9900",
        "asha-20300115",
        "asha",
        "0",
        "a\x00b",
        "😀",
        "x" * 300,
        "asha-20300115-0900\n",
    ]:
        for ask in (
            api.slot(unknown),
            api.stats(unknown),
            api.queue(unknown),
            api.delay(unknown, 5),
            api.change_slot(unknown, maxCapacity=9),
            api.book(unknown),
            api.reallocate(unknown),
        ):
            with refused(404, "unknown_slot"):
                await ask


# Available


async def test_available_slots_have_free_seats(api: ApiClient) -> None:
    full, free, closed = await api.make_day(1, 1, 1)
    await api.book(full.id)
    await api.change_slot(closed.id, status="CLOSED")
    shown = await api.available(full.doctor_id, date="2030-01-15")
    assert [slot.id for slot in shown] == [free.id]


async def test_available_slots_have_not_ended(api: ApiClient, clock: ManualClock) -> None:
    first, second = await api.make_day(1, 1)
    clock.set(at("09:59"))
    assert len(await api.available(first.doctor_id)) == 2
    clock.set(at("10:00"))
    assert [slot.id for slot in await api.available(first.doctor_id)] == [second.id]


async def test_a_delayed_slot_ends_later(api: ApiClient, clock: ManualClock) -> None:
    slot = await api.make_slot()
    await api.delay(slot.id, 30)
    clock.set(at("10:29"))
    assert len(await api.available(slot.doctor_id)) == 1
    clock.set(at("10:30"))
    assert await api.available(slot.doctor_id) == []


async def test_available_means_today_without_a_date(api: ApiClient, clock: ManualClock) -> None:
    """Today is the facility's: half past midnight in Kolkata is still yesterday in UTC."""
    doctor = await api.add_doctor()
    await api.add_slot(doctor.id, date="2030-01-15")
    tomorrow = await api.add_slot(doctor.id, date="2030-01-16")
    clock.set(at("00:30", days=1))
    assert [slot.id for slot in await api.available(doctor.id)] == [tomorrow.id]


async def test_a_day_without_slots_has_none_available(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    assert await api.available(doctor.id, date="2031-01-01") == []


async def test_available_needs_a_known_doctor(api: ApiClient) -> None:
    with refused(404, "unknown_doctor"):
        await api.available("nobody")
