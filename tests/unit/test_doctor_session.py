"""Rule 18: the doctor's session begins, pauses and ends."""

from datetime import timedelta

import pytest

from models.commands import CallNext, SetSession
from models.doctor_session import DoctorSession, SessionState
from models.errors import WrongDay
from models.events import Event, SessionChanged
from models.reasons import PatientWasCalled, SessionSet
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_slot


def waiting_room() -> tuple[OpdDay, list[Token]]:
    """Two who are here."""
    opd_day = OpdDay(make_slot(seats=9))
    tokens = [opd_day.book() for _ in range(2)]
    opd_day.now = at("08:50")
    return opd_day, [opd_day.set(token, Status.CHECKED_IN) for token in tokens]


def say(opd_day: OpdDay, state: SessionState, until: str | None = None) -> None:
    end = None if until is None else at(until)
    opd_day.do(SetSession(actor=ACTOR, state=state, until=end, note="The doctor said so."))


@pytest.mark.parametrize("status", [Status.CALLED, Status.IN_CONSULTATION])
def test_whoever_is_called_or_begun_with_begins_the_session(status: Status) -> None:
    opd_day, (first, second) = waiting_room()
    opd_day.now = at("09:05")
    opd_day.set(first, status)
    assert opd_day.sheet.session == DoctorSession(SessionState.IN_SESSION, at("09:05"))
    (event,) = opd_day.told(SessionChanged)
    assert (event.session_before, event.session_after, event.reason) == (
        SessionState.NOT_STARTED,
        SessionState.IN_SESSION,
        PatientWasCalled(),
    )
    opd_day.set(second, status)
    assert opd_day.told(SessionChanged) == []


def test_a_call_ends_a_break() -> None:
    opd_day, _ = waiting_room()
    opd_day.now = at("09:00")
    say(opd_day, SessionState.ON_BREAK, "09:30")
    opd_day.do(CallNext(actor=ACTOR))
    assert opd_day.sheet.session.state is SessionState.IN_SESSION
    assert opd_day.sheet.session.until is None


def test_a_break_shifts_the_estimated_times_to_its_end() -> None:
    opd_day, (first, _) = waiting_room()
    say(opd_day, SessionState.ON_BREAK, "09:30")
    assert opd_day.standing(first).estimated_time == at("09:30")
    say(opd_day, SessionState.ON_BREAK, "08:55")
    assert opd_day.standing(first).estimated_time == at("09:00")
    say(opd_day, SessionState.IN_SESSION, "09:30")
    assert opd_day.sheet.session.until is None


def test_what_is_said_of_the_session_is_told_once() -> None:
    opd_day = OpdDay()
    told: list[Event] = []
    for state in (SessionState.IN_SESSION, SessionState.IN_SESSION, SessionState.FINISHED):
        opd_day.now += timedelta(minutes=1)
        say(opd_day, state)
        told += opd_day.events()
    assert [event.reason for event in told] == [
        SessionSet(SessionState.IN_SESSION),
        SessionSet(SessionState.FINISHED),
    ]
    assert {event.note for event in told} == {"The doctor said so."}
    assert opd_day.sheet.session.since == at("08:03")
    assert not opd_day.sheet.session.runs


def test_no_session_begins_before_its_day() -> None:
    opd_day = OpdDay()
    opd_day.now = at("23:59", days=-1)
    with pytest.raises(WrongDay):
        say(opd_day, SessionState.IN_SESSION)
