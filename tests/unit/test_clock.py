from datetime import UTC, datetime, timedelta

from services.clock import SystemClock

MILLISECOND = timedelta(milliseconds=1)


def test_the_machines_clock_tells_the_whole_millisecond_that_it_is_asked_in() -> None:
    clock = SystemClock()
    end = _machines_time() + 5 * MILLISECOND
    while (asked := _machines_time()) < end:
        told = clock.now()
        assert asked - MILLISECOND < told <= _machines_time()
        assert told.microsecond % 1000 == 0


def _machines_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # it is what the clock is to tell
