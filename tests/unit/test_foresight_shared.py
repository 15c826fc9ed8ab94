"""When patients of a line that several doctors share should be seen. Rules 28 and 29."""

from datetime import datetime

from engine.day import Day
from engine.queue import Standing, queue_of
from models.commands import CallShared, SetConfig, SetSession
from models.doctor import Colleague
from models.doctor_session import SessionState
from models.experience import Experience
from models.line_config import LineConfig
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_slot

KNOWN = Experience(sessions=1)
"""Of which the coefficients are still the facility's ten minutes."""


def _day(doctor: str, here: int, session: SessionState | None = None) -> OpdDay:
    """So many are here at 09:00, in a line that is shared."""
    day = OpdDay(make_slot("09:00", seats=9), make_slot("11:00", seats=9))
    day.sheet = day.sheet.changed(resource_id=doctor)
    day.do(SetConfig(actor=ACTOR, config=LineConfig(change=1, pool=True)))
    for _ in range(here):
        day.bring(day.book("09:00"), Status.CHECKED_IN)
    day.now = at("09:00")
    if session is not None:
        day.do(SetSession(actor=ACTOR, state=session))
    return day


def _seen(day: OpdDay, *others: OpdDay, known: Experience | None = KNOWN) -> Day:
    beside = [Day(each.sheet, each.policy, each.now) for each in others]
    return Day(day.sheet, day.policy, day.now, known, beside)


def _told(day: Day, token: Token) -> Standing:
    return {each.number: one for each, one in queue_of(day, day.timed_slot(token.slot_id))}[
        token.number
    ]


def _last(day: OpdDay, *others: OpdDay) -> datetime | None:
    """What the last who is here is told."""
    return _told(_seen(day, *others), day.sheet.tokens[-1]).estimated_time


def test_all_who_see_patients_serve_it() -> None:
    asha, vikram = (_day(doctor, 2, SessionState.IN_SESSION) for doctor in ("asha", "vikram"))
    assert _last(asha) == at("09:10")
    # Two of four are seen at once, and the others as soon as these are done.
    assert _last(asha, vikram) == at("09:10")
    assert _last(vikram, asha) == at("09:10")
    resting = _day("vikram", 2)
    assert _last(asha, resting) == at("09:20")


def test_before_anybody_sees_patients_all_do_who_have_not_finished() -> None:
    asha, vikram = _day("asha", 2), _day("vikram", 2)
    assert _last(asha, vikram) == at("09:10")
    assert _last(asha, _day("vikram", 2, SessionState.FINISHED)) == at("09:20")


def test_when_all_have_finished_it_is_told_as_if_the_lines_own_doctor_came_back() -> None:
    asha, vikram = (_day(doctor, 2, SessionState.FINISHED) for doctor in ("asha", "vikram"))
    assert _last(asha, vikram) == at("09:20")


def test_who_is_yet_to_come_stands_behind_all_who_are_here_in_any_of_the_lines() -> None:
    asha = _day("asha", 1, SessionState.IN_SESSION)
    late = asha.book("11:00")
    vikram = _day("vikram", 7)
    asha.now = vikram.now = at("10:50")
    assert _told(_seen(asha), asha[late]).estimated_time == at("11:00")
    # Eight who are here take until 12:10; the last of them begins as the first of the others could.
    assert _told(_seen(asha, vikram), asha[late]).estimated_time == at("12:10")


def test_the_pace_is_that_of_the_doctors_own_consultations_on_whatever_sheet() -> None:
    asha = _day("asha", 2, SessionState.IN_SESSION)
    vikram = _day("vikram", 1)
    own = _last(asha, vikram)
    assert own is not None
    (served,) = vikram.sheet.tokens
    vikram.do(
        CallShared(actor=ACTOR, token_id=served.id, by=Colleague("asha", "Asha Rao"), room=None)
    )
    vikram.set(served, Status.IN_CONSULTATION)
    vikram.now = asha.now = at("10:00")
    vikram.set(served, Status.COMPLETED)
    slow = _last(asha, vikram)
    assert slow is not None
    # Of an hour beside 15 of ten minutes that are remembered: more than ten each from 10:00 on.
    assert slow > at("10:10")
    assert _last(asha) == at("10:10")


def test_with_nothing_known_it_is_foreseen_all_the_same_and_without_a_range() -> None:
    asha, vikram = (_day(doctor, 2, SessionState.IN_SESSION) for doctor in ("asha", "vikram"))
    told = _told(_seen(asha, vikram, known=None), asha.sheet.tokens[-1])
    assert (told.estimated_time, told.earliest, told.latest) == (at("09:10"), None, None)
