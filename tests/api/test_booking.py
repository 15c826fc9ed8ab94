"""Tokens from each source, into free slots and full ones."""

import pytest

from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import PATIENT, PHONE, ApiClient, booking, refused
from tests.api.conftest import OpenClient
from tests.api.defaults import DEFAULTS
from tests.api.service import at

pytestmark = pytest.mark.both_databases

DESK_SOURCES = [Source.WALKIN, Source.PRIORITY, Source.FOLLOWUP]


async def test_a_tokens_answer_has_these_members(api: ApiClient) -> None:
    slot = await api.make_slot()
    answer = await api.ask("POST", "/api/tokens/book", booking(slot.id, "MRN-7"))
    assert answer.status_code == 201
    assert answer.json() == {
        "id": answer.json()["id"],
        "tokenNumber": "T001",
        "slotId": slot.id,
        "doctorId": slot.doctor_id,
        "date": "2030-01-15",
        "patientId": "MRN-7",
        "patientName": "Meera Nair",
        "phoneNumber": PHONE,
        "language": None,
        "source": "ONLINE",
        "priority": 200,
        "status": "BOOKED",
        "position": 1,
        "waitlistPosition": None,
        "queuePosition": None,
        "estimatedTime": "2030-01-15T09:00:00+05:30",
        "estimatedRange": None,
        "room": None,
        "servedBy": None,
        "recalls": 0,
        "mark": None,
        "bookedAt": "2030-01-15T08:00:00+05:30",
        "bookedBy": "try-out",
        **dict.fromkeys(["checkedInAt", "calledAt", "startedAt", "awaySince", "endedAt"]),
        **dict.fromkeys(["cancelReason", "endCode", "bumped"]),
        "patientLink": answer.json()["patientLink"],
        "notice": None,
    }
    shown = await api.ask("GET", f"/api/tokens/{answer.json()['id']}")
    assert answer.json().items() >= shown.json().items()


async def test_a_patients_language_is_kept_with_the_token(api: ApiClient) -> None:
    slot = await api.make_slot()
    for n, (given, kept) in enumerate(
        [("hi", "hi"), ("en-in", "en-IN"), ("ZH-HANS-cn", "zh-Hans-CN"), (None, None)]
    ):
        token = await api.book(slot.id, f"p{n}", language=given)
        assert token.language == kept
        assert (await api.token(token.id)).language == kept
    allocated = await api.allocate(doctorId=slot.doctor_id, language="ml")
    assert allocated.language == "ml"


async def test_a_language_is_a_tag_of_bcp_47(api: ApiClient) -> None:
    slot = await api.make_slot()
    for wrong in (
        "Hindi",
        "hn",
        "xx",
        "",
        "h",
        "hi_IN",
        "hi--IN",
        " hi",
        "hi\n",
        1,
        ["hi"],
        "a" * 36,
    ):
        with refused(422, "invalid_language") as refusal:
            await api.book(slot.id, language=wrong)
        assert "en-IN" in refusal.detail
        with refused(422, "invalid_language"):
            await api.allocate(language=wrong)


@pytest.mark.parametrize("source", Source)
async def test_each_source_has_its_score(api: ApiClient, source: Source) -> None:
    score = int(DEFAULTS[source.row.score_setting.upper()])
    slot = await api.make_slot()
    token = await api.book(slot.id, "p1", source)
    assert (token.source, token.priority, token.status) == (source, score, Status.BOOKED)


async def test_the_scores_are_the_settings(open_client: OpenClient) -> None:
    async with open_client(walkin_priority=777, paid_priority=1) as api:
        slot = await api.make_slot()
        assert (await api.book(slot.id, "p1", Source.WALKIN)).priority == 777
        assert (await api.book(slot.id, "p2", Source.PRIORITY)).priority == 1


async def test_numbers_go_up_over_all_slots_of_the_day(api: ApiClient) -> None:
    first, second = await api.make_day(2, 2)
    numbers = [
        (await api.book(slot.id, f"p{n}")).token_number
        for n, slot in enumerate([second, first, second])
    ]
    assert numbers == ["T001", "T002", "T003"]


async def test_an_online_booking_needs_a_patient_id(api: ApiClient) -> None:
    slot = await api.make_slot()
    with refused(422, "missing_field") as refusal:
        await api.book(slot.id, patientId=None)
    assert "patientId" in refusal.detail


@pytest.mark.parametrize("source", [*DESK_SOURCES, Source.EMERGENCY])
async def test_at_the_desk_a_patient_id_is_made_if_missing(api: ApiClient, source: Source) -> None:
    slot = await api.make_slot()
    made = [await api.book(slot.id, source=source, patientId=None) for _ in range(2)]
    assert made[0].patient_id != made[1].patient_id
    assert [token.id for token in await api.tokens_of(made[0].patient_id)] == [made[0].id]


@pytest.mark.parametrize("source", [*DESK_SOURCES, Source.ONLINE])
async def test_a_phone_number_is_needed(api: ApiClient, source: Source) -> None:
    slot = await api.make_slot()
    with refused(422, "missing_field") as refusal:
        await api.book(slot.id, "p1", source, phoneNumber=None)
    assert "phoneNumber" in refusal.detail


async def test_an_emergency_needs_no_phone_number(api: ApiClient) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id, "p1", Source.EMERGENCY, phoneNumber=None)
    assert token.phone_number is None


async def test_a_booking_in_snake_case_is_the_same(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    await api.book(slot.id, "p0")
    body = {
        "slot_id": slot.id,
        "patient_id": "p1",
        "patient_name": "Meera Nair",
        "phone_number": PHONE,
        "if_full": "waitlist",
    }
    answer = await api.ask("POST", "/api/tokens/book", body)
    assert (answer.json()["patientId"], answer.json()["status"]) == ("p1", "WAITLISTED")


async def test_a_patient_has_one_live_token_in_a_slot(api: ApiClient) -> None:
    first, second = await api.make_day(2, 2)
    token = await api.book(first.id, "p1")
    with refused(409, "already_booked") as refusal:
        await api.book(first.id, "p1", Source.WALKIN)
    assert refusal.help == {"tokenId": token.id, "tokenNumber": token.token_number}
    assert (await api.book(second.id, "p1")).status is Status.BOOKED


async def test_a_slot_that_is_over_takes_no_booking(api: ApiClient, clock: ManualClock) -> None:
    slot = await api.make_slot()
    clock.set(at("10:00"))
    with refused(422, "slot_over"):
        await api.book(slot.id)
    await api.delay(slot.id, 1)
    assert (await api.book(slot.id)).status is Status.BOOKED


async def test_a_sheet_holds_no_more_tokens_than_set(open_client: OpenClient) -> None:
    async with open_client(max_tokens_per_sheet=2) as api:
        slot = await api.make_slot(seats=1)
        await api.book_all(slot.id, [Source.ONLINE, Source.ONLINE])
        with refused(409, "sheet_full") as refusal:
            await api.book(slot.id, "p9")
        assert "2 tokens" in refusal.detail


# Full slots


async def test_a_full_slot_waitlists(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    _, second, third = await api.book_all(slot.id, [Source.ONLINE] * 3)
    assert (second.status, second.waitlist_position, second.position) == (
        Status.WAITLISTED,
        1,
        None,
    )
    assert (third.waitlist_position, third.estimated_time, third.bumped) == (2, None, None)


@pytest.mark.parametrize("choice", ["reject", "REJECT", "Reject"])
async def test_who_wants_no_waitlist_is_refused_with_alternatives(
    api: ApiClient, choice: str
) -> None:
    first, second, third = await api.make_day(1, 1, 1)
    await api.book(first.id, "p0")
    await api.book(second.id, "p1")
    with refused(409, "slot_full") as refusal:
        await api.book(first.id, "p2", ifFull=choice)
    assert refusal.help == {
        "alternatives": [{"slotId": third.id, "startTime": "11:00", "endTime": "12:00"}]
    }
    assert "11:00-12:00" in refusal.detail
    assert (await api.slot(first.id)).waitlisted == 0


@pytest.mark.parametrize("source", [Source.PRIORITY, Source.EMERGENCY])
async def test_if_full_holds_for_every_source(api: ApiClient, source: Source) -> None:
    slot = await api.make_slot(seats=1)
    await api.move((await api.book(slot.id, "p0")).id, "CHECKED_IN")
    for n in range(3 if source is Source.EMERGENCY else 0):
        await api.book(slot.id, f"e{n}", source)
    with refused(409, "slot_full"):
        await api.book(slot.id, "p1", source, ifFull="reject")


async def test_what_to_do_if_full_is_one_of_two(api: ApiClient) -> None:
    slot = await api.make_slot()
    for choice in ("free_seat", "wait", "", 1, True):
        with refused(422, "invalid_if_full") as refusal:
            await api.book(slot.id, ifFull=choice)
        assert "waitlist, reject" in refusal.detail


async def test_a_higher_score_bumps_the_lowest_to_a_later_slot(api: ApiClient) -> None:
    first, second = await api.make_day(2, 1)
    online, walkin = await api.book_all(first.id, [Source.ONLINE, Source.WALKIN])
    token = await api.book(first.id, "p9", Source.PRIORITY)
    assert token.status is Status.BOOKED
    assert token.bumped is not None
    assert token.bumped.token_id == walkin.id
    assert token.bumped.token_number == walkin.token_number
    assert (token.bumped.from_slot_id, token.bumped.to_slot_id) == (first.id, second.id)
    moved = await api.token(walkin.id)
    assert (moved.slot_id, moved.status, moved.priority) == (second.id, Status.BOOKED, 100)
    assert (await api.token(online.id)).slot_id == first.id


async def test_without_a_later_seat_the_bumped_waits(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    walkin = await api.book(slot.id, "p1", Source.WALKIN)
    token = await api.book(slot.id, "p2", Source.FOLLOWUP)
    assert token.bumped is not None
    assert token.bumped.to_slot_id is None
    assert (await api.token(walkin.id)).status is Status.WAITLISTED


async def test_nobody_is_bumped_more_often_than_set(open_client: OpenClient) -> None:
    async with open_client(max_bumps=0) as api:
        slot = await api.make_slot(seats=1)
        await api.book(slot.id, "p1", Source.WALKIN)
        assert (await api.book(slot.id, "p2", Source.PRIORITY)).status is Status.WAITLISTED


async def test_after_the_start_only_an_emergency_bumps(
    open_client: OpenClient, clock: ManualClock
) -> None:
    async with open_client(emergency_overflow=0) as api:
        slot = await api.make_slot(seats=1)
        await api.book(slot.id, "p1", Source.WALKIN)
        clock.set(at("09:00"))
        assert (await api.book(slot.id, "p2", Source.PRIORITY)).bumped is None
        assert (await api.book(slot.id, "p3", Source.EMERGENCY)).bumped is not None


async def test_an_emergency_is_seated_beyond_capacity_then_bumps_then_is_refused(
    api: ApiClient,
) -> None:
    slot, other = await api.make_day(1, 1)
    walkin = await api.book(slot.id, "p0", Source.WALKIN)
    await api.book(other.id, "p8", Source.WALKIN)
    beyond = await api.book_all(slot.id, [Source.EMERGENCY] * 3)
    assert [token.bumped for token in beyond] == [None] * 3
    assert (await api.slot(slot.id)).capacity == 4
    fourth = await api.book(slot.id, "e4", Source.EMERGENCY)
    assert fourth.bumped is not None
    assert fourth.bumped.token_id == walkin.id
    with refused(409, "slot_full") as refusal:
        await api.book(slot.id, "e5", Source.EMERGENCY)
    assert refusal.help == {
        "alternatives": [{"slotId": other.id, "startTime": "10:00", "endTime": "11:00"}]
    }
    assert (await api.slot(slot.id)).taken == 4


async def test_the_overflow_is_the_setting(open_client: OpenClient) -> None:
    async with open_client(emergency_overflow=1) as api:
        slot = await api.make_slot(seats=1)
        await api.book_all(slot.id, [Source.EMERGENCY] * 2)
        with refused(409, "slot_full"):
            await api.book(slot.id, "e9", Source.EMERGENCY)


async def test_priority_and_seats_cant_be_smuggled_in(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    for path in (*(source.row.path for source in Source), "allocate"):
        for name in ("priority", "maxCapacity", "max_capacity", "status", "tokenNumber", "id"):
            with refused(422, "unknown_field") as refusal:
                body = {**PATIENT, "source": "ONLINE"} if path == "allocate" else booking(slot.id)
                await api.ask("POST", f"/api/tokens/{path}", {**body, name: 1})
            assert any(fault["field"] == name for fault in refusal.faults)
    assert (await api.slot(slot.id)).taken == 0
