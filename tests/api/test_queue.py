"""The queue of a slot, the line of a doctor's day, and the tokens of a patient."""

import asyncio
from datetime import timedelta
from urllib.parse import quote

import pytest

from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.service import at

pytestmark = pytest.mark.both_databases


async def test_the_queue_goes_by_score_then_by_number(api: ApiClient) -> None:
    slot = await api.make_slot(seats=4)
    await api.book_all(slot.id, [Source.WALKIN, Source.ONLINE, Source.ONLINE, Source.FOLLOWUP])
    queue = await api.queue(slot.id)
    assert [token.token_number for token in queue.queue] == ["T004", "T002", "T003", "T001"]
    assert [token.position for token in queue.queue] == [1, 2, 3, 4]
    assert [token.estimated_time for token in queue.queue] == [
        at("09:00"),
        at("09:10"),
        at("09:20"),
        at("09:30"),
    ]
    assert queue.slot == await api.slot(slot.id)


async def test_the_waitlist_comes_after_the_queue_in_order(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    await api.book_all(slot.id, [Source.FOLLOWUP, Source.WALKIN, Source.ONLINE, Source.ONLINE])
    queue = await api.queue(slot.id)
    assert [token.token_number for token in queue.queue] == ["T001"]
    assert [token.token_number for token in queue.waitlist] == ["T003", "T004", "T002"]
    assert [token.waitlist_position for token in queue.waitlist] == [1, 2, 3]
    assert {token.position for token in queue.waitlist} == {None}


async def test_who_was_called_comes_first(api: ApiClient) -> None:
    slot = await api.make_slot(seats=3)
    tokens = await api.book_all(slot.id, [Source.ONLINE, Source.ONLINE, Source.WALKIN])
    await api.move(tokens[2].id, "CHECKED_IN", "CALLED")
    queue = await api.queue(slot.id)
    assert [token.token_number for token in queue.queue] == ["T003", "T001", "T002"]


async def test_who_is_with_the_doctor_or_gone_has_no_position(api: ApiClient) -> None:
    slot = await api.make_slot(seats=4)
    tokens = await api.book_all(slot.id, [Source.ONLINE] * 4)
    await api.move(tokens[0].id, "CHECKED_IN", "IN_CONSULTATION")
    await api.move(tokens[1].id, "NO_SHOW")
    await api.cancel(tokens[2].id)
    queue = await api.queue(slot.id)
    assert [token.token_number for token in queue.queue] == ["T004"]
    assert queue.queue[0].estimated_time == at("09:10")
    for token in tokens[:3]:
        shown = await api.token(token.id)
        assert (shown.position, shown.waitlist_position, shown.estimated_time) == (None, None, None)


async def test_the_queue_of_an_empty_slot_is_empty(api: ApiClient) -> None:
    queue = await api.queue((await api.make_slot()).id)
    assert (queue.queue, queue.waitlist) == ([], [])


async def test_an_unknown_or_malformed_token_is_not_found(api: ApiClient) -> None:
    slot = await api.make_slot()
    await api.book(slot.id)
    sheet = slot.id.rsplit("-", 1)[0]
    for unknown in [
        f"{sheet}-aaaaaaaaaaaa",
        f"{sheet}-aaaa",
        f"{sheet}-AAAAAAAAAAAA",
        "nobody-20300115-aaaaaaaaaaaa",
        "nobody-20300230-aaaaaaaaaaaa",
        slot.id,
        "x",
        "a\x00b",
        "😀",
        "x" * 300,
    ]:
        for ask in (
            api.token(unknown),
            api.move(unknown, "CHECKED_IN"),
            api.cancel(unknown),
            api.ask("GET", f"/api/tokens/{quote(unknown)}/history"),
            api.ask("GET", f"/api/tokens/{quote(unknown)}/explain"),
        ):
            with refused(404, "unknown_token"):
                await ask


# The line of a doctor's day


async def test_the_line_goes_across_the_slots_of_a_day(api: ApiClient) -> None:
    early, late = await api.make_day(3, 3)
    late_here, late_called = await api.book_all(late.id, [Source.ONLINE, Source.WALKIN])
    await api.book_all(early.id, [Source.WALKIN])
    early_here = await api.book(early.id, "p9", Source.WALKIN)
    await api.move(late_called.id, "CHECKED_IN", "CALLED")
    for token in (late_here, early_here):
        await api.move(token.id, "CHECKED_IN")
    told = await api.line(early.doctor_id, date="2030-01-15")
    assert (told.doctor_id, told.date) == (early.doctor_id, early.date)
    assert [entry.token.token_number for entry in told.line] == ["T002", "T004", "T001", "T003"]
    assert [entry.place for entry in told.line] == [1, 2, 3, 4]
    assert [entry.token.position for entry in told.line] == [1, 2, 2, 1]
    assert told.line[0].token == await api.token(late_called.id)


async def test_who_waits_is_seen_or_is_gone_does_not_stand_in_line(api: ApiClient) -> None:
    slot = await api.make_slot(seats=3)
    tokens = await api.book_all(slot.id, [Source.ONLINE] * 4)
    await api.move(tokens[0].id, "CHECKED_IN", "IN_CONSULTATION")
    await api.move(tokens[1].id, "CHECKED_IN", "IN_CONSULTATION", "COMPLETED")
    told = await api.line(slot.doctor_id)
    assert [entry.token.token_number for entry in told.line] == ["T003"]


async def test_the_line_is_of_today_in_the_facilitys_zone_without_a_date(
    api: ApiClient, clock: ManualClock
) -> None:
    slot = await api.make_slot()
    await api.book(slot.id)
    for now, date, length in [
        (at("00:00"), "2030-01-15", 1),
        (at("00:00") - timedelta(milliseconds=1), "2030-01-14", 0),
    ]:
        clock.set(now)
        told = await api.line(slot.doctor_id)
        assert (f"{told.date}", len(told.line)) == (date, length)


async def test_a_day_on_which_nothing_is_planned_has_an_empty_line(api: ApiClient) -> None:
    doctor = await api.add_doctor()
    told = await api.line(doctor.id, date="2030-02-01")
    assert (f"{told.date}", told.line) == ("2030-02-01", [])


async def test_a_doctor_who_is_not_known_has_no_line(api: ApiClient) -> None:
    for unknown in ("nobody", "a-b", "x" * 300, "😀"):
        with refused(404, "unknown_doctor"):
            await api.line(unknown)


@pytest.mark.parametrize(
    ("query", "code"),
    [({"day": "2030-01-15"}, "unknown_field"), ({"date": "tomorrow"}, "invalid_date")],
)
async def test_a_line_takes_a_date_and_nothing_else(
    api: ApiClient, query: dict[str, str], code: str
) -> None:
    doctor = await api.add_doctor()
    with refused(422, code):
        await api.line(doctor.id, **query)


# A patient's tokens


async def test_a_patients_tokens_are_listed_latest_day_first(api: ApiClient) -> None:
    asha, ravi = await api.add_doctor(id="asha"), await api.add_doctor(id="ravi")
    slots = [
        await api.add_slot(asha.id, date="2030-01-15"),
        await api.add_slot(asha.id, date="2030-03-01"),
        await api.add_slot(ravi.id, date="2030-02-01"),
    ]
    for slot in slots:
        await api.book(slot.id, "MRN-7")
        await api.book(slot.id, "MRN-8")
    shown = await api.tokens_of("MRN-7")
    assert [token.slot_id for token in shown] == [slots[1].id, slots[2].id, slots[0].id]
    assert {token.patient_id for token in shown} == {"MRN-7"}


async def test_patients_and_doctors_asked_for_at_once_get_each_their_own(api: ApiClient) -> None:
    slots = [await api.make_slot(seats=9) for _ in range(3)]
    tokens = [
        await api.book(slot.id, f"p{n}")
        for slot in slots
        for n in range(4)
        if n != slots.index(slot)
    ]
    found = await asyncio.gather(*(api.tokens_of(f"p{n}") for n in range(5)))
    assert [{each.id for each in theirs} for theirs in found] == [
        {token.id for token in tokens if token.patient_id == f"p{n}"} for n in range(5)
    ]
    doctors = [slot.doctor_id for slot in slots]
    assert [each.id for each in await asyncio.gather(*map(api.doctor, doctors))] == doctors


async def test_cancelled_tokens_are_part_of_a_patients_history(api: ApiClient) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id, "MRN-7")
    await api.cancel(token.id)
    again = await api.book(slot.id, "MRN-7")
    shown = await api.tokens_of("MRN-7")
    assert {one.id: one.status for one in shown} == {
        token.id: Status.CANCELLED,
        again.id: Status.BOOKED,
    }


@pytest.mark.parametrize("patient", ["a/b", "a b", "Ünï-7", "50%", "a?b#c", "{x}", "$ne", "😀"])
async def test_any_patient_id_that_can_be_booked_can_be_listed(
    api: ApiClient, patient: str
) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id, patient)
    assert [one.id for one in await api.tokens_of(patient)] == [token.id]
    assert await api.tokens_of(f"{patient}x") == []


async def test_an_id_that_nobody_has_has_no_tokens(api: ApiClient) -> None:
    for unknown in ("nobody", "x" * 300, "a\x00b", "😀", "..x"):
        assert await api.tokens_of(unknown) == []
    with refused(404, "unknown_path"):
        await api.tokens_of("a\nb")
