"""The clock of the days is set, where nothing is kept."""

from datetime import datetime

from services.clock import DayClock
from services.ticker import Ticker


class ClockService:
    """Sets the time of the sheets; sessions, leases, limits and the audit keep the machine's."""

    def __init__(self, clock: DayClock, ticker: Ticker) -> None:
        self._clock = clock
        self._ticker = ticker

    def set(self, now: datetime | None, speed: float) -> datetime:
        """Go on from an instant, or from where it stands, so fast; where it stands by then.

        Raises ClockGoesBack.
        """
        self._clock.set(now, speed)
        self._ticker.wake()  # it has counted on another speed
        return self._clock.now()
