"""What orders come to over many drawn days."""

import math
import random
import statistics
from collections.abc import Mapping, Sequence

from msgspec import Struct

from bench.study.drawn_days import DOCTORS, FIRST_COME, HEAD_START, STRICT, draw_day
from bench.study.serving import ServedDay, serve
from models.policy import Policy
from models.source import Source

POOLED = "pooled head start"
ORDERS = (FIRST_COME, STRICT, HEAD_START, POOLED)
_OF_95_PERCENT = 1.96
"""Standard errors on either side."""


class Waits(Struct, frozen=True):
    """Minutes from arrival to consultation. `p95` is a wait that somebody had."""

    mean: float
    p95: float
    longest: float


class OfOrder(Struct, frozen=True):
    """What one order came to. `of_first_come`: its mean wait by that of first come, within so much
    on either side in 95 of 100 such studies. `idle`, `overtime`: minutes of a doctor on a day.
    """

    waits: Waits
    by_source: Mapping[Source, Waits]
    of_first_come: float
    within: float
    idle: float
    overtime: float


def study(days: int, seed: int, policy: Policy) -> Mapping[str, OfOrder]:
    """Each order on the same days; the same seed draws the same."""
    served: dict[str, list[ServedDay]] = {order: [] for order in ORDERS}
    for number in range(days):
        day = draw_day(random.Random(f"{seed}.{number}"), policy)
        for order in (FIRST_COME, STRICT, HEAD_START):
            served[order].append(serve(day, order))
        served[POOLED].append(serve(day, HEAD_START, pooled=True))
    return {order: _of_order(of, served[FIRST_COME]) for order, of in served.items()}


def _of_order(days: Sequence[ServedDay], first_come: Sequence[ServedDay]) -> OfOrder:
    every = [one for day in days for one in day.served]
    # Of days in pairs, so that what differs from day to day does not blur what orders do.
    changes = [_total(day) - _total(other) for day, other in zip(days, first_come, strict=True)]
    base = sum(map(_total, first_come))
    error = statistics.stdev(changes) * math.sqrt(len(days))
    return OfOrder(
        waits=_waits([one.waited for one in every]),
        by_source={
            source: _waits([one.waited for one in every if one.source is source])
            for source in Source
        },
        of_first_come=1 + sum(changes) / base,
        within=_OF_95_PERCENT * error / base,
        idle=sum(day.idle for day in days) / (DOCTORS * len(days)),
        overtime=sum(day.overtime for day in days) / (DOCTORS * len(days)),
    )


def _total(day: ServedDay) -> float:
    return sum(one.waited for one in day.served)


def _waits(minutes: Sequence[float]) -> Waits:
    ordered = sorted(minutes)
    return Waits(
        mean=sum(ordered) / len(ordered),
        p95=ordered[math.ceil(0.95 * len(ordered)) - 1],
        longest=ordered[-1],
    )
