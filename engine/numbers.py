"""What hours come to together: means, percentiles and shares of waits, over hours, days, doctors."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from msgspec import Struct

from engine.hours import Hour, Wait
from models.source import Source

Measure = TypeVar("Measure", int, float, timedelta)


class Waits(Struct, frozen=True, kw_only=True):
    """Of waits, in seconds; all None where nobody was seen. `in_target`: the share of them, 0 to 1.

    Percentiles are of the nearest rank: a wait that somebody had.
    """

    mean: float | None
    p50: int | None
    p90: int | None
    in_target: float | None


class OfSource(Struct, frozen=True, kw_only=True):
    """The figures of one source."""

    arrivals: int
    served: int
    no_shows: int
    waits: Waits


class Numbers(Struct, frozen=True, kw_only=True):
    """What some hours come to. Seconds, but for counts and shares.

    `most_waiting` is in the line of one doctor, `mean_waiting` in all lines over the hours counted.
    """

    arrivals: int
    served: int
    no_shows: int
    waits: Waits
    mean_consultation: float | None
    most_waiting: int
    mean_waiting: float
    idle: int
    overtime: int
    by_source: Mapping[Source, OfSource]


def numbers_of(hours: Sequence[Hour], target: int) -> Numbers:
    """The figures of these hours; a wait of `target` seconds is still within it."""
    waits = [wait for hour in hours for wait in hour.waits]
    lengths = [length for hour in hours for length in hour.consultations]
    spans = len({hour.start for hour in hours})
    by_source = {source: _of_source(source, hours, waits, target) for source in Source}
    return Numbers(
        arrivals=_sum(by_source, lambda one: one.arrivals),
        served=_sum(by_source, lambda one: one.served),
        no_shows=_sum(by_source, lambda one: one.no_shows),
        waits=_waits(waits, target),
        mean_consultation=sum(lengths) / len(lengths) if lengths else None,
        most_waiting=max((hour.most_waiting for hour in hours), default=0),
        mean_waiting=sum(hour.waited for hour in hours) / (3600 * spans) if spans else 0.0,
        idle=sum(hour.idle for hour in hours),
        overtime=sum(hour.overtime for hour in hours),
        by_source={source: one for source, one in by_source.items() if _is_any(one)},
    )


def _of_source(
    source: Source, hours: Iterable[Hour], waits: Iterable[Wait], target: int
) -> OfSource:
    of_hours = list(hours)
    return OfSource(
        arrivals=sum(hour.arrivals.get(source, 0) for hour in of_hours),
        served=sum(hour.served.get(source, 0) for hour in of_hours),
        no_shows=sum(hour.no_shows.get(source, 0) for hour in of_hours),
        waits=_waits([wait for wait in waits if wait.source is source], target),
    )


def _sum(by_source: Mapping[Source, OfSource], count: Callable[[OfSource], int]) -> int:
    return sum(count(one) for one in by_source.values())


def _is_any(one: OfSource) -> bool:
    return bool(one.arrivals or one.served or one.no_shows or one.waits.mean is not None)


def _waits(waits: Iterable[Wait], target: int) -> Waits:
    seconds = sorted(wait.seconds for wait in waits)
    if not seconds:
        return Waits(mean=None, p50=None, p90=None, in_target=None)
    return Waits(
        mean=sum(seconds) / len(seconds),
        p50=percentile(seconds, 0.5),
        p90=percentile(seconds, 0.9),
        in_target=sum(one <= target for one in seconds) / len(seconds),
    )


def percentile(ordered: Sequence[Measure], share: float) -> Measure:
    """The nearest rank: the smallest value that at least that share of them do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
