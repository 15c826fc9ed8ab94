"""The one place that reads the time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

MOST_SKEW = timedelta(seconds=30)
"""How far clocks may differ: a process whose clock is further off its database's does not serve."""


class Clock(Protocol):
    """What the services need to know of time."""

    def now(self) -> datetime:
        """The instant, in UTC, in whole milliseconds, as the database keeps it."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class ManualClock:
    """A clock that stands still until it is set: for simulations and tests."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Go to an instant."""
        self._now = now.astimezone(UTC)

    def advance(self, span: timedelta) -> None:
        """Go on by a span."""
        self._now += span


def stopwatch() -> float:
    """Seconds since some moment, for measuring spans; never goes back."""
    return time.perf_counter()


def timestamp() -> str:
    """Now, for a line of the log: ISO 8601 in UTC, with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
