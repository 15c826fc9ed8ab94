"""The service picks the doctor and the slot."""

import pytest

from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.conftest import OpenClient
from tests.api.service import at

pytestmark = pytest.mark.both_databases

ORDINARY = [Source.ONLINE, Source.WALKIN, Source.FOLLOWUP]
URGENT = [Source.PRIORITY, Source.EMERGENCY]


async def doctor_with(
    api: ApiClient, doctor_id: str, *slots: tuple[str, str, int], specialization: str = "Cardiology"
) -> str:
    """A doctor with slots of today: start, end, seats."""
    await api.add_doctor(specialization=specialization, id=doctor_id)
    for start, end, seats in slots:
        await api.add_slot(doctor_id, start, end, seats)
    return doctor_id


@pytest.mark.parametrize("source", ORDINARY)
async def test_an_ordinary_source_gets_the_earliest_free_seat(
    api: ApiClient, source: Source
) -> None:
    await doctor_with(api, "a", ("10:00", "11:00", 9))
    await doctor_with(api, "b", ("09:00", "10:00", 1), ("11:00", "12:00", 1))
    token = await api.allocate(source)
    assert (token.slot_id, token.status, token.source) == ("b-20300115-0900", Status.BOOKED, source)
    assert (await api.allocate(source)).slot_id == "a-20300115-1000"


async def test_a_tie_goes_to_the_doctor_with_fewer_seats_taken(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 3), ("11:00", "12:00", 3))
    await doctor_with(api, "b", ("09:00", "10:00", 3))
    await api.book("a-20300115-1100")
    assert (await api.allocate()).slot_id == "b-20300115-0900"


@pytest.mark.parametrize("source", URGENT)
async def test_the_urgent_get_the_least_loaded_doctors_earliest(
    api: ApiClient, source: Source
) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 2))
    await doctor_with(api, "b", ("10:00", "11:00", 2), ("11:00", "12:00", 2))
    await api.book("a-20300115-0900")
    await api.book("b-20300115-1100")
    assert (await api.allocate(source)).slot_id == "b-20300115-1000"


async def test_all_full_an_ordinary_one_waits_where_fewest_wait(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 1))
    await doctor_with(api, "b", ("10:00", "11:00", 1))
    await api.book_all("a-20300115-0900", [Source.ONLINE, Source.ONLINE])
    await api.book_all("b-20300115-1000", [Source.ONLINE])
    token = await api.allocate(Source.WALKIN)
    assert (token.slot_id, token.status) == ("b-20300115-1000", Status.WAITLISTED)
    token = await api.allocate(Source.WALKIN)
    assert (token.slot_id, token.waitlist_position) == ("a-20300115-0900", 2)


async def test_all_full_who_can_be_seated_by_a_bump_is(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 1))
    await doctor_with(api, "b", ("10:00", "11:00", 1))
    await api.book("a-20300115-0900", "p1", Source.PRIORITY)
    walkin = await api.book("b-20300115-1000", "p2", Source.WALKIN)
    token = await api.allocate(Source.FOLLOWUP)
    assert (token.slot_id, token.status) == ("b-20300115-1000", Status.BOOKED)
    assert token.bumped is not None
    assert token.bumped.token_id == walkin.id


async def test_all_full_an_emergency_is_seated_beyond_capacity(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 1))
    await api.book("a-20300115-0900")
    token = await api.allocate(Source.EMERGENCY, phoneNumber=None)
    assert (token.status, token.bumped, token.phone_number) == (Status.BOOKED, None, None)


async def test_all_full_who_wants_no_waitlist_is_refused(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 1))
    await api.book("a-20300115-0900")
    with refused(409, "slot_full"):
        await api.allocate(ifFull="reject")


async def test_only_doctors_of_the_specialization_ignoring_case(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 1), specialization="Skin")
    await doctor_with(api, "b", ("11:00", "12:00", 1), specialization="Eye")
    assert (await api.allocate(specialization="EYE")).doctor_id == "b"
    with refused(409, "no_slot"):
        await api.allocate(specialization="Ear")


async def test_only_the_named_doctor(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 1))
    await doctor_with(api, "b", ("11:00", "12:00", 1))
    assert (await api.allocate(doctorId="b")).doctor_id == "b"


async def test_an_unknown_doctor_is_not_found(api: ApiClient) -> None:
    for unknown in ("nobody", "a-b", "", "a\x00b", "\ud800"):
        with refused(404, "unknown_doctor"):
            await api.allocate(doctorId=unknown)


async def test_only_the_named_date(api: ApiClient) -> None:
    doctor = await doctor_with(api, "a", ("09:00", "10:00", 1))
    await api.add_slot(doctor, date="2030-01-20")
    assert (await api.allocate(date="2030-01-20")).slot_id == "a-20300120-0900"
    with refused(409, "no_slot"):
        await api.allocate(date="2030-01-21")


async def test_without_a_date_it_is_the_facilitys_today(api: ApiClient, clock: ManualClock) -> None:
    doctor = await doctor_with(api, "a")
    await api.add_slot(doctor, date="2030-01-15")
    await api.add_slot(doctor, date="2030-01-16")
    clock.set(at("00:30", days=1))  # still the 15th in UTC
    assert (await api.allocate()).slot_id == "a-20300116-0900"


async def test_closed_and_past_slots_are_none(api: ApiClient, clock: ManualClock) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 1), ("10:00", "11:00", 1), ("11:00", "12:00", 1))
    await api.change_slot("a-20300115-1000", status="CLOSED")
    clock.set(at("10:00"))
    assert (await api.allocate()).slot_id == "a-20300115-1100"
    clock.set(at("12:00"))
    with refused(409, "no_slot"):
        await api.allocate()


async def test_a_slot_where_the_patient_has_a_token_is_left_out(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 5), ("10:00", "11:00", 5))
    tokens = [await api.allocate(patientId="p1") for _ in range(2)]
    assert [token.slot_id for token in tokens] == ["a-20300115-0900", "a-20300115-1000"]
    with refused(409, "no_slot"):
        await api.allocate(patientId="p1")


async def test_a_patient_id_is_made_if_missing(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 5))
    assert (await api.allocate()).patient_id != (await api.allocate()).patient_id


async def test_a_full_sheet_takes_no_allocation(open_client: OpenClient) -> None:
    async with open_client(max_tokens_per_sheet=1) as api:
        await doctor_with(api, "a", ("09:00", "10:00", 5))
        await api.allocate()
        with refused(409, "sheet_full"):
            await api.allocate()


@pytest.mark.parametrize("source", ["walkin", "Walk-in", "WALK IN"])
async def test_the_source_is_read_however_it_is_spelled(api: ApiClient, source: str) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 5))
    answer = await api.ask(
        "POST",
        "/api/tokens/allocate",
        {"source": source, "patientName": "Meera", "phoneNumber": "9845012345"},
    )
    assert answer.json()["source"] == "WALKIN"


async def test_a_source_is_one_of_these(api: ApiClient) -> None:
    for source in ("VIP", "", None, 1):
        with refused(422, "invalid_source") as refusal:
            await api.ask("POST", "/api/tokens/allocate", {"source": source, "patientName": "Mee"})
        assert ", ".join(Source) in refusal.detail


async def test_all_but_an_emergency_need_a_phone_number(api: ApiClient) -> None:
    for source in (*ORDINARY, Source.PRIORITY):
        with refused(422, "missing_field") as refusal:
            await api.allocate(source, phoneNumber=None)
        assert "phoneNumber" in refusal.detail


# Why there is none, and where else to look


async def test_a_doctor_whose_sheet_is_full_is_passed_over(open_client: OpenClient) -> None:
    async with open_client(max_tokens_per_sheet=1) as api:
        await doctor_with(api, "a", ("09:00", "10:00", 5))
        await doctor_with(api, "b", ("10:00", "11:00", 5))
        assert [(await api.allocate()).doctor_id for _ in range(2)] == ["a", "b"]
        with refused(409, "sheet_full"):
            await api.allocate()


async def test_a_doctor_of_another_specialization_is_refused(api: ApiClient) -> None:
    await doctor_with(api, "a", ("09:00", "10:00", 5), specialization="Skin")
    assert (await api.allocate(doctorId="a", specialization="SKIN")).doctor_id == "a"
    with refused(422, "other_specialization") as refusal:
        await api.allocate(doctorId="a", specialization="Eye")
    assert refusal.help == {"specialization": "Skin"}


async def test_each_reason_for_no_slot_is_told_with_the_date(api: ApiClient) -> None:
    told = {}

    async def note(cause: str, specialization: str | None = None) -> None:
        with refused(409, "no_slot") as refusal:
            await api.allocate(patientId="p1", specialization=specialization)
        assert refusal.help == {"cause": cause, "date": "2030-01-15"}
        assert "2030-01-15" in refusal.detail
        told[cause] = refusal.detail

    await note("no_doctor")
    await doctor_with(api, "a")
    await note("no_doctor", "Eye")
    await note("none_planned")
    slot = await api.add_slot("a")
    await api.allocate(patientId="p1")
    await note("has_tokens")
    await api.change_slot(slot.id, status="CLOSED")
    await note("none_open")
    assert len(set(told.values())) == 4
