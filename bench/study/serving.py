"""A drawn day served in one order: how long each waited, and when the doctors had nobody or went on."""

import heapq
from collections.abc import Sequence
from itertools import count

from msgspec import Struct

from bench.study.drawn_days import SESSION, DrawnDay
from models.source import Source


class Served(Struct, frozen=True, gc=False):
    """Minutes from a patient's arrival to the consultation."""

    source: Source
    waited: float


class ServedDay(Struct, frozen=True):
    """`idle`: the minutes of all doctors with nobody in, from the first consultation of each to the
    last. `overtime`: those after the session's end with somebody in.
    """

    served: Sequence[Served]
    idle: float
    overtime: float


def serve(day: DrawnDay, order: str, *, pooled: bool = False) -> ServedDay:
    """All are served; no doctor with somebody waiting does nothing, and nobody is interrupted.

    `pooled`: all doctors call from one line.
    """
    lines: list[list[tuple[int, int]]] = [[] for _ in day.doctors]
    free: list[int] = []
    work = [_Work() for _ in day.doctors]
    served: list[Served] = []
    tie = count()
    # Arrivals before doctors who fall free at the same moment, as who comes then can be called.
    coming = [(each.came, 0, next(tie), place) for place, each in enumerate(day.arrivals)]
    coming += [(each.begins, 1, next(tie), doctor) for doctor, each in enumerate(day.doctors)]
    heapq.heapify(coming)
    while coming:
        now, is_doctor, _, which = heapq.heappop(coming)
        if is_doctor:
            free.append(which)
        else:
            arrival = day.arrivals[which]
            line = lines[0 if pooled else arrival.doctor]
            heapq.heappush(line, (arrival.places[order], which))
        for doctor in tuple(free):
            line = lines[0 if pooled else doctor]
            if line:
                free.remove(doctor)
                arrival = day.arrivals[heapq.heappop(line)[1]]
                until = now + arrival.length * day.doctors[doctor].pace
                work[doctor].add(now, until)
                served.append(Served(arrival.source, now - arrival.came))
                heapq.heappush(coming, (until, 1, next(tie), doctor))
    return ServedDay(served, sum(one.idle for one in work), sum(one.overtime for one in work))


class _Work:
    """What one doctor did."""

    def __init__(self) -> None:
        self.idle = self.overtime = 0.0
        self._last: float | None = None

    def add(self, begin: float, end: float) -> None:
        if self._last is not None:
            self.idle += begin - self._last
        self.overtime += max(0.0, end - max(begin, SESSION))
        self._last = end
