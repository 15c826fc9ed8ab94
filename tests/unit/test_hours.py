"""A day's figures by the hour: arrivals, waits, who was served, idle time and overtime."""

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.hours import Course, Hour, Wait
from models.commands import Tick
from models.events import Event
from models.source import Source
from models.token import Status, Token
from tests.factories import ZONE, OpdDay, at, make_slot

END = at("11:00")


class _Told(OpdDay):
    """A day that keeps all its events."""

    def __init__(self) -> None:
        super().__init__(make_slot("09:00", seats=20), make_slot("10:00", seats=20))
        self.all: list[Event] = []

    def book(self, *args: object, **named: object) -> Token:
        token = super().book(*args, **named)  # type: ignore[arg-type]  # passed on as they are
        self.all += self.last.events
        return token

    def walk(self, token: Token, *steps: tuple[str, Status]) -> None:
        for clock, status in steps:
            self.now = at(clock)
            self.set(token, status)
            self.all += self.last.events

    def hours(self, planned_end: datetime | None = END) -> list[Hour]:
        course = Course(ZoneInfo(ZONE))
        for event in self.all:
            course.take(event)
        return course.hours(planned_end)


def test_a_day_on_which_nobody_came_has_no_hours() -> None:
    day = _Told()
    day.book()
    assert day.hours() == []


def test_each_figure_stands_in_its_hour() -> None:
    day = _Told()
    walkin, online, absent = day.book(), day.book(source=Source.ONLINE), day.book()
    day.walk(walkin, ("09:10", Status.CHECKED_IN))
    day.walk(online, ("09:20", Status.CHECKED_IN))
    day.walk(walkin, ("09:30", Status.IN_CONSULTATION), ("09:50", Status.COMPLETED))
    day.walk(absent, ("10:10", Status.NO_SHOW))
    day.walk(online, ("10:20", Status.IN_CONSULTATION), ("11:05", Status.COMPLETED))
    nine, ten, eleven = day.hours()
    assert [hour.start for hour in (nine, ten, eleven)] == [at("09:00"), at("10:00"), at("11:00")]
    assert nine.arrivals == {Source.WALKIN: 1, Source.ONLINE: 1}
    assert (nine.waits, nine.consultations) == ((Wait(Source.WALKIN, 1200),), (1200,))
    assert nine.served == {Source.WALKIN: 1}
    assert nine.most_waiting == 2
    # One waited from 09:10 to 09:30, another from 09:20 to 10:00.
    assert nine.waited == (20 + 40) * 60
    assert nine.idle == 10 * 60
    assert ten.no_shows == {Source.WALKIN: 1}
    assert ten.waits == (Wait(Source.ONLINE, 3600),)
    assert (ten.idle, ten.most_waiting, ten.waited) == (20 * 60, 1, 20 * 60)
    assert eleven.served == {Source.ONLINE: 1}
    assert (eleven.overtime, eleven.idle) == (5 * 60, 0)


def test_what_the_day_ended_is_counted_until_the_last_thing_before() -> None:
    """Nobody said that the consultation was over, or that who waited went home."""
    day = _Told()
    inside, waiting, last = day.book(), day.book(), day.book()
    day.walk(waiting, ("10:10", Status.CHECKED_IN))
    day.walk(inside, ("10:20", Status.CHECKED_IN), ("10:30", Status.IN_CONSULTATION))
    day.walk(last, ("10:40", Status.CANCELLED))
    day.now = at("00:00", days=1)
    day.do(Tick(actor="service"))
    day.all += day.last.events
    ten, midnight = day.hours(at("10:30"))
    assert (ten.waited, ten.overtime) == ((20 + 10 + 10) * 60, 10 * 60)
    assert (midnight.served, midnight.consultations) == ({Source.WALKIN: 1}, ())
    assert (midnight.most_waiting, midnight.waited, midnight.overtime) == (0, 0, 0)


def test_who_comes_after_all_is_no_no_show() -> None:
    day = _Told()
    late = day.book()
    day.walk(late, ("09:30", Status.NO_SHOW))
    assert [hour.no_shows for hour in day.hours()] == [{Source.WALKIN: 1}]
    day.walk(late, ("09:40", Status.CHECKED_IN))
    assert [hour.no_shows for hour in day.hours()] == [{}]


def test_who_leaves_while_waiting_waits_no_longer() -> None:
    day = _Told()
    token = day.book()
    day.walk(token, ("09:10", Status.CHECKED_IN), ("09:25", Status.CANCELLED))
    other = day.book()
    day.walk(other, ("09:55", Status.CHECKED_IN))
    (nine,) = day.hours()
    assert (nine.waited, nine.waits, nine.served) == (15 * 60, (), {})


def test_without_a_plan_there_is_no_overtime() -> None:
    day = _Told()
    token = day.book()
    day.walk(token, ("12:00", Status.CHECKED_IN), ("12:00", Status.IN_CONSULTATION))
    day.walk(token, ("12:30", Status.COMPLETED))
    (hour,) = day.hours(None)
    assert (hour.overtime, hour.waits) == (0, (Wait(Source.WALKIN, 0),))
    assert day.hours()[0].overtime == 30 * 60


def test_an_hour_is_the_local_one_also_where_zones_differ_by_half_hours() -> None:
    day = _Told()
    token = day.book()
    day.walk(token, ("09:59", Status.CHECKED_IN))
    (hour,) = day.hours()
    assert hour.start == at("09:00")
    assert hour.start.minute == 30


def test_what_was_asked_in_between_changes_no_figure() -> None:
    """A day that goes on is told on, not anew."""
    day = _Told()
    tokens = [day.book() for _ in range(3)]
    for clock, place, status in (
        ("09:05", 0, Status.CHECKED_IN),
        ("09:20", 1, Status.CHECKED_IN),
        ("09:30", 0, Status.IN_CONSULTATION),
        ("09:50", 0, Status.COMPLETED),
        ("10:10", 2, Status.NO_SHOW),
        ("10:50", 1, Status.IN_CONSULTATION),
        ("11:20", 1, Status.COMPLETED),
        ("11:40", 2, Status.CHECKED_IN),
    ):
        day.walk(tokens[place], (clock, status))
    course = Course(ZoneInfo(ZONE))
    for event in day.all:
        course.take(event)
        course.hours(END)
    assert course.hours(END) == day.hours()
    assert (course.hours(END)[1].idle, course.hours(END)[2].overtime) == (50 * 60, 20 * 60)
