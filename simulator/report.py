"""What a run came to, in figures for people and for machines."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

import msgspec
from msgspec import Struct

from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from simulator.client import ServiceClient
from simulator.clinic import Clinic, Entry, Kind, Person
from simulator.invariants import Fault
from simulator.leftovers import Left
from simulator.snapshot import INVARIANTS

_ENDS = {Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED}
_NEAR = timedelta(minutes=10)
"""An estimate within this of what happened is a good one."""
Measure = TypeVar("Measure", float, timedelta)


class SourceFigures(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of one source. Waits run from check-in to the doctor's door; None when nobody was seen.

    `seated`: had a seat at some time; `waitlisted`: was on a waitlist at some time; `bumped`
    counts the times that a seat was given up to a higher priority. `unseen`: came or waited, and the
    day ended; `no_shows`: stayed away, or were called in vain, for good.
    """

    source: str
    tokens: int
    seated: int
    bumped: int
    waitlisted: int
    seen: int
    no_shows: int
    cancelled: int
    unseen: int
    refused: int
    mean_wait_minutes: float | None
    p95_wait_minutes: float | None


class DoctorFigures(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of one doctor. `seats` are those of the slots that were held; `fill_rate` 1.0 is full."""

    doctor: str
    specialization: str
    seats: int
    taken: int
    fill_rate: float | None
    seen: int
    consulting_minutes: float


class Traffic(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a server took the bookings, as seen from here; latencies in milliseconds."""

    bookings: int
    repeats: int
    bookings_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    slowest_ms: float


class DayReport(Struct, frozen=True, kw_only=True, rename="camel"):
    """One day."""

    date: date
    events: list[Entry]


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """A whole run. `came_late`: no-shows who came after all. `traffic` and `left`, what stays on the server, are None in process."""

    seed: int
    days: list[DayReport]
    by_source: list[SourceFigures]
    by_doctor: list[DoctorFigures]
    came_late: int
    invariants: list[str]
    checks: int
    broken: list[Fault]
    traffic: Traffic | None
    left: Left | None


def make_report(
    seed: int, days: Sequence[Clinic], traffic: Traffic | None, left: Left | None
) -> Report:
    """The report of the days played."""
    return Report(
        seed=seed,
        days=[DayReport(date=day.date, events=day.entries) for day in days],
        by_source=list(figures_by_source(days)),
        by_doctor=list(_figures_by_doctor(days)),
        came_late=sum(entry.kind is Kind.CAME_LATE for day in days for entry in day.entries),
        invariants=list(INVARIANTS),
        checks=sum(day.checks for day in days),
        broken=[fault for day in days for fault in day.faults],
        traffic=traffic,
        left=left,
    )


class Pair(Struct, frozen=True):
    """A patient so many places back: the estimated time less the time that it came true."""

    places: int
    error: timedelta


class AccuracyRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """`bias` is the mean error: negative when patients waited longer than they were told."""

    places: int | None
    pairs: int
    mean_absolute_error_minutes: float
    share_within10_minutes: float
    bias_minutes: float


class Accuracy(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of a replay. `places` None in `overall`: all distances together."""

    sessions: int
    consultations: int
    assumed_minutes: int
    mean_minutes: float
    overall: AccuracyRow | None
    by_places: list[AccuracyRow]


def measure_accuracy(
    pairs: Sequence[Pair],
    *,
    sessions: int,
    lengths: Sequence[timedelta],
    consultation_minutes: int,
) -> Accuracy:
    """The figures over all pairs and by distance."""
    distances = sorted({pair.places for pair in pairs})
    return Accuracy(
        sessions=sessions,
        consultations=len(lengths),
        assumed_minutes=consultation_minutes,
        mean_minutes=_mean_minutes(lengths),
        overall=_row(None, pairs) if pairs else None,
        by_places=[
            _row(places, [pair for pair in pairs if pair.places == places]) for places in distances
        ],
    )


def _row(places: int | None, pairs: Sequence[Pair]) -> AccuracyRow:
    errors = [pair.error for pair in pairs]
    near = sum(abs(error) <= _NEAR for error in errors)
    return AccuracyRow(
        places=places,
        pairs=len(pairs),
        mean_absolute_error_minutes=_mean_minutes([abs(error) for error in errors]),
        share_within10_minutes=round(near / len(pairs), 4),
        bias_minutes=_mean_minutes(errors),
    )


def _mean_minutes(spans: Sequence[timedelta]) -> float:
    return round(sum(spans, timedelta()).total_seconds() / 60 / len(spans), 2)


def to_json(told: Struct) -> str:
    """For machines: two spaces to a level."""
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def figures_by_source(days: Sequence[Clinic]) -> Iterator[SourceFigures]:
    """A row for each source, and the last for all of them."""
    people = [person for day in days for person in day.people]
    for source in Source:
        yield _of_source(source.value, [one for one in people if one.visit.source is source])
    yield _of_source("ALL", people)


def _of_source(name: str, people: Sequence[Person]) -> SourceFigures:
    waits = sorted(person.wait for person in people if person.wait is not None)
    status = [person.status for person in people]
    return SourceFigures(
        source=name,
        tokens=sum(person.token is not None for person in people),
        seated=sum(person.held_seat for person in people),
        bumped=sum(len(person.bumps) for person in people),
        waitlisted=sum(person.waited_for_seat for person in people),
        seen=status.count(Status.COMPLETED),
        no_shows=status.count(Status.NO_SHOW),
        cancelled=status.count(Status.CANCELLED),
        unseen=sum(one is not None and one not in _ENDS for one in status),
        refused=sum(person.refused for person in people),
        mean_wait_minutes=_minutes(sum(waits, timedelta()) / len(waits)) if waits else None,
        p95_wait_minutes=_minutes(_percentile(waits, 95)) if waits else None,
    )


def _figures_by_doctor(days: Sequence[Clinic]) -> Iterator[DoctorFigures]:
    """A row for each doctor, in the order of the rooms."""
    for rooms in zip(*(day.rooms for day in days), strict=True):
        held = [slot for room in rooms for slot in room.slots if slot.status is SlotStatus.OPEN]
        seats, taken = sum(slot.max_capacity for slot in held), sum(slot.taken for slot in held)
        people = [person for room in rooms for person in room.people]
        seen = [person for person in people if person.status is Status.COMPLETED]
        consulting = sum((person.consultation for person in seen), timedelta())
        yield DoctorFigures(
            doctor=rooms[0].doctor.name,
            specialization=rooms[0].doctor.specialization,
            seats=seats,
            taken=taken,
            fill_rate=round(taken / seats, 4) if seats else None,
            seen=len(seen),
            consulting_minutes=_minutes(consulting),
        )


def measure_traffic(client: ServiceClient, days: Sequence[Clinic]) -> Traffic | None:
    """How the server took the bookings of these days; None without bookings."""
    if not client.booked_in:
        return None
    seconds = sum(day.booking_seconds for day in days) or sum(client.booked_in)
    ordered = sorted(client.booked_in)
    p50, p95, p99, slowest = (
        round(_percentile(ordered, percent) * 1000, 1) for percent in (50, 95, 99, 100)
    )
    return Traffic(
        bookings=len(ordered),
        repeats=client.repeats,
        bookings_per_second=round(len(ordered) / seconds, 1) if seconds else 0.0,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        slowest_ms=slowest,
    )


def _percentile(ordered: Sequence[Measure], percent: int) -> Measure:
    """The smallest value that at least `percent` of the values do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1]


def _minutes(span: timedelta) -> float:
    return round(span.total_seconds() / 60, 1)
