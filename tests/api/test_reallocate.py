"""A slot that can't be held: its tokens take other places."""

import pytest

from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from services.clock import ManualClock
from tests.api.client import ApiClient, refused
from tests.api.service import at


async def test_the_tokens_move_to_the_earliest_later_free_seats(api: ApiClient) -> None:
    first, second, third = await api.make_day(3, 1, 2)
    tokens = await api.book_all(first.id, [Source.WALKIN, Source.ONLINE, Source.EMERGENCY])
    told = await api.reallocate(first.id)
    assert [(move.token.id, move.from_, move.to) for move in told.moved] == [
        (tokens[2].id, first.id, second.id),
        (tokens[1].id, first.id, third.id),
        (tokens[0].id, first.id, third.id),
    ]
    assert told.stayed == []
    assert (await api.slot(first.id)).status is SlotStatus.CLOSED
    assert (await api.token(tokens[0].id)).slot_id == third.id


async def test_the_answer_has_these_members(api: ApiClient) -> None:
    first, _ = await api.make_day(2, 1)
    await api.book_all(first.id, [Source.ONLINE, Source.ONLINE])
    answer = await api.ask("POST", f"/api/tokens/reallocate/{first.id}")
    assert answer.status_code == 200
    assert set(answer.json()) == {"moved", "stayed"}
    assert set(answer.json()["moved"][0]) == {"token", "from", "to"}
    assert set(answer.json()["stayed"][0]) == {"token", "why"}


async def test_the_named_slot_comes_first(api: ApiClient) -> None:
    first, _, third = await api.make_day(1, 1, 1)
    token = await api.book(first.id)
    told = await api.reallocate(first.id, targetSlotId=third.id)
    assert [(move.token.id, move.to) for move in told.moved] == [(token.id, third.id)]


async def test_who_finds_no_place_stays_and_is_told_why(api: ApiClient) -> None:
    slot = await api.make_slot(seats=3)
    booked, called, here = await api.book_all(slot.id, [Source.ONLINE] * 3)
    await api.move(called.id, "CHECKED_IN", "CALLED")
    await api.move(here.id, "CHECKED_IN")
    told = await api.reallocate(slot.id)
    assert told.moved == []
    stayed = {stay.token.id: stay.token.status for stay in told.stayed}
    assert stayed == {
        here.id: Status.CHECKED_IN,
        booked.id: Status.WAITLISTED,
        called.id: Status.CALLED,
    }
    assert all(stay.why.endswith(".") for stay in told.stayed)


async def test_who_is_here_stays_checked_in_when_moved(api: ApiClient) -> None:
    first, second = await api.make_day(1, 1)
    token = await api.book(first.id)
    await api.move(token.id, "CHECKED_IN")
    told = await api.reallocate(first.id)
    assert (told.moved[0].token.status, told.moved[0].to) == (Status.CHECKED_IN, second.id)


async def test_with_close_false_only_the_waitlist_moves(api: ApiClient) -> None:
    first, second = await api.make_day(1, 2)
    booked, waiting = await api.book_all(first.id, [Source.ONLINE, Source.ONLINE])
    told = await api.reallocate(first.id, close=False)
    assert [(move.token.id, move.to) for move in told.moved] == [(waiting.id, second.id)]
    assert told.moved[0].token.status is Status.BOOKED
    assert (await api.slot(first.id)).status is SlotStatus.OPEN
    assert (await api.token(booked.id)).slot_id == first.id


async def test_close_is_true_or_false(api: ApiClient) -> None:
    slot = await api.make_slot()
    wrong: list[object] = ["no", 0, None, "false", []]
    for close in wrong:
        with refused(422, "invalid_close"):
            await api.reallocate(slot.id, close=close)
    assert (await api.slot(slot.id)).status is SlotStatus.OPEN


@pytest.mark.parametrize("name", ["targetSlotId", "target_slot_id"])
async def test_the_target_may_be_in_either_spelling(api: ApiClient, name: str) -> None:
    first, _, third = await api.make_day(1, 1, 1)
    await api.book(first.id)
    path = f"/api/tokens/reallocate/{first.id}"
    assert (await api.ask("POST", path, {name: third.id})).json()["moved"][0]["to"] == third.id


# Refused targets: nothing is changed by them


async def test_the_target_cant_be_the_slot_itself(api: ApiClient) -> None:
    slot = await api.make_slot()
    with refused(409, "same_slot"):
        await api.reallocate(slot.id, targetSlotId=slot.id)
    assert (await api.slot(slot.id)).status is SlotStatus.OPEN


async def test_the_target_is_of_the_same_day_and_doctor(api: ApiClient) -> None:
    slot, other = await api.make_slot(), await api.make_slot()
    tomorrow = await api.add_slot(slot.doctor_id, date="2030-01-16")
    for target in (other, tomorrow):
        with refused(409, "other_sheet"):
            await api.reallocate(slot.id, targetSlotId=target.id)


async def test_the_target_is_open(api: ApiClient) -> None:
    first, second = await api.make_day(1, 1)
    await api.change_slot(second.id, status="CLOSED")
    with refused(409, "slot_closed"):
        await api.reallocate(first.id, targetSlotId=second.id)


async def test_the_target_is_not_over(api: ApiClient, clock: ManualClock) -> None:
    first, second = await api.make_day(1, 1)
    clock.set(at("10:00"))
    with refused(422, "slot_over"):
        await api.reallocate(second.id, targetSlotId=first.id)


async def test_the_target_exists(api: ApiClient) -> None:
    slot = await api.make_slot()
    sheet = slot.id.rsplit("-", 1)[0]
    for unknown in (f"{sheet}-2300", "x", "a\x00b", "\ud800", ""):
        with refused(404, "unknown_slot"):
            await api.reallocate(slot.id, targetSlotId=unknown)
