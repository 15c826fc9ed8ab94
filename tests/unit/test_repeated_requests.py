"""A request that is repeated with its key is answered again and changes nothing."""

import pytest

from models import events
from models.commands import Decline
from models.errors import IdempotencyMismatch, KeyDeclined, SlotClosed, SlotOver
from models.reasons import BookedElsewhere
from models.request import Displacement, Request
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, Desk, at, make_add_slot, make_slot, slot_id

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
    with pytest.raises(SlotClosed):
        desk.book(request=FIRST)
    desk.reopen("09:00")
    assert desk.book(request=FIRST).status is Status.BOOKED


# A request that was sent on to another sheet


def _decline(desk: Desk, key: str) -> None:
    desk.do(Decline(actor=ACTOR, key=key))


def test_a_declined_key_books_nothing() -> None:
    desk = Desk(make_slot(seats=2))
    _decline(desk, "key")
    (event,) = desk.told(events.KeyDeclined)
    assert event.reason == BookedElsewhere()

    with pytest.raises(KeyDeclined):
        desk.book(request=FIRST)

    assert desk.book(request=Request(key="another", fingerprint="body")).number == 1
    assert desk.book().number == 2


def test_a_declined_key_is_refused_before_all_else() -> None:
    desk = Desk()
    _decline(desk, "key")
    with pytest.raises(KeyDeclined):
        desk.book("15:00", request=FIRST)


def test_a_key_that_has_booked_is_not_declined_any_more() -> None:
    desk = Desk()
    token = desk.book(request=FIRST)
    before = desk.sheet

    _decline(desk, "key")

    assert desk.sheet is before
    assert desk.last.outcome.number is None
    assert desk.book(request=FIRST) == token


def test_a_key_is_declined_once() -> None:
    desk = Desk()
    _decline(desk, "key")
    _decline(desk, "another")
    before = desk.sheet
    _decline(desk, "key")
    assert desk.sheet is before
    assert desk.sheet.declined == ("key", "another")


def test_a_key_is_declined_beside_bookings_of_other_keys_and_of_none() -> None:
    desk = Desk(make_slot(seats=2))
    desk.book()
    desk.book(request=FIRST)
    _decline(desk, "another")
    assert desk.sheet.declined == ("another",)


# Slots


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


def test_a_key_that_made_a_slot_makes_no_other() -> None:
    desk = Desk()
    desk.do(make_add_slot("11:00", request=FIRST))
    request = Request(key="key", fingerprint="other")
    with pytest.raises(IdempotencyMismatch):
        desk.do(make_add_slot("15:00", request=request))
    assert len(desk.sheet.slots) == 2


def test_a_key_that_made_a_slot_books_nothing() -> None:
    desk = Desk()
    desk.do(make_add_slot("11:00", request=FIRST))
    with pytest.raises(IdempotencyMismatch):
        desk.book(request=FIRST)
    with pytest.raises(IdempotencyMismatch):
        desk.book(request=Request(key="key", fingerprint="other"))


def test_a_key_that_booked_makes_no_slot() -> None:
    desk = Desk()
    desk.book(request=FIRST)
    for request in (FIRST, Request(key="key", fingerprint="other")):
        with pytest.raises(IdempotencyMismatch):
            desk.do(make_add_slot("11:00", request=request))


def test_a_key_that_was_sent_on_makes_no_slot() -> None:
    desk = Desk()
    _decline(desk, "key")
    with pytest.raises(IdempotencyMismatch):
        desk.do(make_add_slot("11:00", request=FIRST))
    desk.do(make_add_slot("11:00", request=Request(key="another", fingerprint="body")))


def test_a_repeated_plan_is_answered_also_when_its_slot_is_over() -> None:
    desk = Desk()
    desk.do(make_add_slot("11:00", request=FIRST))
    desk.now = at("13:00")
    desk.do(make_add_slot("11:00", request=FIRST))
    assert desk.last.outcome.replayed
