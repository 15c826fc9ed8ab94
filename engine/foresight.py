"""When each patient should be seen, from what a doctor's past says and who is ahead. Rule 28.

Who is here is seen in the order of the line. Who is yet to come is seen from the slot's expected
start on, behind those of the slot who go first and those here of earlier slots.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from engine.day import Day
from engine.estimates import Estimate, Forecast, Walk
from models.slot import SlotStatus
from models.timeline import TimedSlot
from models.token import PRESENT, QUEUED, Status, Token


class Span(Struct, frozen=True, gc=False):
    """When a consultation should begin; in four cases of five it does between the other two."""

    at: datetime
    earliest: datetime
    latest: datetime


class Foresight:
    """Of one day, whose doctor has a past."""

    def __init__(self, day: Day) -> None:
        assert day.experience is not None  # noqa: S101  # whoever makes it has looked
        sheet = day.sheet
        self.day = day
        seated = list(_seated(day))
        self._left = sum(token.status in QUEUED for token in seated)
        usual = float(day.policy.consultation_minutes)
        # Those that were over had as many more behind them as are still to come.
        so_far = [one.with_more_left(self._left) for one in sheet.consultations]
        self._forecast = Forecast(day.experience, usual, so_far)
        self._inside = [token for token in seated if token.status is Status.IN_CONSULTATION]
        self._begins = _begins(day)
        began = min((t.started_at for t in sheet.tokens if t.started_at is not None), default=None)
        self._hours = 0.0 if began is None else (self._begins - began).total_seconds() / 3600

    def of_line(self, line: Iterable[Token]) -> Mapping[int, Span]:
        """By number, for those who were called or are here, in the order in which they are seen."""
        walk = self._walk()
        return {token.number: self._meet(walk, token) for token in line}

    def of_slot(self, timed: TimedSlot, queue: Iterable[Token]) -> Mapping[int, Span]:
        """By number, for a slot's queue in its order, as they are seen if none of it is here yet."""
        walk = self._walk()
        for other in self.day.timed_slots[: timed.order]:
            for token in self.day.roster(other.slot.id).seated:
                if token.status in PRESENT and token.status is not Status.IN_CONSULTATION:
                    self._meet(walk, token)
        walk.wait_until((timed.expected_start - self._begins).total_seconds() / 60)
        return {token.number: self._meet(walk, token) for token in queue}

    def _walk(self) -> Walk:
        walk = Walk(self._forecast, hours=self._hours, left=self._left)
        for token in self._inside:
            assert token.started_at is not None  # noqa: S101  # the status says so
            elapsed = (self.day.now - token.started_at).total_seconds() / 60
            walk.pass_by(follow_up=token.booked_source.row.follow_up, elapsed=elapsed)
        return walk

    def _meet(self, walk: Walk, token: Token) -> Span:
        chance = 1.0 if token.status in PRESENT else self._forecast.chance_to_come
        return self._span(walk.meet(follow_up=token.booked_source.row.follow_up, chance=chance))

    def _span(self, told: Estimate) -> Span:
        at, earliest, latest = (
            self._begins + timedelta(seconds=round(60 * minutes))
            for minutes in (told.minutes, told.earliest, told.latest)
        )
        return Span(at, earliest, latest)


def _begins(day: Day) -> datetime:
    """The latest of now, the end of a break, and before the session the first slot's start."""
    begins = day.now
    session = day.sheet.session
    if not session.runs:
        opens = [one for one in day.timed_slots if one.slot.status is SlotStatus.OPEN]
        begins = max(begins, *(one.expected_start for one in opens[:1]), begins)
    return begins if session.until is None else max(begins, session.until)


def _seated(day: Day) -> Iterator[Token]:
    for timed in day.timed_slots:
        yield from day.roster(timed.slot.id).seated
