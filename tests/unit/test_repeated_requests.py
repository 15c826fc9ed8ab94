"""A request that is repeated with its key is answered again and changes nothing."""

import pytest

from models.errors import IdempotencyMismatch, SlotOver
from models.request import Displacement, Request
from models.token import Source, Status
from tests.factories import Desk, at, make_add_slot, make_slot, slot_id

FIRST = Request(key="key", fingerprint="body")


def test_a_repeated_booking_answers_with_its_token_and_changes_nothing() -> None:
    desk = Desk(make_slot(seats=2))
    token = desk.book(patient="meera", request=FIRST)
    booked = desk.sheet

    assert desk.book(patient="meera", request=FIRST) == token
    assert desk.last.outcome.replayed
    assert desk.last.events == ()
    assert desk.sheet is booked


def test_a_first_booking_is_no_repeat() -> None:
    desk = Desk(make_slot(seats=2))
    desk.book(request=FIRST)
    assert not desk.last.outcome.replayed
    desk.book(request=Request(key="another", fingerprint="body"))
    assert not desk.last.outcome.replayed
    desk.book()
    assert [token.request and token.request.key for token in desk.sheet.tokens] == [
        "key",
        "another",
        None,
    ]


def test_a_repeated_booking_answers_with_who_was_bumped_by_the_first() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    walk_in = desk.book(source=Source.WALKIN)
    desk.book(source=Source.PRIORITY, request=FIRST)
    bumped = desk.last.outcome.bumped
    desk.set(walk_in, Status.CANCELLED)

    desk.book(source=Source.PRIORITY, request=FIRST)

    assert desk.last.outcome.bumped == bumped
    assert bumped == Displacement(
        token_id=walk_in.id,
        number=1,
        from_slot_id=slot_id("09:00"),
        to_slot_id=slot_id("10:00"),
    )


def test_a_repeated_booking_answers_with_the_slot_where_its_token_is_now() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    desk.book(source=Source.WALKIN, request=FIRST)
    desk.book(source=Source.PRIORITY)

    desk.book(source=Source.WALKIN, request=FIRST)

    assert desk.last.outcome.slot_id == slot_id("10:00")


def test_a_repeat_comes_before_every_refusal() -> None:
    desk = Desk()
    token = desk.book(request=FIRST)
    desk.now = at("10:00")

    assert desk.book(request=FIRST).number == token.number
    with pytest.raises(SlotOver):
        desk.book(request=Request(key="another", fingerprint="body"))


def test_the_same_key_with_another_body_is_refused() -> None:
    desk = Desk(make_slot(seats=2))
    desk.book(request=FIRST)
    with pytest.raises(IdempotencyMismatch):
        desk.book(request=Request(key="key", fingerprint="other"))


def test_a_refused_booking_is_not_remembered() -> None:
    desk = Desk()
    desk.close("09:00")
    with pytest.raises(Exception, match="closed"):
        desk.book(request=FIRST)
    desk.reopen("09:00")
    assert desk.book(request=FIRST).status is Status.BOOKED


def test_a_repeated_plan_of_a_slot_changes_nothing() -> None:
    desk = Desk()
    desk.do(make_add_slot("11:00", request=FIRST))
    planned = desk.sheet

    desk.do(make_add_slot("11:00", request=FIRST))

    assert desk.last.outcome.replayed
    assert desk.last.outcome.slot_id == slot_id("11:00")
    assert desk.sheet is planned


def test_the_same_key_for_another_plan_of_a_slot_is_refused() -> None:
    desk = Desk()
    desk.do(make_add_slot("11:00", request=FIRST))
    with pytest.raises(IdempotencyMismatch):
        desk.do(make_add_slot("11:00", request=Request(key="key", fingerprint="other")))
