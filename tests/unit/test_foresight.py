"""When patients should be seen, where the doctor's past is known: by the line, from it alone."""

from datetime import datetime, timedelta

from engine.day import Day
from engine.queue import Standing, line_of, queue_of, standing_of
from models.commands import SetSession
from models.doctor_session import SessionState
from models.experience import Experience
from models.source import Source
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_slot

KNOWN = Experience(sessions=1)
"""Of which the coefficients are still the facility's ten minutes."""


def _told(day: OpdDay, token: Token) -> Standing:
    """The same told of the token alone, in its slot, and in the line."""
    seen = Day(day.sheet, day.policy, day.now, KNOWN)
    alone = standing_of(seen, day[token])
    in_slot = {each.number: one for each, one in queue_of(seen, seen.timed_slot(token.slot_id))}
    in_line = {each.number: one for each, one in line_of(seen)}
    assert alone == in_slot[token.number] == in_line[token.number]
    return alone


def _at(day: OpdDay, token: Token) -> datetime | None:
    return _told(day, token).estimated_time


def _plus(clock: str, minutes: float) -> datetime:
    return at(clock) + timedelta(minutes=minutes)


def test_before_the_session_all_begins_with_the_first_slot() -> None:
    day = OpdDay(make_slot("09:00", seats=5))
    first, second = day.book(), day.book()
    for token in (first, second):
        day.bring(token, Status.CHECKED_IN)
    told = _told(day, second)
    assert (_at(day, first), told.estimated_time) == (at("09:00"), at("09:10"))
    assert told.earliest is not None
    assert told.latest is not None
    assert told.earliest < at("09:10") < told.latest


def test_who_is_in_is_waited_for_by_what_is_left() -> None:
    day = OpdDay(make_slot("09:00", seats=5))
    inside, waiting = day.book(), day.book()
    day.now = at("09:00")
    day.bring(inside, Status.IN_CONSULTATION)
    day.bring(waiting, Status.CHECKED_IN)
    day.now = at("09:04")
    assert _at(day, waiting) == at("09:10")
    day.now = at("09:30")
    assert _at(day, waiting) == at("09:34")


def test_who_is_yet_to_come_counts_by_the_chance_that_they_do() -> None:
    day = OpdDay(make_slot("09:00", seats=5))
    first, second = day.book(), day.book()
    assert _at(day, first) == at("09:00")
    assert _at(day, second) == at("09:09")


def test_nobody_is_told_to_come_before_their_slot() -> None:
    day = OpdDay(make_slot("09:00", seats=6), make_slot("11:00", seats=5))
    early, absent, late = day.book("09:00"), day.book("09:00"), day.book("11:00")
    day.bring(early, Status.CHECKED_IN)
    assert _at(day, absent) == at("09:10")
    assert _at(day, late) == at("11:00")
    for _ in range(4):
        day.bring(day.book("09:00"), Status.CHECKED_IN)
    day.now = at("10:30")
    assert _at(day, late) == at("11:20")


def test_those_here_are_seen_in_the_order_of_the_line() -> None:
    day = OpdDay(make_slot("09:00", seats=5), make_slot("10:00", seats=5))
    walkin = day.book("09:00", Source.WALKIN)
    paid = day.book("10:00", Source.PRIORITY)
    day.now = at("10:00")
    day.bring(paid, Status.CHECKED_IN)
    day.now = at("10:01")
    day.bring(walkin, Status.CHECKED_IN)
    day.do(SetSession(actor=ACTOR, state=SessionState.IN_SESSION))
    assert _told(day, paid).queue_position == 1
    assert (_at(day, paid), _at(day, walkin)) == (at("10:01"), at("10:11"))


def test_a_break_moves_all() -> None:
    day = OpdDay(make_slot("09:00", seats=5))
    token = day.book()
    day.bring(token, Status.CHECKED_IN)
    day.now = at("09:05")
    day.do(SetSession(actor=ACTOR, state=SessionState.ON_BREAK, until=at("09:45")))
    assert _at(day, token) == at("09:45")


def test_todays_pace_counts() -> None:
    day = OpdDay(make_slot("09:00", seats=20))
    tokens = [day.book() for _ in range(4)]
    for token in tokens:
        day.bring(token, Status.CHECKED_IN)
    for place, token in enumerate(tokens[:2]):
        day.now = _plus("09:00", 30 * place)
        day.set(token, Status.IN_CONSULTATION)
        day.now = _plus("09:30", 30 * place)
        day.set(token, Status.COMPLETED)
    # Two took 60 minutes in place of 20, beside 15 of ten minutes that are remembered.
    pace = (60 + 150) / (20 + 150)
    assert _at(day, tokens[3]) == _plus("10:00", round(10 * pace * 60) / 60)


def test_in_a_closed_slot_nobody_can_tell() -> None:
    day = OpdDay(make_slot("09:00", seats=5))
    token = day.book()
    day.close("09:00")
    assert _at(day, token) is None
    assert _told(day, token).position == 1


def test_with_nothing_known_times_are_those_of_rule_9() -> None:
    day = OpdDay(make_slot("09:00", seats=5))
    tokens = [day.book() for _ in range(3)]
    told = day.standing(tokens[2])
    assert (told.estimated_time, told.earliest, told.latest) == (at("09:20"), None, None)
