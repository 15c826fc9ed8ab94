"""Rule 19: what time alone brings, and when."""

from datetime import datetime, timedelta

import pytest

from engine.stats import stats_of
from models.commands import CallNext, ChangeStatus, SetSession, Tick
from models.doctor_session import SessionState
from models.events import SessionChanged, StatusChanged
from models.reasons import DayEnded, DidNotCome, NotSeen, NotThere, WentHome
from models.source import Source
from models.token import EndCode, Status, Token
from tests.factories import ACTOR, OpdDay, at, make_slot, make_token

TICK = Tick(actor="service")


def tick(opd_day: OpdDay, moment: datetime | str) -> None:
    """Time alone has come to this moment."""
    opd_day.now = at(moment) if isinstance(moment, str) else moment
    opd_day.do(TICK)


def in_session(*slots: int) -> tuple[OpdDay, list[Token]]:
    """So many walk-ins BOOKED at 09:00, while the session runs since then."""
    opd_day = OpdDay(make_slot("09:00", seats=9))
    tokens = [opd_day.book(source=Source.ONLINE) for _ in range(*slots)]
    opd_day.now = at("09:00")
    opd_day.do(SetSession(actor=ACTOR, state=SessionState.IN_SESSION))
    return opd_day, tokens


def ticks_at(opd_day: OpdDay) -> datetime | None:
    return opd_day.sheet.tick_at


def test_who_was_called_and_does_not_come_is_missed_and_then_absent() -> None:
    opd_day, (token,) = in_session(1)
    opd_day.set(token, Status.CHECKED_IN)
    opd_day.do(CallNext(actor=ACTOR))
    for moment, status, reason in [
        ("09:15", Status.MISSED, DidNotCome()),
        ("09:30", Status.NO_SHOW, NotThere()),
    ]:
        assert ticks_at(opd_day) == at(moment)
        tick(opd_day, at(moment) - timedelta(milliseconds=1))
        assert opd_day.events() == []
        tick(opd_day, moment)
        (event,) = opd_day.told(StatusChanged)
        assert (event.after.status, event.reason) == (status, reason)
        tick(opd_day, moment)
        assert opd_day.events() == []
    assert opd_day[token].ended_at == at("09:30")


def test_who_is_awaited_in_vain_is_absent_once_the_due_time_is_long_past() -> None:
    opd_day, (first, second) = in_session(2)
    assert ticks_at(opd_day) == at("09:15")
    tick(opd_day, "09:15")
    assert opd_day[first].status is Status.NO_SHOW
    assert opd_day[second].status is Status.BOOKED
    assert ticks_at(opd_day) == at("09:25")  # due as ever, though nobody came before
    tick(opd_day, "09:25")
    assert opd_day[second].status is Status.NO_SHOW


def test_the_seat_of_who_is_absent_goes_to_who_waits() -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.ONLINE)
    waiting = opd_day.book(source=Source.ONLINE)
    opd_day.now = at("09:00")
    opd_day.do(SetSession(actor=ACTOR, state=SessionState.IN_SESSION))
    tick(opd_day, "09:15")
    assert opd_day[waiting].status is Status.BOOKED


@pytest.mark.parametrize(
    "state", [SessionState.NOT_STARTED, SessionState.ON_BREAK, SessionState.FINISHED]
)
def test_a_doctor_who_is_not_there_costs_nobody_a_seat(state: SessionState) -> None:
    opd_day, (token,) = in_session(1)
    opd_day.do(SetSession(actor=ACTOR, state=state, until=at("09:30")))
    tick(opd_day, "11:59")
    assert opd_day.events() == []
    assert opd_day[token].status is Status.BOOKED
    assert ticks_at(opd_day) == at("00:00", days=1)


def test_nobody_is_awaited_in_vain_while_one_who_was_due_before_still_waits() -> None:
    opd_day, (first, second) = in_session(2)
    opd_day.set(first, Status.CHECKED_IN)
    tick(opd_day, "10:30")
    assert opd_day.events() == []
    opd_day.do(CallNext(actor=ACTOR))
    assert ticks_at(opd_day) == at("09:25")
    tick(opd_day, "10:31")
    assert opd_day[second].status is Status.NO_SHOW


def test_who_is_due_before_those_who_wait_is_not_protected_by_them() -> None:
    opd_day, (first, second) = in_session(2)
    opd_day.set(second, Status.CHECKED_IN)
    tick(opd_day, "09:15")
    assert opd_day[first].status is Status.NO_SHOW


def test_a_delay_puts_off_when_one_is_absent() -> None:
    opd_day, _ = in_session(1)
    opd_day.change("09:00", delay=20)
    assert ticks_at(opd_day) == at("09:35")


def test_a_call_of_before_its_time_was_kept_does_not_time_out() -> None:
    opd_day = OpdDay(tokens=(make_token(1, status=Status.CALLED),))
    opd_day.do(SetSession(actor=ACTOR, state=SessionState.IN_SESSION))
    assert ticks_at(opd_day) == at("00:00", days=1)


# The end of the day

EVERY = (
    (Status.WAITLISTED, Status.CANCELLED, EndCode.DAY_ENDED, DayEnded()),
    (Status.BOOKED, Status.NO_SHOW, EndCode.DAY_ENDED, DayEnded()),
    (Status.CHECKED_IN, Status.CANCELLED, EndCode.NOT_SEEN, NotSeen()),
    (Status.CALLED, Status.CANCELLED, EndCode.NOT_SEEN, NotSeen()),
    (Status.IN_CONSULTATION, Status.COMPLETED, EndCode.DAY_ENDED, DayEnded()),
    (Status.PARKED, Status.CANCELLED, EndCode.NOT_SEEN, NotSeen()),
    (Status.MISSED, Status.NO_SHOW, EndCode.DAY_ENDED, DayEnded()),
)


def test_the_day_ends_for_each_token_that_is_still_open() -> None:
    tokens = [make_token(n, status=before) for n, (before, *_) in enumerate(EVERY, start=1)]
    closed = make_token(8, status=Status.COMPLETED)
    opd_day = OpdDay(make_slot(seats=6), tokens=(*tokens, closed))
    opd_day.now = at("09:00")
    opd_day.do(SetSession(actor=ACTOR, state=SessionState.IN_SESSION))
    tick(opd_day, at("00:00", days=1))
    told = {event.number: event for event in opd_day.told(StatusChanged)}
    for token, (before, after, code, reason) in zip(tokens, EVERY, strict=True):
        event = told.pop(token.number)
        assert (event.before.status, event.after.status, event.reason) == (before, after, reason)
        assert (opd_day[token].end_code, opd_day[token].ended_at) == (code, at("00:00", days=1))
    assert told == {}
    (session,) = opd_day.told(SessionChanged)
    assert (session.session_after, session.reason) == (SessionState.FINISHED, DayEnded())
    assert ticks_at(opd_day) is None
    tick(opd_day, at("00:01", days=1))
    assert opd_day.events() == []


def test_a_day_ends_with_its_last_slot_if_that_ends_after_midnight() -> None:
    opd_day = OpdDay(make_slot("23:30"))
    token = opd_day.book("23:30")
    assert ticks_at(opd_day) == at("00:30", days=1)
    tick(opd_day, at("00:29", days=1))
    assert opd_day[token].status is Status.BOOKED
    tick(opd_day, at("00:30", days=1))
    assert opd_day[token].status is Status.NO_SHOW


def test_a_day_without_tokens_and_without_a_session_has_no_end() -> None:
    opd_day = OpdDay()
    opd_day.change("09:00", seats=2)
    assert ticks_at(opd_day) is None


def test_a_consultation_that_the_day_ended_is_not_learned_from() -> None:
    opd_day, tokens = in_session(3)
    for token, clock in zip(tokens, ("09:00", "09:10", "09:20"), strict=True):
        opd_day.now = at(clock)
        opd_day.bring(token, Status.IN_CONSULTATION)
    opd_day.now = at("09:26")
    opd_day.set(tokens[0], Status.COMPLETED)
    opd_day.set(tokens[1], Status.COMPLETED)
    tick(opd_day, at("00:00", days=1))
    figures = stats_of(opd_day.day, opd_day.day.timed_slots[0])
    assert figures.mean_consultation == timedelta(minutes=21)
    assert len(opd_day.sheet.consultations) == 2
    assert figures.by_end == {EndCode.LEFT: 0, EndCode.DAY_ENDED: 1, EndCode.NOT_SEEN: 0}


def test_who_went_home_is_cancelled_with_a_code() -> None:
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), Status.CHECKED_IN)
    opd_day.do(
        ChangeStatus(actor=ACTOR, token_id=token.id, status=Status.CANCELLED, end_code=EndCode.LEFT)
    )
    (event,) = opd_day.told(StatusChanged)
    assert event.reason == WentHome()
    assert opd_day[token].end_code is EndCode.LEFT
