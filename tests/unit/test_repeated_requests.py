"""A request that is repeated with its key is answered again and changes nothing."""

import pytest

from models import events
from models.commands import Decline
from models.errors import IdempotencyMismatch, KeyDeclined, SlotClosed, SlotOver
from models.keyed_request import Displacement, KeyedRequest
from models.reasons import BookedElsewhere
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, OpdDay, at, make_add_slot, make_slot, slot_id

FIRST = KeyedRequest(key="key", fingerprint="body")


def test_a_repeated_booking_answers_with_its_token_and_changes_nothing() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    token = opd_day.book(patient="meera", request=FIRST)
    booked = opd_day.sheet

    assert opd_day.book(patient="meera", request=FIRST) == token
    assert opd_day.last.outcome.replayed
    assert opd_day.last.events == ()
    assert opd_day.sheet is booked


def test_a_first_booking_is_no_repeat() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.book(request=FIRST)
    assert not opd_day.last.outcome.replayed
    opd_day.book(request=KeyedRequest(key="another", fingerprint="body"))
    assert not opd_day.last.outcome.replayed
    opd_day.book()
    assert [token.request and token.request.key for token in opd_day.sheet.tokens] == [
        "key",
        "another",
        None,
    ]


def test_a_repeated_booking_answers_with_who_was_bumped_by_the_first() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    walk_in = opd_day.book(source=Source.WALKIN)
    opd_day.book(source=Source.PRIORITY, request=FIRST)
    bumped = opd_day.last.outcome.bumped
    opd_day.set(walk_in, Status.CANCELLED)

    opd_day.book(source=Source.PRIORITY, request=FIRST)

    assert opd_day.last.outcome.bumped == bumped
    assert bumped == Displacement(
        token_id=walk_in.id,
        number=1,
        from_slot_id=slot_id("09:00"),
        to_slot_id=slot_id("10:00"),
    )


def test_a_repeated_booking_answers_with_the_slot_where_its_token_is_now() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    opd_day.book(source=Source.WALKIN, request=FIRST)
    opd_day.book(source=Source.PRIORITY)

    opd_day.book(source=Source.WALKIN, request=FIRST)

    assert opd_day.last.outcome.slot_id == slot_id("10:00")


def test_a_repeat_comes_before_every_refusal() -> None:
    opd_day = OpdDay()
    token = opd_day.book(request=FIRST)
    opd_day.now = at("10:00")

    assert opd_day.book(request=FIRST).number == token.number
    with pytest.raises(SlotOver):
        opd_day.book(request=KeyedRequest(key="another", fingerprint="body"))


def test_the_same_key_with_another_body_is_refused() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.book(request=FIRST)
    with pytest.raises(IdempotencyMismatch):
        opd_day.book(request=KeyedRequest(key="key", fingerprint="other"))


def test_a_refused_booking_is_not_remembered() -> None:
    opd_day = OpdDay()
    opd_day.close("09:00")
    with pytest.raises(SlotClosed):
        opd_day.book(request=FIRST)
    opd_day.reopen("09:00")
    assert opd_day.book(request=FIRST).status is Status.BOOKED


# A request that was sent on to another sheet


def _decline(opd_day: OpdDay, key: str) -> None:
    opd_day.do(Decline(actor=ACTOR, key=key))


def test_a_declined_key_books_nothing() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    _decline(opd_day, "key")
    (event,) = opd_day.told(events.KeyDeclined)
    assert event.reason == BookedElsewhere()

    with pytest.raises(KeyDeclined):
        opd_day.book(request=FIRST)

    assert opd_day.book(request=KeyedRequest(key="another", fingerprint="body")).number == 1
    assert opd_day.book().number == 2


def test_a_declined_key_is_refused_before_all_else() -> None:
    opd_day = OpdDay()
    _decline(opd_day, "key")
    with pytest.raises(KeyDeclined):
        opd_day.book("15:00", request=FIRST)


def test_a_key_that_has_booked_is_not_declined_any_more() -> None:
    opd_day = OpdDay()
    token = opd_day.book(request=FIRST)
    before = opd_day.sheet

    _decline(opd_day, "key")

    assert opd_day.sheet is before
    assert opd_day.last.outcome.number is None
    assert opd_day.book(request=FIRST) == token


def test_a_key_is_declined_once() -> None:
    opd_day = OpdDay()
    _decline(opd_day, "key")
    _decline(opd_day, "another")
    before = opd_day.sheet
    _decline(opd_day, "key")
    assert opd_day.sheet is before
    assert opd_day.sheet.declined == ("key", "another")


def test_a_key_is_declined_beside_bookings_of_other_keys_and_of_none() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.book()
    opd_day.book(request=FIRST)
    _decline(opd_day, "another")
    assert opd_day.sheet.declined == ("another",)


# Slots


def test_a_repeated_plan_of_a_slot_changes_nothing() -> None:
    opd_day = OpdDay()
    opd_day.do(make_add_slot("11:00", request=FIRST))
    planned = opd_day.sheet

    opd_day.do(make_add_slot("11:00", request=FIRST))

    assert opd_day.last.outcome.replayed
    assert opd_day.last.outcome.slot_id == slot_id("11:00")
    assert opd_day.sheet is planned


def test_the_same_key_for_another_plan_of_a_slot_is_refused() -> None:
    opd_day = OpdDay()
    opd_day.do(make_add_slot("11:00", request=FIRST))
    with pytest.raises(IdempotencyMismatch):
        opd_day.do(make_add_slot("11:00", request=KeyedRequest(key="key", fingerprint="other")))


def test_a_key_that_made_a_slot_makes_no_other() -> None:
    opd_day = OpdDay()
    opd_day.do(make_add_slot("11:00", request=FIRST))
    request = KeyedRequest(key="key", fingerprint="other")
    with pytest.raises(IdempotencyMismatch):
        opd_day.do(make_add_slot("15:00", request=request))
    assert len(opd_day.sheet.slots) == 2


def test_a_key_that_made_a_slot_books_nothing() -> None:
    opd_day = OpdDay()
    opd_day.do(make_add_slot("11:00", request=FIRST))
    with pytest.raises(IdempotencyMismatch):
        opd_day.book(request=FIRST)
    with pytest.raises(IdempotencyMismatch):
        opd_day.book(request=KeyedRequest(key="key", fingerprint="other"))


def test_a_key_that_booked_makes_no_slot() -> None:
    opd_day = OpdDay()
    opd_day.book(request=FIRST)
    for request in (FIRST, KeyedRequest(key="key", fingerprint="other")):
        with pytest.raises(IdempotencyMismatch):
            opd_day.do(make_add_slot("11:00", request=request))


def test_a_key_that_was_sent_on_makes_no_slot() -> None:
    opd_day = OpdDay()
    _decline(opd_day, "key")
    with pytest.raises(IdempotencyMismatch):
        opd_day.do(make_add_slot("11:00", request=FIRST))
    opd_day.do(make_add_slot("11:00", request=KeyedRequest(key="another", fingerprint="body")))


def test_a_repeated_plan_is_answered_also_when_its_slot_is_over() -> None:
    opd_day = OpdDay()
    opd_day.do(make_add_slot("11:00", request=FIRST))
    opd_day.now = at("13:00")
    opd_day.do(make_add_slot("11:00", request=FIRST))
    assert opd_day.last.outcome.replayed
