"""What patients are told at check-in is kept, and compared with when they were seen."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from engine.accuracy import Accuracy, Steps, keep_what_is_told, together
from engine.day import Day
from engine.hours import Course
from models.commands import Undo
from models.events import Event, StatusChanged, TokenEvent, ToldTime
from models.experience import Experience
from models.line import ReturnTo
from models.sheet import Sheet
from models.source import Source
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_book, make_slot

KNOWN = Experience(sessions=1)


class _Telling(OpdDay):
    """A day whose decisions keep what is told, and which keeps all its events."""

    def __init__(self, experience: Experience | None = KNOWN) -> None:
        super().__init__(make_slot("09:00", seats=9))
        self.experience = experience
        self.opened = 0
        self.all: list[Event] = []

    def then(self, clock: str, token: Token, status: Status, to: ReturnTo | None = None) -> None:
        self.now = at(clock)
        self.set(token, status, to=to)
        self.keep()

    def undo(self, clock: str, token: Token) -> None:
        self.now = at(clock)
        self.do(Undo(actor=ACTOR, token_id=token.id, status=self[token].status))
        self.keep()

    def keep(self) -> None:
        self.all += keep_what_is_told(self.last, self._opened).events

    def told(self, token: Token) -> list[ToldTime]:  # type: ignore[override]  # of a token here
        return [
            event.told
            for event in self.all
            if isinstance(event, StatusChanged) and event.number == token.number and event.told
        ]

    def accuracy(self, token: Token) -> Accuracy:
        steps = Steps()
        for event in self.all:
            if isinstance(event, TokenEvent) and event.number == token.number:
                steps.take(event)
        return steps.accuracy()

    def _opened(self, sheet: Sheet) -> Day:
        self.opened += 1
        return Day(sheet, self.policy, self.now, self.experience)


def _two() -> tuple[_Telling, Token, Token]:
    """Two who checked in at nine; the second is told 09:10."""
    day = _Telling()
    first = day.book()
    day.keep()
    second = day.book()
    day.keep()
    day.then("09:00", first, Status.CHECKED_IN)
    day.then("09:00", second, Status.CHECKED_IN)
    return day, first, second


def test_a_days_accuracy_is_that_of_its_tokens_together() -> None:
    day, first, second = _two()
    day.then("09:00", first, Status.IN_CONSULTATION)
    day.then("09:50", first, Status.COMPLETED)
    day.then("09:50", second, Status.IN_CONSULTATION)
    course = Course(day.sheet.zone)
    for event in day.all:
        course.take(event)
    assert course.accuracy().compared == 2
    assert course.accuracy() == together([day.accuracy(first), day.accuracy(second)])


def test_the_event_of_a_check_in_tells_what_the_patient_is_told() -> None:
    day, _, second = _two()
    (told,) = day.told(second)
    assert told.at == at("09:10")
    assert told.within is not None
    assert told.within[0] < at("09:10") < told.within[1]


def test_where_nothing_is_known_of_the_doctor_no_range_is_told() -> None:
    day = _Telling(None)
    token = day.book()
    day.then("08:50", token, Status.CHECKED_IN)
    assert day.told(token) == [ToldTime(at("09:00"))]
    day.then("09:05", token, Status.IN_CONSULTATION)
    assert day.accuracy(token) == Accuracy(compared=1, right=1, off=300)


def test_who_checks_in_without_a_seat_is_told_nothing() -> None:
    day = _Telling()
    day.sheet = _Telling().sheet.with_slot(make_slot("09:00", seats=1))
    day.book(source=Source.ONLINE)
    waits = day.book()
    day.then("09:00", waits, Status.CHECKED_IN)
    assert day[waits].status is Status.WAITLISTED
    assert day.told(waits) == []


def test_a_walk_in_who_is_there_is_told_when_it_is_booked() -> None:
    day = _Telling()
    day.now = at("09:00")
    day.do(replace(make_book(1, clock="09:00"), check_in=True))
    day.keep()
    assert day.told(day.sheet.tokens[0]) == [ToldTime(at("09:00"), (at("09:00"), at("09:00")))]


def test_a_booking_asks_for_no_estimate() -> None:
    day = _Telling()
    day.book()
    day.keep()
    assert day.opened == 0


@pytest.mark.parametrize(
    ("clock", "right", "minutes"), [("09:00", 1, 10), ("09:20", 1, 10), ("09:21", 0, 11)]
)
def test_ten_minutes_too_early_or_too_late_is_right(clock: str, right: int, minutes: int) -> None:
    day, _, second = _two()
    day.then(clock, second, Status.IN_CONSULTATION)
    accuracy = day.accuracy(second)
    assert (accuracy.compared, accuracy.right, accuracy.off) == (1, right, 60 * minutes)


@pytest.mark.parametrize(("late", "in_range"), [(False, 1), (True, 0)])
def test_what_comes_within_the_range_is_counted(*, late: bool, in_range: int) -> None:
    day, _, second = _two()
    (told,) = day.told(second)
    assert told.within is not None
    day.now = told.within[1] + timedelta(seconds=late)
    day.set(second, Status.IN_CONSULTATION)
    day.keep()
    accuracy = day.accuracy(second)
    assert (accuracy.ranged, accuracy.in_range) == (1, in_range)


def test_who_was_never_seen_or_was_away_when_called_is_not_compared() -> None:
    day, first, second = _two()
    assert day.accuracy(first) == Accuracy()
    day.then("09:00", second, Status.PARKED)
    day.then("09:05", second, Status.CHECKED_IN, ReturnTo.SAME)
    day.then("09:10", second, Status.IN_CONSULTATION)
    assert day.accuracy(second) == Accuracy()


def test_who_comes_after_all_is_told_anew() -> None:
    day, _, second = _two()
    day.then("09:01", second, Status.NO_SHOW)
    day.then("09:30", second, Status.CHECKED_IN)
    day.then("09:45", second, Status.IN_CONSULTATION)
    assert [told.at for told in day.told(second)] == [at("09:10"), at("09:40")]
    assert day.accuracy(second).off == 5 * 60


def test_the_first_consultation_counts() -> None:
    day, first, _ = _two()
    day.then("09:00", first, Status.IN_CONSULTATION)
    day.then("09:05", first, Status.PARKED)
    day.then("09:30", first, Status.CHECKED_IN, ReturnTo.FIRST)
    day.then("09:40", first, Status.IN_CONSULTATION)
    assert day.accuracy(first).off == 0


def test_what_is_taken_back_was_not() -> None:
    day, first, second = _two()
    day.then("09:00", second, Status.IN_CONSULTATION)
    day.undo("09:01", second)
    assert day.accuracy(second) == Accuracy()
    day.then("09:02", second, Status.PARKED)
    day.undo("09:03", second)
    day.then("09:12", second, Status.IN_CONSULTATION)
    assert day.accuracy(second).off == 2 * 60
    day.then("09:14", first, Status.IN_CONSULTATION)
    assert day.accuracy(first).off == 14 * 60


def test_shares_are_of_all_together_and_of_nothing_there_are_none() -> None:
    both = together([Accuracy(3, 2, 900, 2, 1), Accuracy(1, 1, 60)])
    assert both == Accuracy(4, 3, 960, 2, 1)
    assert (both.mean_error, both.share_right, both.share_in_range) == (240, 0.75, 0.5)
    none = together([])
    assert (none.mean_error, none.share_right, none.share_in_range) == (None, None, None)
