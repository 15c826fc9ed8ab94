"""How often things may be asked that are worth guessing at, or that push all others aside.

Of look-ups those alone are counted that find nothing. Each process counts for itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from models.errors import RateLimited
from services.access.attempts import Counts
from services.clock import Clock

WRONG_LINKS = RateLimitItemPerMinute(60, 15, namespace="links")
"""By address: a ward may share one, and old links are opened by honest people."""
UNKNOWN_PATIENTS = RateLimitItemPerMinute(60, namespace="patients")
"""By principal: an id that nobody has is a slip, so many are a search."""
EMERGENCIES = RateLimitItemPerMinute(120, namespace="emergencies")
"""By principal: more than any desk can write down, and fewer than would fill a day with lies."""


class Limits:
    """Counts by who asks; every method raises RateLimited."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limiter = FixedWindowRateLimiter(Counts(clock))

    def take(self, item: RateLimitItem, key: str) -> None:
        """Count one more, if there may be one."""
        self.refuse_if_spent(item, key)
        self._limiter.hit(item, key)

    def refuse_if_spent(self, item: RateLimitItem, key: str) -> None:
        """Count nothing."""
        if not self._limiter.test(item, key):
            ends = self._limiter.get_window_stats(item, key).reset_time
            raise RateLimited(max(1, round(ends - self._clock.now().timestamp())))

    @contextmanager
    def guess(self, item: RateLimitItem, key: str, wrong: type[Exception]) -> Iterator[None]:
        """What may turn out to be a wrong guess; then it is counted."""
        self.refuse_if_spent(item, key)
        try:
            yield
        except wrong:
            self._limiter.hit(item, key)
            raise
