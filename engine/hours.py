"""A doctor's day in figures, hour by hour, from nothing but its events: so it can be rebuilt.

Who is undone or comes after all is counted as it ended: an arrival, a start and an end are the last
that there were of a token. A no-show is one that stayed one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from models.events import Event, TokenEvent
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


def hours_of(events: Sequence[Event], zone: ZoneInfo, planned_end: datetime | None) -> list[Hour]:
    """The hours of a day in which something was, in order. `planned_end` is its last slot's."""
    told = [event for event in events if isinstance(event, TokenEvent)]
    hours = _Hours(zone)
    for visit in _visits(told).values():
        hours.count(visit)
    hours.sweep(told, planned_end)
    return hours.figures()


class _Visit:
    """How a token went, as it ended."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.arrived: datetime | None = None
        self.started: datetime | None = None
        self.completed: datetime | None = None
        self.missed: datetime | None = None

    def took(self, status: Status, at: datetime) -> None:
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


def _visits(told: Iterable[TokenEvent]) -> Mapping[str, _Visit]:
    visits: dict[str, _Visit] = {}
    for event in told:
        visit = visits.setdefault(event.token_id, _Visit(event.source))
        visit.took(event.after.status, event.at)
    return visits


class _Hours:
    """Figures by the hour in which they fall."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._arrivals: defaultdict[datetime, Counter[Source]] = defaultdict(Counter)
        self._served: defaultdict[datetime, Counter[Source]] = defaultdict(Counter)
        self._no_shows: defaultdict[datetime, Counter[Source]] = defaultdict(Counter)
        self._waits: defaultdict[datetime, list[Wait]] = defaultdict(list)
        self._consultations: defaultdict[datetime, list[int]] = defaultdict(list)
        self._most: Counter[datetime] = Counter()
        self._waited: Counter[datetime] = Counter()
        self._idle: Counter[datetime] = Counter()
        self._overtime: Counter[datetime] = Counter()

    def count(self, visit: _Visit) -> None:
        """A visit's arrival, start, end and absence, each in its hour."""
        if visit.arrived is not None:
            self._arrivals[self._hour(visit.arrived)][visit.source] += 1
        if visit.arrived is not None and visit.started is not None:
            wait = Wait(visit.source, _seconds(visit.started - visit.arrived))
            self._waits[self._hour(visit.started)].append(wait)
        if visit.started is not None and visit.completed is not None:
            hour = self._hour(visit.completed)
            self._served[hour][visit.source] += 1
            self._consultations[hour].append(_seconds(visit.completed - visit.started))
        if visit.missed is not None:
            self._no_shows[self._hour(visit.missed)][visit.source] += 1

    def sweep(self, told: Sequence[TokenEvent], planned_end: datetime | None) -> None:
        """How many waited, and whether somebody was in, from each event to the next."""
        first, last = _session(told)
        waiting: set[str] = set()
        inside: set[str] = set()
        since: datetime | None = None
        for event in told:
            if since is not None:
                for hour, begin, end in self._split(since, event.at):
                    self._waited[hour] += len(waiting) * _seconds(end - begin)
                    if inside and planned_end is not None:
                        over = _seconds(end - max(begin, planned_end))
                        self._overtime[hour] += max(0, over)
                    if not inside and first <= begin < last:
                        self._idle[hour] += _seconds(end - begin)
                    self._most[hour] = max(self._most[hour], len(waiting))
            for group, belongs in (
                (waiting, event.after.status in WAITING),
                (inside, event.after.status is Status.IN_CONSULTATION),
            ):
                (group.add if belongs else group.discard)(event.token_id)
            hour = self._hour(event.at)
            self._most[hour] = max(self._most[hour], len(waiting))
            since = event.at

    def figures(self) -> list[Hour]:
        """Those in which something was."""
        found = (
            Hour(
                start=hour,
                arrivals=dict(self._arrivals[hour]),
                served=dict(self._served[hour]),
                no_shows=dict(self._no_shows[hour]),
                waits=tuple(self._waits[hour]),
                consultations=tuple(self._consultations[hour]),
                most_waiting=self._most[hour],
                waited=self._waited[hour],
                idle=self._idle[hour],
                overtime=self._overtime[hour],
            )
            for hour in sorted({*self._most, *self._arrivals, *self._no_shows})
        )
        return [hour for hour in found if hour != Hour(start=hour.start)]

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


def _session(told: Iterable[TokenEvent]) -> tuple[datetime, datetime]:
    """From the first consultation to the last; an empty span without any."""
    of_consultations = [
        event.at
        for event in told
        if event.after.status in (Status.IN_CONSULTATION, Status.COMPLETED)
    ]
    never = datetime.max.replace(tzinfo=UTC)
    return min(of_consultations, default=never), max(of_consultations, default=never)


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
