"""Slots changed: seats, closing and opening, delays."""

import pytest

from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.service import at


async def test_more_seats_promote_from_the_waitlist_in_rank(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    _, second, third = await api.book_all(slot.id, [Source.FOLLOWUP, Source.WALKIN, Source.ONLINE])
    assert (second.status, third.status) == (Status.WAITLISTED, Status.WAITLISTED)
    changed = await api.change_slot(slot.id, maxCapacity=2)
    assert (changed.max_capacity, changed.taken, changed.waitlisted) == (2, 2, 1)
    assert (await api.token(third.id)).status is Status.BOOKED
    assert (await api.token(second.id)).status is Status.WAITLISTED


async def test_fewer_seats_than_taken_are_refused_naming_who_sits_there(api: ApiClient) -> None:
    slot = await api.make_slot(seats=3)
    tokens = await api.book_all(slot.id, [Source.ONLINE, Source.WALKIN])
    with refused(409, "seats_taken") as refusal:
        await api.change_slot(slot.id, maxCapacity=1)
    assert refusal.help == {
        "taken": [{"tokenId": token.id, "tokenNumber": token.token_number} for token in tokens]
    }
    assert "T001" in refusal.detail
    assert (await api.slot(slot.id)).max_capacity == 3


async def test_seats_may_be_lowered_to_what_is_taken(api: ApiClient) -> None:
    slot = await api.make_slot(seats=3)
    await api.book(slot.id)
    assert (await api.change_slot(slot.id, maxCapacity=1)).max_capacity == 1


async def test_a_closed_slot_takes_nobody_and_moves_nobody(api: ApiClient) -> None:
    slot = await api.make_slot()
    token = await api.book(slot.id)
    assert (await api.change_slot(slot.id, status="CLOSED")).status is SlotStatus.CLOSED
    for source in Source:
        with refused(409, "slot_closed"):
            await api.book(slot.id, "p2", source)
    assert (await api.token(token.id)).status is Status.BOOKED


async def test_a_slot_opened_again_promotes(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    first, second = await api.book_all(slot.id, [Source.ONLINE, Source.ONLINE])
    await api.change_slot(slot.id, status="CLOSED")
    assert (await api.cancel(first.id)).promoted == []
    assert (await api.change_slot(slot.id, status="OPEN")).taken == 1
    assert (await api.token(second.id)).status is Status.BOOKED


async def test_seats_and_status_may_change_at_once(api: ApiClient) -> None:
    slot = await api.make_slot()
    changed = await api.change_slot(slot.id, maxCapacity=7, status="CLOSED")
    assert (changed.max_capacity, changed.status) == (7, SlotStatus.CLOSED)


@pytest.mark.parametrize("status", ["closed", "Closed", "CLOSED", " closed "])
async def test_a_slots_status_is_read_in_any_case(api: ApiClient, status: str) -> None:
    slot = await api.make_slot()
    assert (await api.change_slot(slot.id, status=status)).status is SlotStatus.CLOSED


async def test_a_slot_is_open_or_closed(api: ApiClient) -> None:
    slot = await api.make_slot()
    for status in ["SHUT", "", 1, ["OPEN"], "BOOKED"]:
        with refused(422, "invalid_status") as refusal:
            await api.change_slot(slot.id, status=status)
        assert "OPEN, CLOSED" in refusal.detail


async def test_seats_are_a_whole_number_from_1_to_500(api: ApiClient) -> None:
    slot = await api.make_slot()
    for seats in [0, -1, 501, 1.5, "4", True, [], 10**30]:
        with refused(422, "invalid_capacity") as refusal:
            await api.change_slot(slot.id, maxCapacity=seats)
        assert "500" in refusal.detail
        with refused(422, "invalid_capacity"):
            await api.add_slot(slot.doctor_id, "11:00", "12:00", maxCapacity=seats)


@pytest.mark.parametrize("changes", [{}, {"maxCapacity": None}, {"status": None}], ids=str)
async def test_a_change_changes_something(api: ApiClient, changes: dict[str, object]) -> None:
    slot = await api.make_slot()
    with refused(422, "nothing_to_change"):
        await api.ask("PATCH", f"/api/slots/{slot.id}", changes)


async def test_nothing_else_of_a_slot_can_be_changed(api: ApiClient) -> None:
    slot = await api.make_slot()
    for name in ["startTime", "delayMinutes", "doctorId", "id", "taken"]:
        with refused(422, "unknown_field") as refusal:
            await api.change_slot(slot.id, status="CLOSED", **{name: "09:00"})
        assert name in refusal.detail


# Delays


async def test_a_delay_is_the_delay_in_all(api: ApiClient) -> None:
    slot = await api.make_slot()
    await api.delay(slot.id, 30)
    delayed = await api.delay(slot.id, 45)
    assert (delayed.delay_minutes, delayed.expected_start) == (45, at("09:45"))
    assert (delayed.start, delayed.start_time) == (at("09:00"), "09:00")


async def test_a_delay_of_0_takes_it_back(api: ApiClient) -> None:
    slot = await api.make_slot()
    await api.delay(slot.id, 30)
    assert await api.delay(slot.id, 0) == slot


async def test_a_delay_spills_over_only_where_it_must(api: ApiClient) -> None:
    first, second = await api.make_day(1, 1)
    third = await api.add_slot(first.doctor_id, "11:30", "12:30")
    await api.delay(first.id, 30)
    assert (await api.slot(second.id)).expected_start == at("10:30")
    assert (await api.slot(second.id)).delay_minutes == 0
    assert (await api.slot(third.id)).expected_start == at("11:30")


async def test_a_delay_moves_the_estimated_times(api: ApiClient) -> None:
    slot = await api.make_slot()
    first, second = await api.book_all(slot.id, [Source.ONLINE, Source.ONLINE])
    assert (first.estimated_time, second.estimated_time) == (at("09:00"), at("09:10"))
    await api.delay(slot.id, 20)
    assert (await api.token(second.id)).estimated_time == at("09:30")


async def test_a_delay_may_have_0_to_480_minutes(api: ApiClient) -> None:
    slot = await api.make_slot()
    for minutes in [0, 1, 480]:
        assert (await api.delay(slot.id, minutes)).delay_minutes == minutes


async def test_other_delays_are_refused(api: ApiClient) -> None:
    slot = await api.make_slot()
    for minutes in ["-1", "481", "1.5", "x", "", "1e2", "9" * 30]:
        with refused(422, "invalid_delay") as refusal:
            await api.delay(slot.id, minutes)
        assert "480" in refusal.detail


async def test_a_delay_is_needed_to_delay(api: ApiClient) -> None:
    slot = await api.make_slot()
    with refused(422, "missing_field") as refusal:
        await api.ask("PATCH", f"/api/slots/{slot.id}/delay")
    assert "delay_minutes" in refusal.detail


# Closed, over, past midnight


async def test_a_closed_slot_has_nothing_available_and_its_tokens_no_time(api: ApiClient) -> None:
    slot = await api.make_slot(seats=3)
    token = await api.book(slot.id)
    shown = await api.change_slot(slot.id, status="CLOSED")
    assert (shown.available, shown.taken, shown.over) == (0, 1, False)

    queue = await api.queue(slot.id)
    assert queue.slot.status is SlotStatus.CLOSED
    assert [(one.position, one.estimated_time) for one in queue.queue] == [(1, None)]
    for what in ("explain", "history"):
        told = (await api.ask("GET", f"/api/tokens/{token.id}/{what}")).json()
        assert "The slot 09:00-10:00 is closed" in told["notice"]

    assert (await api.change_slot(slot.id, status="OPEN")).available == 2
    assert (await api.token(token.id)).estimated_time == at("09:00")
    for what in ("explain", "history"):
        told = (await api.ask("GET", f"/api/tokens/{token.id}/{what}")).json()
        assert told["notice"] is None


async def test_a_slot_that_is_over_says_so_and_has_nothing_available(
    api: ApiClient, clock: ManualClock
) -> None:
    slot = await api.make_slot(seats=3)
    clock.set(at("09:59:59"))
    assert ((await api.slot(slot.id)).available, (await api.slot(slot.id)).over) == (3, False)
    clock.set(at("10:00"))
    assert ((await api.slot(slot.id)).available, (await api.slot(slot.id)).over) == (0, True)
    assert (await api.delay(slot.id, 30)).available == 3


async def test_a_delay_past_midnight_says_that_the_next_day_keeps_its_times(api: ApiClient) -> None:
    slot = await api.make_slot("22:00", "23:00")
    next_day = await api.add_slot(slot.doctor_id, "00:00", "01:00", date="2030-01-16")
    path = f"/api/slots/{slot.id}/delay"
    on_time = await api.ask("PATCH", path, query={"delay_minutes": 60})
    assert on_time.json()["notice"] is None
    late = await api.ask("PATCH", path, query={"delay_minutes": 90})
    assert "ends at 00:30 of the next" in late.json()["notice"]
    assert "keep their times" in late.json()["notice"]
    assert (await api.slot(next_day.id)).expected_start == next_day.start
