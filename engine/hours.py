"""A doctor's day in figures, hour by hour, from nothing but its events: so it can be rebuilt.

Who is undone or comes after all is counted as it ended: an arrival, a start and an end are the last
that there were of a token. A no-show is one that stayed one. What only the day's end has ended is
counted until the last thing that happened before: nobody knows how much longer it was.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from engine.accuracy import Accuracy, Steps, together
from engine.encounters import Encounters
from models.events import Event, TokenEvent
from models.reasons import DayEnded, NotSeen
from models.source import Source
from models.token import Status

WAITING = frozenset({Status.CHECKED_IN, Status.CALLED})
"""Here, and not yet with the doctor."""
_HOUR = timedelta(hours=1)


class Wait(Struct, frozen=True, gc=False):
    """From a patient's arrival to the start of the consultation, in seconds."""

    source: Source
    seconds: int


class Hour(Struct, frozen=True, kw_only=True, rename="camel"):
    """What one local hour brought; `start` is its first instant.

    `waits` are of consultations that began in it, `consultations` (seconds) of those that ended in
    it. `waited` are patient-seconds, so `waited` / 3600 is the mean number who waited. `idle`: the
    seconds with nobody in consultation, from the day's first to its last; `overtime`: those with
    somebody, after the last slot's planned end.
    """

    start: datetime
    arrivals: Mapping[Source, int] = field(default_factory=dict)
    served: Mapping[Source, int] = field(default_factory=dict)
    no_shows: Mapping[Source, int] = field(default_factory=dict)
    waits: tuple[Wait, ...] = ()
    consultations: tuple[int, ...] = ()
    most_waiting: int = 0
    waited: int = 0
    idle: int = 0
    overtime: int = 0


class Course:
    """How a day went so far, told event by event in order.

    Told on, it comes to the same as told anew from the first.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.last: Event | None = None
        self.encounters = Encounters()
        self._zone = zone
        self._visits: dict[str, _Visit] = {}
        self._steps: defaultdict[str, Steps] = defaultdict(Steps)
        self._waiting: set[str] = set()
        self._inside: set[str] = set()
        self._since: datetime | None = None
        self._most: Counter[datetime] = Counter()
        self._waited: Counter[datetime] = Counter()
        self._idle: Counter[datetime] = Counter()
        self._perhaps_idle: Counter[datetime] = Counter()
        self._began = False
        self._with_somebody: list[tuple[datetime, datetime]] = []

    def take(self, event: Event) -> None:
        """What happened next."""
        self.last = event
        self.encounters.take(event)
        if not isinstance(event, TokenEvent):
            return
        by_day = isinstance(event.reason, DayEnded | NotSeen)
        visit = self._visits.setdefault(event.token_id, _Visit(event.source))
        visit.took(event.after.status, event.at, by_day=by_day)
        self._steps[event.token_id].take(event)
        if self._since is not None and not by_day:
            self._pass(self._since, event.at)
        self._since = event.at
        for group, belongs in (
            (self._waiting, event.after.status in WAITING),
            (self._inside, event.after.status is Status.IN_CONSULTATION),
        ):
            (group.add if belongs else group.discard)(event.token_id)
        if not by_day:
            hour = self._hour(event.at)
            self._most[hour] = max(self._most[hour], len(self._waiting))
        if event.after.status in (Status.IN_CONSULTATION, Status.COMPLETED):
            self._began = True
            self._idle += self._perhaps_idle  # it was no end of the session
            self._perhaps_idle.clear()

    def hours(self, planned_end: datetime | None) -> list[Hour]:
        """Those in which something was, in order. `planned_end` is the last slot's."""
        seen = _Seen()
        for visit in self._visits.values():
            seen.count(visit, self._hour)
        overtime = self._overtime(planned_end)
        found = (
            Hour(
                start=hour,
                arrivals=dict(seen.arrivals[hour]),
                served=dict(seen.served[hour]),
                no_shows=dict(seen.no_shows[hour]),
                waits=tuple(seen.waits[hour]),
                consultations=tuple(seen.consultations[hour]),
                most_waiting=self._most[hour],
                waited=self._waited[hour],
                idle=self._idle[hour],
                overtime=overtime[hour],
            )
            for hour in sorted({*self._most, *seen.arrivals, *seen.no_shows, *seen.served})
        )
        return [hour for hour in found if hour != Hour(start=hour.start)]

    def accuracy(self) -> Accuracy:
        """How often what patients were told came true."""
        return together(steps.accuracy() for steps in self._steps.values())

    def _pass(self, since: datetime, until: datetime) -> None:
        """Nothing happened in between."""
        for hour, begin, end in self._split(since, until):
            self._waited[hour] += len(self._waiting) * _seconds(end - begin)
            if self._began and not self._inside:
                self._perhaps_idle[hour] += _seconds(end - begin)
            self._most[hour] = max(self._most[hour], len(self._waiting))
        if self._inside:
            self._with_somebody.append((since, until))

    def _overtime(self, planned_end: datetime | None) -> Counter[datetime]:
        overtime: Counter[datetime] = Counter()
        if planned_end is not None:
            for since, until in self._with_somebody:
                for hour, begin, end in self._split(max(since, planned_end), until):
                    overtime[hour] += _seconds(end - begin)
        return overtime

    def _hour(self, instant: datetime) -> datetime:
        """The first instant of the local hour."""
        local = instant.astimezone(self._zone)
        return instant - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )

    def _split(
        self, begin: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime, datetime]]:
        """The span, cut where local hours end: each part with its hour."""
        while begin < end:
            hour = self._hour(begin)
            cut = min(end, hour + _HOUR)
            yield hour, begin, cut
            begin = cut


class _Visit:
    """How a token went, as it ended."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.arrived: datetime | None = None
        self.started: datetime | None = None
        self.completed: datetime | None = None
        self.missed: datetime | None = None
        self.seen_to_end = True

    def took(self, status: Status, at: datetime, *, by_day: bool) -> None:
        """A step; `by_day`: of the day's end, which nobody asked for."""
        self.seen_to_end = not by_day
        match status:
            case Status.WAITLISTED | Status.BOOKED:
                self.arrived = self.started = self.completed = self.missed = None
            case Status.CHECKED_IN | Status.CALLED:
                self.arrived = self.arrived or at
                self.started = self.completed = self.missed = None
            case Status.IN_CONSULTATION:
                self.arrived = self.arrived or at
                self.started = self.started or at
                self.completed = self.missed = None
            case Status.COMPLETED:
                self.completed = at
            case Status.NO_SHOW:
                self.missed = at
            case _:
                pass  # it left; what was until then stays


class _Seen:
    """What visits came to, by the hour in which each thing was."""

    def __init__(self) -> None:
        self.arrivals: defaultdict[datetime, Counter[Source]] = defaultdict(Counter)
        self.served: defaultdict[datetime, Counter[Source]] = defaultdict(Counter)
        self.no_shows: defaultdict[datetime, Counter[Source]] = defaultdict(Counter)
        self.waits: defaultdict[datetime, list[Wait]] = defaultdict(list)
        self.consultations: defaultdict[datetime, list[int]] = defaultdict(list)

    def count(self, visit: _Visit, hour_of: Callable[[datetime], datetime]) -> None:
        """A visit's arrival, start, end and absence, each in its hour."""
        if visit.arrived is not None:
            self.arrivals[hour_of(visit.arrived)][visit.source] += 1
        if visit.arrived is not None and visit.started is not None:
            wait = Wait(visit.source, _seconds(visit.started - visit.arrived))
            self.waits[hour_of(visit.started)].append(wait)
        if visit.started is not None and visit.completed is not None:
            hour = hour_of(visit.completed)
            self.served[hour][visit.source] += 1
            if visit.seen_to_end:
                self.consultations[hour].append(_seconds(visit.completed - visit.started))
        if visit.missed is not None:
            self.no_shows[hour_of(visit.missed)][visit.source] += 1


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
