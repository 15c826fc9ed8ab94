"""The study of orders: the same patients in each, served as the line says."""

import random
from pathlib import Path

import pytest

from bench.study.__main__ import write
from bench.study.drawn_days import (
    FIRST_COME,
    HEAD_START,
    STRICT,
    Arrival,
    Doctor,
    DrawnDay,
    draw_day,
)
from bench.study.figures import ORDERS, POOLED, study
from bench.study.serving import serve
from models.source import Source
from tests.factories import make_policy

DAYS, SEED = 60, 7


def _arrival(
    came: float, place: int, *, length: float = 1.0, doctor: int = 0, source: Source = Source.ONLINE
) -> Arrival:
    return Arrival(source, doctor, came, length, {FIRST_COME: place})


def _waits(day: DrawnDay, *, pooled: bool = False) -> list[tuple[Source, float]]:
    served = serve(day, FIRST_COME, pooled=pooled).served
    return [(each.source, each.waited) for each in served]


def test_whoever_has_the_lowest_place_of_those_here_is_served_next() -> None:
    arrivals = [
        _arrival(0, 2, source=Source.WALKIN),
        _arrival(1, 1, source=Source.ONLINE),
        _arrival(5, 0, source=Source.EMERGENCY),
    ]
    assert _waits(DrawnDay(arrivals, [Doctor(0, 10)])) == [
        (Source.WALKIN, 0),
        (Source.EMERGENCY, 5),
        (Source.ONLINE, 19),
    ]


def test_without_a_pool_each_waits_for_their_own_doctor_and_with_it_for_any() -> None:
    day = DrawnDay([_arrival(0, 0), _arrival(0, 1)], [Doctor(0, 10), Doctor(3, 10)])
    assert [waited for _, waited in _waits(day)] == [0, 10]
    assert [waited for _, waited in _waits(day, pooled=True)] == [0, 3]


def test_idle_is_between_consultations_and_overtime_after_the_session() -> None:
    arrivals = [_arrival(2, 0), _arrival(20, 1), _arrival(235, 2)]
    served = serve(DrawnDay(arrivals, [Doctor(0, 10)]), FIRST_COME)
    assert (served.idle, served.overtime) == (8 + 205, 5)


def test_every_order_serves_the_same_patients_for_the_same_time() -> None:
    day = draw_day(random.Random(SEED), make_policy())
    of_all = sorted(each.source for each in day.arrivals)
    assert {Source.WALKIN, Source.ONLINE} <= set(of_all)
    for order in (FIRST_COME, STRICT, HEAD_START):
        for pooled in (False, True):
            served = serve(day, order, pooled=pooled).served
            assert sorted(each.source for each in served) == of_all
            assert min(each.waited for each in served) >= 0


def test_order_moves_waits_and_a_pool_cuts_them() -> None:
    found = study(DAYS, SEED, make_policy())
    assert tuple(found) == ORDERS
    for order in (STRICT, HEAD_START):
        assert found[order].of_first_come == pytest.approx(1, abs=0.02)
    assert found[POOLED].of_first_come + found[POOLED].within < 0.8
    priority = {order: one.by_source[Source.PRIORITY].mean for order, one in found.items()}
    assert priority[HEAD_START] < 0.9 * priority[FIRST_COME]


def test_the_same_seed_writes_the_same(tmp_path: Path) -> None:
    written = []
    for name, seed in (("a", SEED), ("b", SEED), ("c", SEED + 1)):
        write(tmp_path / name, days=3, seed=seed)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        written.append([path.read_bytes() for path in files])
    assert len(written[0]) == 2
    assert written[0] == written[1]
    assert written[0] != written[2]
