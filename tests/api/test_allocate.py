"""The service picks the doctor and the slot."""

import pytest

from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.conftest import OpenDesk
from tests.api.desk import Desk, refused
from tests.api.service import at

ORDINARY = [Source.ONLINE, Source.WALKIN, Source.FOLLOWUP]
URGENT = [Source.PRIORITY, Source.EMERGENCY]


async def doctor_with(
    desk: Desk, doctor_id: str, *slots: tuple[str, str, int], specialization: str = "Cardiology"
) -> str:
    """A doctor with slots of today: start, end, seats."""
    await desk.add_doctor(specialization=specialization, id=doctor_id)
    for start, end, seats in slots:
        await desk.add_slot(doctor_id, start, end, seats)
    return doctor_id


@pytest.mark.parametrize("source", ORDINARY)
async def test_an_ordinary_source_gets_the_earliest_free_seat(desk: Desk, source: Source) -> None:
    await doctor_with(desk, "a", ("10:00", "11:00", 9))
    await doctor_with(desk, "b", ("09:00", "10:00", 1), ("11:00", "12:00", 1))
    token = await desk.allocate(source)
    assert (token.slot_id, token.status, token.source) == ("b-20300115-0900", Status.BOOKED, source)
    assert (await desk.allocate(source)).slot_id == "a-20300115-1000"


async def test_a_tie_goes_to_the_doctor_with_fewer_seats_taken(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 3), ("11:00", "12:00", 3))
    await doctor_with(desk, "b", ("09:00", "10:00", 3))
    await desk.book("a-20300115-1100")
    assert (await desk.allocate()).slot_id == "b-20300115-0900"


@pytest.mark.parametrize("source", URGENT)
async def test_the_urgent_get_the_least_loaded_doctors_earliest(desk: Desk, source: Source) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 2))
    await doctor_with(desk, "b", ("10:00", "11:00", 2), ("11:00", "12:00", 2))
    await desk.book("a-20300115-0900")
    await desk.book("b-20300115-1100")
    assert (await desk.allocate(source)).slot_id == "b-20300115-1000"


async def test_all_full_an_ordinary_one_waits_where_fewest_wait(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 1))
    await doctor_with(desk, "b", ("10:00", "11:00", 1))
    await desk.book_all("a-20300115-0900", [Source.ONLINE, Source.ONLINE])
    await desk.book_all("b-20300115-1000", [Source.ONLINE])
    token = await desk.allocate(Source.WALKIN)
    assert (token.slot_id, token.status) == ("b-20300115-1000", Status.WAITLISTED)
    token = await desk.allocate(Source.WALKIN)
    assert (token.slot_id, token.waitlist_position) == ("a-20300115-0900", 2)


async def test_all_full_who_can_be_seated_by_a_bump_is(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 1))
    await doctor_with(desk, "b", ("10:00", "11:00", 1))
    await desk.book("a-20300115-0900", "p1", Source.PRIORITY)
    walkin = await desk.book("b-20300115-1000", "p2", Source.WALKIN)
    token = await desk.allocate(Source.FOLLOWUP)
    assert (token.slot_id, token.status) == ("b-20300115-1000", Status.BOOKED)
    assert token.bumped is not None
    assert token.bumped.token_id == walkin.id


async def test_all_full_an_emergency_is_seated_beyond_capacity(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 1))
    await desk.book("a-20300115-0900")
    token = await desk.allocate(Source.EMERGENCY, phoneNumber=None)
    assert (token.status, token.bumped, token.phone_number) == (Status.BOOKED, None, None)


async def test_all_full_who_wants_no_waitlist_is_refused(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 1))
    await desk.book("a-20300115-0900")
    with refused(409, "slot_full"):
        await desk.allocate(ifFull="reject")


async def test_only_doctors_of_the_specialization_ignoring_case(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 1), specialization="Skin")
    await doctor_with(desk, "b", ("11:00", "12:00", 1), specialization="Eye")
    assert (await desk.allocate(specialization="EYE")).doctor_id == "b"
    with refused(409, "no_slot"):
        await desk.allocate(specialization="Ear")


async def test_only_the_named_doctor(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 1))
    await doctor_with(desk, "b", ("11:00", "12:00", 1))
    assert (await desk.allocate(doctorId="b")).doctor_id == "b"


async def test_an_unknown_doctor_is_not_found(desk: Desk) -> None:
    for unknown in ("nobody", "a-b", "", "a\x00b", "\ud800"):
        with refused(404, "unknown_doctor"):
            await desk.allocate(doctorId=unknown)


async def test_only_the_named_date(desk: Desk) -> None:
    doctor = await doctor_with(desk, "a", ("09:00", "10:00", 1))
    await desk.add_slot(doctor, date="2030-01-20")
    assert (await desk.allocate(date="2030-01-20")).slot_id == "a-20300120-0900"
    with refused(409, "no_slot"):
        await desk.allocate(date="2030-01-21")


async def test_without_a_date_it_is_the_facilitys_today(desk: Desk, clock: ManualClock) -> None:
    doctor = await doctor_with(desk, "a")
    await desk.add_slot(doctor, date="2030-01-15")
    await desk.add_slot(doctor, date="2030-01-16")
    clock.set(at("00:30", days=1))  # still the 15th in UTC
    assert (await desk.allocate()).slot_id == "a-20300116-0900"


async def test_closed_and_past_slots_are_none(desk: Desk, clock: ManualClock) -> None:
    await doctor_with(
        desk, "a", ("09:00", "10:00", 1), ("10:00", "11:00", 1), ("11:00", "12:00", 1)
    )
    await desk.change_slot("a-20300115-1000", status="CLOSED")
    clock.set(at("10:00"))
    assert (await desk.allocate()).slot_id == "a-20300115-1100"
    clock.set(at("12:00"))
    with refused(409, "no_slot"):
        await desk.allocate()


async def test_a_slot_where_the_patient_has_a_token_is_left_out(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 5), ("10:00", "11:00", 5))
    tokens = [await desk.allocate(patientId="p1") for _ in range(2)]
    assert [token.slot_id for token in tokens] == ["a-20300115-0900", "a-20300115-1000"]
    with refused(409, "no_slot"):
        await desk.allocate(patientId="p1")


async def test_a_patient_id_is_made_if_missing(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 5))
    assert (await desk.allocate()).patient_id != (await desk.allocate()).patient_id


async def test_a_full_sheet_takes_no_allocation(open_desk: OpenDesk) -> None:
    async with open_desk(max_tokens_per_sheet=1) as desk:
        await doctor_with(desk, "a", ("09:00", "10:00", 5))
        await desk.allocate()
        with refused(409, "sheet_full"):
            await desk.allocate()


@pytest.mark.parametrize("source", ["walkin", "Walk-in", "WALK IN"])
async def test_the_source_is_read_however_it_is_spelled(desk: Desk, source: str) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 5))
    answer = await desk.ask(
        "POST",
        "/api/tokens/allocate",
        {"source": source, "patientName": "Meera", "phoneNumber": "9845012345"},
    )
    assert answer.json()["source"] == "WALKIN"


async def test_a_source_is_one_of_these(desk: Desk) -> None:
    for source in ("VIP", "", None, 1):
        with refused(422, "invalid_source") as refusal:
            await desk.ask("POST", "/api/tokens/allocate", {"source": source, "patientName": "Mee"})
        assert ", ".join(Source) in refusal.detail


async def test_all_but_an_emergency_need_a_phone_number(desk: Desk) -> None:
    for source in (*ORDINARY, Source.PRIORITY):
        with refused(422, "missing_field") as refusal:
            await desk.allocate(source, phoneNumber=None)
        assert "phoneNumber" in refusal.detail


# Why there is none, and where else to look


async def test_a_doctor_whose_sheet_is_full_is_passed_over(open_desk: OpenDesk) -> None:
    async with open_desk(max_tokens_per_sheet=1) as desk:
        await doctor_with(desk, "a", ("09:00", "10:00", 5))
        await doctor_with(desk, "b", ("10:00", "11:00", 5))
        assert [(await desk.allocate()).doctor_id for _ in range(2)] == ["a", "b"]
        with refused(409, "sheet_full"):
            await desk.allocate()


async def test_a_doctor_of_another_specialization_is_refused(desk: Desk) -> None:
    await doctor_with(desk, "a", ("09:00", "10:00", 5), specialization="Skin")
    assert (await desk.allocate(doctorId="a", specialization="SKIN")).doctor_id == "a"
    with refused(422, "other_specialization") as refusal:
        await desk.allocate(doctorId="a", specialization="Eye")
    assert refusal.help == {"specialization": "Skin"}


async def test_each_reason_for_no_slot_is_told_with_the_date(desk: Desk) -> None:
    told = {}

    async def note(cause: str, specialization: str | None = None) -> None:
        with refused(409, "no_slot") as refusal:
            await desk.allocate(patientId="p1", specialization=specialization)
        assert refusal.help == {"cause": cause, "date": "2030-01-15"}
        assert "2030-01-15" in refusal.detail
        told[cause] = refusal.detail

    await note("no_doctor")
    await doctor_with(desk, "a")
    await note("no_doctor", "Eye")
    await note("none_planned")
    slot = await desk.add_slot("a")
    await desk.allocate(patientId="p1")
    await note("has_tokens")
    await desk.change_slot(slot.id, status="CLOSED")
    await note("none_open")
    assert len(set(told.values())) == 4
