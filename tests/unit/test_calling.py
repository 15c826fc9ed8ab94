"""Rules 16 and 17: the next is called, called again, sent away and comes back."""

import pytest

from models.commands import CallNext, Recall
from models.errors import (
    BadTransition,
    IdempotencyMismatch,
    KeyDeclined,
    StillIn,
    UnknownToken,
    WrongDay,
)
from models.events import EventType, Recalled, StatusChanged
from models.keyed_request import KeyedRequest
from models.line import ReturnTo
from models.reasons import CalledAgain, CameBack, DidNotCome
from models.source import Source
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_slot, make_token, slot_id, token_id

AWAY = [Status.PARKED, Status.MISSED]


def waiting_room(count: int = 2) -> tuple[OpdDay, list[Token]]:
    """So many who are here, in the order in which they are called."""
    opd_day = OpdDay(make_slot(seats=9))
    tokens = [opd_day.book() for _ in range(count)]
    opd_day.now = at("08:50")
    return opd_day, [opd_day.set(token, Status.CHECKED_IN) for token in tokens]


def call(
    opd_day: OpdDay,
    room: str | None = None,
    finish: Token | None = None,
    key: str | None = None,
    fingerprint: str = "call",
) -> Token | None:
    """Call the next; who was called."""
    request = None if key is None else KeyedRequest(key=key, fingerprint=fingerprint)
    finished = None if finish is None else finish.id
    number = opd_day.do(
        CallNext(actor=ACTOR, room=room, finish=finished, request=request)
    ).outcome.number
    return None if number is None else opd_day.sheet.tokens[number - 1]


def recall(opd_day: OpdDay, token: Token) -> Token:
    opd_day.do(Recall(actor=ACTOR, token_id=token.id))
    return opd_day[token]


# Call next


def test_the_next_is_called_into_the_room() -> None:
    opd_day, (first, second) = waiting_room()
    opd_day.now = at("09:00")
    called = call(opd_day, "Room 3")
    assert called is not None
    assert called.number == first.number
    assert (called.status, called.called_at, called.room) == (Status.CALLED, at("09:00"), "Room 3")
    assert opd_day.last.outcome.slot_id == slot_id("09:00")
    assert call(opd_day, "Room 4") == opd_day[second]


def test_nobody_to_call_is_no_error_and_the_session_begins() -> None:
    opd_day = OpdDay()
    opd_day.book()
    opd_day.now = at("09:00")
    assert call(opd_day) is None
    assert [event.type for event in opd_day.events()] == [EventType.SESSION_CHANGED]
    assert call(opd_day) is None
    assert opd_day.events() == []


def test_one_consultation_ends_and_the_next_is_called_in_one_step() -> None:
    opd_day, (first, second) = waiting_room()
    opd_day.set(first, Status.IN_CONSULTATION)
    assert call(opd_day, finish=first) == opd_day[second]
    assert opd_day[first].status is Status.COMPLETED
    told = opd_day.told(StatusChanged)
    assert [(event.number, event.after.status) for event in told] == [
        (1, Status.COMPLETED),
        (2, Status.CALLED),
    ]


def test_who_is_finished_already_may_be_finished_again() -> None:
    opd_day, (first, second) = waiting_room()
    opd_day.set(first, Status.IN_CONSULTATION)
    opd_day.set(first, Status.COMPLETED)
    assert call(opd_day, finish=first) == opd_day[second]


def test_who_is_not_in_consultation_cannot_be_finished() -> None:
    opd_day, (first, second) = waiting_room()
    before = opd_day.sheet
    with pytest.raises(BadTransition):
        call(opd_day, finish=second)
    with pytest.raises(UnknownToken):
        call(opd_day, finish=make_token(7))
    assert opd_day.sheet is before
    assert opd_day[first].status is Status.CHECKED_IN


def test_nobody_is_called_into_a_room_with_somebody_in_consultation() -> None:
    opd_day, (first, second) = waiting_room()
    opd_day.set(first, Status.IN_CONSULTATION, room="1")
    with pytest.raises(StillIn) as refused:
        call(opd_day, "1")
    assert (refused.value.other.id, refused.value.other.label) == (first.id, "T001")
    assert call(opd_day, "2") == opd_day[second]


def test_finishing_another_room_leaves_this_one_taken_and_changes_nothing() -> None:
    opd_day, (first, second) = waiting_room()
    opd_day.set(first, Status.IN_CONSULTATION, room="1")
    opd_day.set(second, Status.IN_CONSULTATION, room="2")
    before = opd_day.sheet
    with pytest.raises(StillIn):
        call(opd_day, "1", finish=second)
    assert opd_day.sheet is before


def test_before_its_day_nobody_is_called_by_the_line() -> None:
    opd_day = OpdDay()
    opd_day.now = at("23:59", days=-1)
    with pytest.raises(WrongDay):
        call(opd_day)


def test_a_repeat_with_the_same_key_calls_nobody() -> None:
    opd_day, (first, second) = waiting_room()
    call(opd_day, key="k")
    before = opd_day.sheet
    again = call(opd_day, key="k")
    assert again is opd_day[first]
    assert opd_day.last.outcome.replayed
    assert opd_day.sheet is before
    assert opd_day[second].status is Status.CHECKED_IN


def test_a_key_stands_for_one_request_whatever_it_made() -> None:
    opd_day, (first, _) = waiting_room()
    booked = KeyedRequest(key="booked", fingerprint="body")
    opd_day.book(request=booked)
    call(opd_day, key="called")
    before = opd_day.sheet
    for key, fingerprint in [("booked", "body"), ("called", "other")]:
        with pytest.raises(IdempotencyMismatch):
            call(opd_day, key=key, fingerprint=fingerprint)
    with pytest.raises(IdempotencyMismatch):
        opd_day.book(request=KeyedRequest(key="called", fingerprint="call"))
    assert opd_day.sheet is before
    assert opd_day[first].status is Status.CALLED


def test_a_key_whose_request_went_elsewhere_calls_nobody() -> None:
    opd_day, _ = waiting_room()
    opd_day.sheet = opd_day.sheet.changed(declined=("k",))
    with pytest.raises(KeyDeclined):
        call(opd_day, key="k")


def test_a_call_without_a_key_keeps_the_key_of_the_one_before() -> None:
    opd_day, (first, _) = waiting_room(2)
    call(opd_day, key="k")
    opd_day.set(first, Status.PARKED)
    opd_day.set(first, Status.CHECKED_IN, to=ReturnTo.FIRST)
    call(opd_day)
    assert call(opd_day, key="k") is opd_day[first]


# Called again


def test_who_was_called_three_times_again_is_missed_at_the_fourth() -> None:
    opd_day, (first, _) = waiting_room()
    call(opd_day)
    for times in (1, 2, 3):
        assert recall(opd_day, first).recalls == times
        (event,) = opd_day.told(Recalled)
        assert (event.before, event.reason) == (event.after, CalledAgain(times))
    opd_day.now = at("09:20")
    missed = recall(opd_day, first)
    assert (missed.status, missed.away_at) == (Status.MISSED, at("09:20"))
    (changed,) = opd_day.told(StatusChanged)
    assert changed.reason == DidNotCome()


def test_a_new_call_counts_anew() -> None:
    opd_day, (first, _) = waiting_room()
    call(opd_day)
    recall(opd_day, first)
    opd_day.set(first, Status.MISSED)
    opd_day.set(first, Status.CHECKED_IN)
    assert call(opd_day) == opd_day[first]
    assert opd_day[first].recalls == 0


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.CALLED}))
def test_only_who_was_called_is_called_again(status: Status) -> None:
    tokens = (make_token(1, status=status), make_token(2, source=Source.EMERGENCY))
    opd_day = OpdDay(tokens=tokens)
    with pytest.raises(BadTransition):
        recall(opd_day, tokens[0])


def test_an_unknown_token_is_not_called_again() -> None:
    with pytest.raises(UnknownToken):
        OpdDay().do(Recall(actor=ACTOR, token_id=token_id(7)))


# Away and back


@pytest.mark.parametrize("away", AWAY)
def test_who_is_away_keeps_the_seat_and_stands_in_no_line(away: Status) -> None:
    opd_day, (first, second) = waiting_room()
    opd_day.now = at("08:55")
    call(opd_day)
    gone = opd_day.set(first, away)
    assert gone.away_at == at("08:55")
    assert gone in opd_day.day.roster(gone.slot_id).seated
    assert opd_day.standing(gone).position is None
    assert opd_day.standing(gone).queue_position is None
    assert opd_day.standing(second).position == 1
    assert opd_day.standing(second).estimated_time == at("09:00")


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize(
    ("to", "line"),
    [
        (None, [1, 2, 3]),
        (ReturnTo.SAME, [1, 2, 3]),
        (ReturnTo.LAST, [2, 3, 1]),
        (ReturnTo.FIRST, [1, 2, 3]),
    ],
)
def test_who_comes_back_stands_where_it_is_said(
    away: Status, to: ReturnTo | None, line: list[int]
) -> None:
    opd_day, tokens = waiting_room(3)
    call(opd_day)
    opd_day.set(tokens[0], away)
    opd_day.now = at("09:30")
    back = opd_day.set(tokens[0], Status.CHECKED_IN, to=to)
    assert (back.away_at, back.called_at, back.checked_in_at) == (None, None, at("08:50"))
    (event,) = opd_day.told(StatusChanged)
    assert event.reason == CameBack(to or ReturnTo.SAME)
    places = {token.number: opd_day.standing(token).queue_position for token in tokens}
    assert sorted(places, key=lambda number: places[number] or 0) == line


@pytest.mark.parametrize("status", sorted(set(Status) - {*AWAY}))
def test_nobody_returns_who_is_not_away(status: Status) -> None:
    tokens = (make_token(1, status=status), make_token(2, source=Source.EMERGENCY))
    opd_day = OpdDay(tokens=tokens)
    with pytest.raises(BadTransition):
        opd_day.set(tokens[0], Status.CHECKED_IN, to=ReturnTo.SAME)


@pytest.mark.parametrize("away", AWAY)
def test_who_is_away_stays_at_a_reallocation(away: Status) -> None:
    token = make_token(1, status=away)
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"), tokens=(token,))
    opd_day.reallocate("09:00")
    assert opd_day[token] is token
    assert [event.type for event in opd_day.events()] == ["SLOT_CHANGED", "STAYED"]
