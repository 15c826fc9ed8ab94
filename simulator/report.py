"""What a whole run came to, and how it is told to machines."""

from collections.abc import Sequence
from datetime import date

import msgspec
from msgspec import Struct

from simulator.day import Day
from simulator.figures import (
    DoctorFigures,
    SourceFigures,
    figures_by_doctor,
    figures_by_source,
    percentile,
)
from simulator.journal import Entry
from simulator.snapshot import INVARIANTS


class Traffic(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a server took the bookings, as seen from here; latencies in milliseconds."""

    bookings: int
    repeats: int
    bookings_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    slowest_ms: float


class Broken(Struct, frozen=True, rename="camel"):
    """An invariant that did not hold."""

    invariant: str
    where: str


class DayReport(Struct, frozen=True, kw_only=True, rename="camel"):
    """One day."""

    date: date
    events: list[Entry]


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """A whole run."""

    seed: int
    days: list[DayReport]
    by_source: list[SourceFigures]
    by_doctor: list[DoctorFigures]
    invariants: list[str]
    checks: int
    broken: list[Broken]
    traffic: Traffic | None

    @property
    def is_well(self) -> bool:
        """Whether every invariant held."""
        return not self.broken


def make_report(seed: int, days: Sequence[Day], traffic: Traffic | None) -> Report:
    """The report of the days played."""
    return Report(
        seed=seed,
        days=[DayReport(date=day.date, events=day.journal.entries) for day in days],
        by_source=figures_by_source(days),
        by_doctor=figures_by_doctor(days),
        invariants=list(INVARIANTS),
        checks=sum(day.checks for day in days),
        broken=[Broken(fault.invariant, fault.where) for day in days for fault in day.faults],
        traffic=traffic,
    )


def measure_traffic(latencies: Sequence[float], seconds: float, repeats: int) -> Traffic | None:
    """Figures of the bookings' latencies, given in seconds; `seconds` is how long all took."""
    if not latencies:
        return None
    ordered = sorted(latencies)

    def ms(percent: float) -> float:
        return round(percentile(ordered, percent) * 1000, 1)

    return Traffic(
        bookings=len(ordered),
        repeats=repeats,
        bookings_per_second=round(len(ordered) / seconds, 1) if seconds else 0.0,
        p50_ms=ms(50),
        p95_ms=ms(95),
        p99_ms=ms(99),
        slowest_ms=ms(100),
    )


def to_json(told: Struct) -> str:
    """For machines: two spaces to a level."""
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()
