"""The one place that reads the time."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from models.errors import ClockGoesBack

MOST_SKEW = timedelta(seconds=30)
"""How far clocks may differ: a process whose clock is further off its database's does not serve."""


class Clock(Protocol):
    """What the services need to know of time."""

    def now(self) -> datetime:
        """The instant, in UTC, in whole milliseconds, as the database keeps it."""

    @property
    def speed(self) -> float:
        """Seconds that pass on it in one of the machine's; 0: it stands until it is set."""


class SystemClock:
    """The clock of the machine."""

    def __init__(self) -> None:
        self._read = (0, datetime.fromtimestamp(0, UTC))

    def now(self) -> datetime:
        milliseconds, instant = self._read
        read = time.time_ns() // 1_000_000
        if read != milliseconds:  # a request asks several times in one
            instant = datetime.fromtimestamp(read / 1000, UTC)
            self._read = (read, instant)
        return instant

    @property
    def speed(self) -> float:
        return 1.0


class ManualClock:
    """A clock that stands still until it is set: for simulations and tests."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    @property
    def speed(self) -> float:
        return 0.0

    def set(self, now: datetime) -> None:
        """Go to an instant."""
        self._now = now.astimezone(UTC)

    def advance(self, span: timedelta) -> None:
        """Go on by a span."""
        self._now += span


class DayClock:
    """The time of the sheets, where it need not be the machine's: that clock, until it is set."""

    def __init__(self, machine: Clock, now: datetime | None = None, speed: float = 1.0) -> None:
        self._machine = machine
        self._set_at = machine.now()
        self._set_to = now or self._set_at
        self._rate = speed

    def now(self) -> datetime:
        return _in_milliseconds(self._set_to + (self._machine.now() - self._set_at) * self._rate)

    @property
    def speed(self) -> float:
        return self._rate * self._machine.speed

    def set(self, now: datetime | None, speed: float) -> None:
        """Go on from an instant, or from where it stands, so fast. Raises ClockGoesBack."""
        stands_at = self.now()
        if now is not None and now < stands_at:
            raise ClockGoesBack(stands_at)
        self._set_to, self._set_at = now or stands_at, self._machine.now()
        self._rate = speed


def _in_milliseconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def stopwatch() -> float:
    """Seconds since some moment, for measuring spans; never goes back."""
    return time.perf_counter()


def timestamp() -> str:
    """Now, for a line of the log: ISO 8601 in UTC, with microseconds."""
    second, rest = divmod(time.time_ns(), 1_000_000_000)
    return f"{_written(second)}.{rest // 1000:06}Z"


@lru_cache(maxsize=1)
def _written(second: int) -> str:
    """As all lines of that second have it."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
