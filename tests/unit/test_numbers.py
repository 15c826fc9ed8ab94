"""What hours come to: means, percentiles of the nearest rank, shares within the target."""

from datetime import timedelta

import pytest

from engine.hours import Hour, Wait
from engine.numbers import Numbers, numbers_of
from models.source import Source
from tests.factories import at

TARGET = 1800


def _of(*hours: Hour) -> Numbers:
    return numbers_of(hours, TARGET)


def _waiting(*seconds: int, source: Source = Source.WALKIN) -> Hour:
    return Hour(start=at("09:00"), waits=tuple(Wait(source, one) for one in seconds))


def test_no_hours_come_to_nothing() -> None:
    numbers = _of()
    assert (numbers.arrivals, numbers.mean_waiting, numbers.by_source) == (0, 0.0, {})
    assert (numbers.waits.mean, numbers.waits.p50, numbers.waits.in_target) == (None, None, None)
    assert numbers.mean_consultation is None


def test_percentiles_are_waits_that_somebody_had() -> None:
    waits = _of(_waiting(*range(100, 1100, 100))).waits
    assert (waits.mean, waits.p50, waits.p90) == (550, 500, 900)
    assert _of(_waiting(60)).waits.p90 == 60


def test_a_wait_as_long_as_the_target_is_within_it() -> None:
    assert _of(_waiting(10, TARGET, TARGET + 1, 9000)).waits.in_target == 0.5


def test_counts_add_up_by_source_and_in_all() -> None:
    nine = Hour(
        start=at("09:00"),
        arrivals={Source.WALKIN: 2, Source.ONLINE: 1},
        served={Source.WALKIN: 1},
        consultations=(600,),
        idle=60,
        most_waiting=2,
        waited=3600,
    )
    ten = Hour(
        start=at("10:00"),
        arrivals={Source.WALKIN: 1},
        no_shows={Source.ONLINE: 1},
        consultations=(300, 300),
        overtime=30,
        most_waiting=5,
        waited=7200,
        waits=(Wait(Source.ONLINE, 5),),
    )
    numbers = _of(nine, ten)
    assert (numbers.arrivals, numbers.served, numbers.no_shows) == (4, 1, 1)
    assert (numbers.idle, numbers.overtime, numbers.most_waiting) == (60, 30, 5)
    assert numbers.mean_consultation == 400
    assert numbers.mean_waiting == 1.5
    assert set(numbers.by_source) == {Source.WALKIN, Source.ONLINE}
    assert numbers.by_source[Source.WALKIN].arrivals == 3
    assert numbers.by_source[Source.ONLINE].waits.mean == 5


def test_the_mean_that_waited_is_of_all_lines_together() -> None:
    one = Hour(start=at("09:00"), waited=3600, most_waiting=1)
    other = Hour(start=at("09:00"), waited=7200, most_waiting=2)
    assert (_of(one, other).mean_waiting, _of(one, other).most_waiting) == (3, 2)


@pytest.mark.parametrize("days", [1, 30])
def test_hours_of_many_days_count_each(days: int) -> None:
    hours = [
        Hour(start=at("09:00") + timedelta(days=day), waited=3600, idle=1) for day in range(days)
    ]
    assert (_of(*hours).mean_waiting, _of(*hours).idle) == (1, days)
