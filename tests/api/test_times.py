"""Slots past midnight, days of 23 and 25 hours, and zones off by half an hour."""

from datetime import timedelta

import pytest

from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import at

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
FORWARD = {  # the clocks skip from the first hour to the second on that date
    BERLIN: ("2030-03-31", "02:00", "03:00"),
    NEW_YORK: ("2030-03-10", "02:00", "03:00"),
    LORD_HOWE: ("2030-10-06", "02:00", "02:30"),
}
BACK = {  # the hours between the two come twice on that date
    BERLIN: ("2030-10-27", "02:00", "03:00"),
    NEW_YORK: ("2030-11-03", "01:00", "02:00"),
    LORD_HOWE: ("2030-04-07", "01:30", "02:00"),
}


async def test_a_slot_may_pass_midnight_and_belongs_to_the_day_it_starts_on(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    slot = await api.add_slot(doctor.id, "22:00", "02:00")
    assert (slot.start, slot.end) == (at("22:00"), at("02:00", days=1))
    assert (slot.start_time, slot.end_time, slot.date.isoformat()) == (
        "22:00",
        "02:00",
        "2030-01-15",
    )
    assert [one.id for one in await api.slots(doctor.id, date="2030-01-15")] == [slot.id]
    assert await api.slots(doctor.id, date="2030-01-16") == []


async def test_a_slot_may_end_at_midnight(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    slot = await api.add_slot(doctor.id, "23:00", "00:00")
    assert slot.end - slot.start == timedelta(hours=1)
    await api.add_slot(doctor.id, "00:00", "01:00", date="2030-01-16")


async def test_a_slot_past_midnight_is_checked_against_the_next_day(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    morning = await api.add_slot(doctor.id, "01:00", "02:00", date="2030-01-16")
    with refused(409, "slot_overlap") as refusal:
        await api.add_slot(doctor.id, "23:00", "01:30")
    assert refusal.help == {"slotId": morning.id}
    assert await api.slots(doctor.id, date="2030-01-15") == []
    await api.add_slot(doctor.id, "23:00", "01:00")


async def test_a_slot_is_checked_against_one_of_the_day_before(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    night = await api.add_slot(doctor.id, "23:00", "01:30")
    with refused(409, "slot_overlap") as refusal:
        await api.add_slot(doctor.id, "01:00", "02:00", date="2030-01-16")
    assert refusal.help == {"slotId": night.id}
    await api.add_slot(doctor.id, "01:30", "02:00", date="2030-01-16")


async def test_a_refused_slot_past_midnight_leaves_no_trace(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    await api.add_slot(doctor.id, "22:00", "23:30")
    with refused(409, "slot_overlap"):
        await api.add_slot(doctor.id, "23:00", "01:30")
    await api.add_slot(doctor.id, "00:00", "02:00", date="2030-01-16")


async def test_a_night_slot_with_another_end_is_refused(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    night = await api.add_slot(doctor.id, "22:00", "01:00")
    await api.add_slot(doctor.id, "02:00", "04:00", date="2030-01-16")
    for end in ("23:00", "00:30", "01:30", "06:00"):
        with refused(409, "slot_overlap") as refusal:
            await api.add_slot(doctor.id, "22:00", end)
        assert refusal.help == {"slotId": night.id}
    assert [slot.end_time for slot in await api.slots(doctor.id)] == ["01:00", "04:00"]


async def test_a_slot_that_has_ended_is_not_added_and_holds_no_hours(
    api: ApiClient, clock: ManualClock
) -> None:
    doctor = await api.add_doctor()
    clock.set(at("01:00", days=1))
    with refused(422, "slot_over"):
        await api.add_slot(doctor.id, "09:00", "10:00")
    with refused(422, "slot_over"):
        await api.add_slot(doctor.id, "23:00", "01:00")
    await api.add_slot(doctor.id, "00:30", "02:00", date="2030-01-16")


async def test_the_opd_day_of_a_slot_past_midnight_is_the_one_it_starts_on(api: ApiClient) -> None:
    doctor = await api.add_doctor(opdDays=["Tuesday"])
    await api.add_slot(doctor.id, "23:00", "01:00", date="2030-01-15")
    with refused(422, "not_an_opd_day"):
        await api.add_slot(doctor.id, "00:30", "02:00", date="2030-01-16")


async def test_a_slot_past_midnight_is_available_on_its_day_alone(
    api: ApiClient, clock: ManualClock
) -> None:
    doctor = await api.add_doctor()
    slot = await api.add_slot(doctor.id, "23:00", "01:00")
    clock.set(at("00:30", days=1))
    assert await api.available(doctor.id) == []
    shown = await api.available(doctor.id, date="2030-01-15")
    assert [one.id for one in shown] == [slot.id]
    assert (await api.book(slot.id)).position == 1


# Clock changes


@pytest.mark.parametrize("zone", FORWARD)
async def test_an_hour_that_the_clocks_skip_does_not_exist(
    open_client: OpenClient, zone: str
) -> None:
    date, first, until = FORWARD[zone]
    skipped = f"{first[:3]}15"
    async with open_client(facility_timezone=zone) as api:
        doctor = await api.add_doctor()
        for start, end in ((skipped, "09:00"), (first, "09:00"), ("00:30", skipped)):
            with refused(422, "invalid_time") as refusal:
                await api.add_slot(doctor.id, start, end, date=date)
            assert "does not exist" in refusal.detail
        slot = await api.add_slot(doctor.id, until, "09:00", date=date)
        assert slot.start_time == until


@pytest.mark.parametrize(
    ("zone", "hours"), [(BERLIN, 3.0), (NEW_YORK, 3.0), (LORD_HOWE, 3.5)], ids=str
)
async def test_a_slot_over_the_skipped_hour_is_shorter(
    open_client: OpenClient, zone: str, hours: float
) -> None:
    date, _, _ = FORWARD[zone]
    async with open_client(facility_timezone=zone) as api:
        doctor = await api.add_doctor()
        slot = await api.add_slot(doctor.id, "00:00", "04:00", date=date)
        assert (slot.end - slot.start) / timedelta(hours=1) == hours
        assert (slot.start_time, slot.end_time) == ("00:00", "04:00")


@pytest.mark.parametrize("zone", BACK)
async def test_an_hour_that_comes_twice_holds_two_slots(open_client: OpenClient, zone: str) -> None:
    date, first, until = BACK[zone]
    length = at(until) - at(first)
    async with open_client(facility_timezone=zone) as api:
        doctor = await api.add_doctor()
        once = await api.add_slot(doctor.id, first, f"{first}r", date=date)
        again = await api.add_slot(doctor.id, f"{first}r", until, date=date)
        assert again.start - once.start == length
        assert once.end == again.start
        assert (once.start_time, once.end_time) == (first, f"{first}r")
        assert (again.start_time, again.end_time) == (f"{first}r", until)
        assert once.start.utcoffset() != again.start.utcoffset()
        for slot in (once, again):
            assert (await api.slot(slot.id)).id == slot.id
        shown = await api.slots(doctor.id, date=date)
        assert [slot.id for slot in shown] == [once.id, again.id]


async def test_an_r_where_no_hour_comes_twice_is_refused(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    for start, end in (("01:30r", "09:00"), ("01:30", "09:00r")):
        with refused(422, "invalid_time") as refusal:
            await api.add_slot(doctor.id, start, end)
        assert "comes once" in refusal.detail


async def test_a_repeated_hour_counts_in_the_12_hours(open_client: OpenClient) -> None:
    async with open_client(facility_timezone=NEW_YORK) as api:
        doctor = await api.add_doctor()
        with refused(422, "invalid_time"):
            await api.add_slot(doctor.id, "00:00", "12:00", date="2030-11-03")
        slot = await api.add_slot(doctor.id, "00:00", "11:00", date="2030-11-03")
        assert slot.end - slot.start == timedelta(hours=12)


# Today and offsets


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Asia/Kolkata", "+05:30"),
        ("Asia/Kathmandu", "+05:45"),
        (LORD_HOWE, "+11:00"),
        (NEW_YORK, "-05:00"),
        ("Pacific/Kiritimati", "+14:00"),
        ("UTC", "Z"),
    ],
)
async def test_instants_carry_the_facilitys_offset(
    open_client: OpenClient, zone: str, offset: str
) -> None:
    async with open_client(facility_timezone=zone) as api:
        slot = await api.add_slot((await api.add_doctor()).id, date="2030-01-16")
        answer = await api.ask("GET", f"/api/slots/{slot.id}")
        assert answer.json()["start"] == f"2030-01-16T09:00:00{offset}"
        assert answer.json()["startTime"] == "09:00"


@pytest.mark.parametrize(
    ("zone", "today"), [("Pacific/Kiritimati", "2030-01-15"), ("Pacific/Pago_Pago", "2030-01-14")]
)
async def test_today_is_the_facilitys(
    open_client: OpenClient, clock: ManualClock, zone: str, today: str
) -> None:
    clock.set(at("06:00", days=-2))
    async with open_client(facility_timezone=zone) as api:
        doctor = await api.add_doctor()
        slots = [
            await api.add_slot(doctor.id, "23:00", "23:59", date=f"2030-01-{day}")
            for day in (14, 15, 16)
        ]
        clock.set(at("06:00", zone="UTC"))
        expected = [slot.id for slot in slots if slot.date.isoformat() == today]
        assert [slot.id for slot in await api.available(doctor.id)] == expected
        assert (await api.allocate()).slot_id == expected[0]
