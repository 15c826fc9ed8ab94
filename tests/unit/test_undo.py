"""Rule 20: the last step of a token is taken back, soon after it."""

from datetime import timedelta

import pytest

from models.commands import CallNext, ChangeStatus, Recall, SetSession, Tick, Undo
from models.doctor_session import SessionState
from models.errors import AlreadyBooked, SeatGone, UndoExpired, UnknownToken
from models.events import Promoted, Undone
from models.line import ReturnTo
from models.reasons import StepUndone
from models.source import Source
from models.token import EndCode, Status, Token
from tests.factories import ACTOR, WAY, OpdDay, at, make_policy, make_slot, make_token

UNDOABLE = [
    Status.CHECKED_IN,
    Status.CALLED,
    Status.IN_CONSULTATION,
    Status.PARKED,
    Status.COMPLETED,
    Status.NO_SHOW,
    Status.CANCELLED,
]


def undo(opd_day: OpdDay, token: Token) -> Token:
    opd_day.do(Undo(actor=ACTOR, token_id=token.id, status=opd_day[token].status))
    return opd_day[token]


def full_slot() -> tuple[OpdDay, Token, Token]:
    """A slot with one seat, and who holds it, and who waits for it."""
    opd_day = OpdDay()
    return opd_day, opd_day.book(source=Source.ONLINE), opd_day.book(source=Source.ONLINE)


@pytest.mark.parametrize("status", UNDOABLE)
def test_each_step_is_taken_back_with_all_that_it_changed(status: Status) -> None:
    opd_day = OpdDay(make_slot(seats=3))
    token = opd_day.book(source=Source.ONLINE)
    *way, last = WAY[status]
    for step in way:
        opd_day.now += timedelta(minutes=1)
        opd_day.set(token, step)
    before = opd_day[token]
    opd_day.now += timedelta(minutes=1)
    opd_day.set(token, last, reason="A slip", room="Room 3" if last is Status.CALLED else None)
    opd_day.now += timedelta(minutes=2)
    after = undo(opd_day, token)
    assert after.last_step is None
    for field in after.__struct_fields__:
        if field != "last_step":
            assert getattr(after, field) == getattr(before, field), field
    (event,) = opd_day.told(Undone)
    assert (event.before.status, event.after.status) == (status, before.status)
    assert event.reason == StepUndone(status)


def test_a_call_by_the_line_is_taken_back_too() -> None:
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), Status.CHECKED_IN)
    opd_day.do(CallNext(actor=ACTOR, room="1"))
    assert undo(opd_day, token).room is None
    assert opd_day[token].status is Status.CHECKED_IN


def test_a_late_return_is_taken_back_to_no_show() -> None:
    opd_day = OpdDay()
    absent = opd_day.set(opd_day.book(), Status.NO_SHOW)
    opd_day.now += timedelta(minutes=30)
    opd_day.set(absent, Status.CHECKED_IN)
    assert undo(opd_day, absent).ended_at == at("08:00")
    assert opd_day[absent].status is Status.NO_SHOW


def test_a_code_goes_with_the_cancellation() -> None:
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), Status.CHECKED_IN)
    left = ChangeStatus(
        actor=ACTOR, token_id=token.id, status=Status.CANCELLED, end_code=EndCode.LEFT
    )
    opd_day.do(left)
    assert undo(opd_day, token).end_code is None


# Too late


def test_after_two_minutes_nothing_is_taken_back() -> None:
    opd_day = OpdDay()
    token = opd_day.set(opd_day.book(), Status.CHECKED_IN)
    opd_day.now += timedelta(minutes=2, milliseconds=1)
    with pytest.raises(UndoExpired):
        undo(opd_day, token)


def test_only_one_step_is_taken_back() -> None:
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), Status.CALLED)
    undo(opd_day, token)
    with pytest.raises(UndoExpired):
        undo(opd_day, token)


def test_what_was_not_the_step_that_is_meant_is_not_taken_back() -> None:
    """As when another desk was faster."""
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), Status.CALLED)
    with pytest.raises(UndoExpired):
        opd_day.do(Undo(actor=ACTOR, token_id=token.id, status=Status.CHECKED_IN))


def test_a_booking_is_not_taken_back() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    with pytest.raises(UndoExpired):
        undo(opd_day, token)
    with pytest.raises(UnknownToken):
        opd_day.do(Undo(actor=ACTOR, token_id=make_token(7).id, status=Status.BOOKED))


@pytest.mark.parametrize("newer", ["recall", "return", "missed", "moved", "tick", "end"])
def test_nothing_is_taken_back_after_something_newer(newer: str) -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"), policy=make_policy(no_show_minutes=1))
    token = opd_day.bring(opd_day.book(), Status.CHECKED_IN)
    if newer == "moved":
        opd_day.reallocate("09:00")
    else:
        opd_day.do(CallNext(actor=ACTOR))
    if newer == "recall":
        opd_day.do(Recall(actor=ACTOR, token_id=token.id))
    elif newer == "return":
        opd_day.set(token, Status.PARKED)
        opd_day.set(token, Status.CHECKED_IN, to=ReturnTo.SAME)
    elif newer == "missed":
        opd_day.set(token, Status.MISSED)
    elif newer == "tick":
        opd_day.now += timedelta(minutes=1)
        opd_day.do(Tick(actor="service"))
    elif newer == "end":
        opd_day.now = at("00:00", days=1)
        opd_day.do(Tick(actor="service"))
    with pytest.raises(UndoExpired):
        undo(opd_day, token)


def test_who_the_clock_marked_absent_is_not_brought_back_by_undo() -> None:
    opd_day = OpdDay()
    token = opd_day.book(source=Source.ONLINE)
    opd_day.now = at("09:00")
    opd_day.do(SetSession(actor=ACTOR, state=SessionState.IN_SESSION))
    opd_day.now = at("09:15")
    opd_day.do(Tick(actor="service"))
    with pytest.raises(UndoExpired):
        undo(opd_day, token)


# The seat


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_a_seat_that_went_to_who_waited_is_gone(status: Status) -> None:
    opd_day, seated, waiting = full_slot()
    opd_day.set(seated, status)
    assert opd_day.told(Promoted)
    before = opd_day.sheet
    with pytest.raises(SeatGone):
        undo(opd_day, seated)
    assert opd_day.sheet is before
    opd_day.set(waiting, Status.CANCELLED)
    assert undo(opd_day, seated).status is Status.BOOKED


def test_an_emergencys_seat_beyond_capacity_comes_back_while_there_is_one() -> None:
    opd_day = OpdDay(policy=make_policy(emergency_overflow=1, max_bumps=0))
    opd_day.book()
    urgent = opd_day.book(source=Source.EMERGENCY)
    opd_day.set(urgent, Status.CANCELLED)
    assert undo(opd_day, urgent).status is Status.BOOKED
    opd_day.set(urgent, Status.CANCELLED)
    opd_day.book(source=Source.EMERGENCY)
    with pytest.raises(SeatGone):
        undo(opd_day, urgent)


def test_a_patient_who_booked_again_has_that_token() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    token = opd_day.book(patient="meera")
    opd_day.set(token, Status.CANCELLED)
    again = opd_day.book(patient="meera")
    with pytest.raises(AlreadyBooked) as refused:
        undo(opd_day, token)
    assert refused.value.other.id == again.id


def test_who_waited_waits_again() -> None:
    opd_day, _, waiting = full_slot()
    opd_day.set(waiting, Status.CANCELLED)
    assert undo(opd_day, waiting).status is Status.WAITLISTED


def test_who_waited_does_not_wait_behind_a_lower_score_that_came_since() -> None:
    opd_day, seated, waiting = full_slot()
    opd_day.set(waiting, Status.CANCELLED)
    opd_day.set(seated, Status.CANCELLED)
    opd_day.book(source=Source.WALKIN)
    with pytest.raises(SeatGone):
        undo(opd_day, waiting)


def test_who_waited_gets_the_seat_that_fell_free_since() -> None:
    opd_day, seated, waiting = full_slot()
    opd_day.set(waiting, Status.CANCELLED)
    opd_day.set(seated, Status.CANCELLED)
    assert undo(opd_day, waiting).status is Status.BOOKED


def test_who_is_booked_again_keeps_the_seat_before_who_came_in_between() -> None:
    opd_day = OpdDay()
    seated = opd_day.set(opd_day.book(source=Source.WALKIN), Status.CHECKED_IN)
    between = opd_day.book(source=Source.ONLINE)
    undo(opd_day, seated)
    assert opd_day[seated].status is Status.BOOKED
    assert opd_day[between].status is Status.WAITLISTED
