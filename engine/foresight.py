"""When each patient should be seen, from what a doctor's past says and who is ahead. Rule 28.

Who is here is seen in the order of the line. Who is yet to come is seen from the slot's expected
start on, behind those of the slot who go first and those here of earlier slots.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from engine.day import Day
from engine.estimates import Estimate, Forecast, Walk
from engine.shared_line import InLine
from models.doctor_session import SessionState
from models.experience import Consultation, Experience, consultations_of
from models.slot import SlotStatus
from models.timeline import TimedSlot
from models.token import PRESENT, QUEUED, Status, Token


class Span(Struct, frozen=True, gc=False):
    """When a consultation should begin; in four cases of five it does between the other two."""

    at: datetime
    earliest: datetime
    latest: datetime


class Foresight:
    """Of one day, and of those with whose lines its own is one: the doctors in session serve it together.

    A doctor of whose past nothing is known is as the facility's minutes say.
    """

    def __init__(self, day: Day) -> None:
        self.day = day
        self._days = (day, *day.others)
        self._servers = _servers(self._days)
        seated = [(each, token) for each in self._days for token in _seated(each)]
        queued = sum(token.status in QUEUED for _, token in seated)
        self._left = -(-queued // len(self._servers))
        usual = float(day.policy.consultation_minutes)
        # Those that were over had as many more behind them as are still to come.
        so_far = [one.with_more_left(self._left) for one in _consultations(self._days)]
        self._forecast = Forecast(day.experience or Experience(), usual, so_far)
        self._inside = [
            (token, token.served_by or each.sheet.resource_id)
            for each, token in seated
            if token.status is Status.IN_CONSULTATION
        ]
        self._begins = min(map(_begins, self._servers))
        began = min(
            (t.started_at for t in day.sheet.tokens if t.started_at is not None), default=None
        )
        self._hours = 0.0 if began is None else (self._begins - began).total_seconds() / 3600

    def of_line(self, line: Iterable[InLine]) -> Mapping[int, Span]:
        """By number, for those of the day who were called or are here, in the order of the line."""
        walk = self._walk()
        spans = [(each, self._meet(walk, each.token)) for each in line]
        return {each.token.number: span for each, span in spans if each.day is self.day}

    def of_slot(self, timed: TimedSlot, queue: Iterable[Token]) -> Mapping[int, Span]:
        """By number, for a slot's queue in its order, as they are seen if none of it is here yet."""
        walk = self._walk()
        for token in self._before(timed):
            if token.status in PRESENT and token.status is not Status.IN_CONSULTATION:
                self._meet(walk, token)
        walk.part()  # whoever comes to the others meanwhile is seen by these
        walk.wait_until((timed.expected_start - self._begins).total_seconds() / 60)
        return {token.number: self._meet(walk, token) for token in queue}

    def _before(self, timed: TimedSlot) -> Iterator[Token]:
        """Those of earlier slots, and of the lines that are one with this."""
        for other in self.day.timed_slots[: timed.order]:
            yield from self.day.roster(other.slot.id).seated
        for day in self.day.others:
            yield from _seated(day)

    def _walk(self) -> Walk:
        free = [(_begins(each) - self._begins).total_seconds() / 60 for each in self._servers]
        walk = Walk(self._forecast, hours=self._hours, left=self._left, free=free)
        doctors = [each.sheet.resource_id for each in self._servers]
        for token, doctor in self._inside:
            assert token.started_at is not None  # noqa: S101  # the status says so
            elapsed = (self.day.now - token.started_at).total_seconds() / 60
            walk.pass_by(
                follow_up=token.booked_source.row.follow_up,
                elapsed=elapsed,
                doctor=doctors.index(doctor) if doctor in doctors else 0,
            )
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


def _servers(days: Sequence[Day]) -> Sequence[Day]:
    """Whose doctors see patients; before anybody does, all who have not finished."""
    if len(days) == 1:
        return days
    in_session = [day for day in days if day.sheet.session.runs]
    to_come = [day for day in days if day.sheet.session.state is SessionState.NOT_STARTED]
    return in_session or to_come or days[:1]


def _consultations(days: Sequence[Day]) -> Sequence[Consultation]:
    """Those of the first day's doctor that are over."""
    first, *others = days
    if not others:
        return first.sheet.consultations
    own = first.sheet.resource_id
    return consultations_of(
        token
        for day in days
        for token in day.sheet.tokens
        if token.served_by == (None if day is first else own)
    )


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
