"""How often something may be asked that is worth guessing at, or that pushes all others aside.

What may be done how often stands with what it is about. Each process counts for itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from typing import NoReturn

from limits import RateLimitItem
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from models.errors import RateLimited
from services.clock import Clock


class Limits:
    """Counts by whoever does it; every method but `take_back` raises RateLimited."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts = Counts(clock)
        self._limiter = FixedWindowRateLimiter(self._counts)

    def take(self, item: RateLimitItem, key: str) -> None:
        """Count one more, if there may be one."""
        self.refuse_if_spent(item, key)
        self._limiter.hit(item, key)

    def count(self, item: RateLimitItem, key: str) -> None:
        """Count one more, also where there may be none: for less work."""
        if self._counts.incr(item.key_for(key), item.get_expiry()) > item.amount:
            self._refuse(item, key)

    def refuse_if_spent(self, item: RateLimitItem, key: str) -> None:
        """Count nothing."""
        if not self._limiter.test(item, key):
            self._refuse(item, key)

    def take_back(self, item: RateLimitItem, key: str) -> None:
        """Count one less: it was none of those that are counted."""
        self._counts.incr(item.key_for(key), item.get_expiry(), -1)

    @contextmanager
    def guess(self, item: RateLimitItem, key: str, wrong: type[Exception]) -> Iterator[None]:
        """What may turn out to be a wrong guess; then it is counted."""
        self.refuse_if_spent(item, key)
        try:
            yield
        except wrong:
            self._limiter.hit(item, key)
            raise

    def _refuse(self, item: RateLimitItem, key: str) -> NoReturn:
        ends = self._limiter.get_window_stats(item, key).reset_time
        raise RateLimited(max(1, round(ends - self._clock.now().timestamp())))


def network_of(address: str | None) -> str:
    """What counts as one address: of IPv6 a /64, of which one customer has all."""
    try:
        told = ip_address(address or "")
    except ValueError:
        return "unknown"
    if told.version == 4:
        return str(told)
    if told.ipv4_mapped is not None:
        return str(told.ipv4_mapped)
    return str(ip_network((told, 64), strict=False))


class Counts(Storage):
    """The storage of `limits`, in memory, by our clock, and bounded; its own starts a thread a hit."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock, most: int = 50_000) -> None:
        super().__init__()
        self._clock = clock
        self._most = most
        self._counts: dict[str, tuple[int, float]] = {}
        """By key: how many, and when they are forgotten."""

    @property
    def base_exceptions(self) -> type[Exception]:
        """None are wrapped."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count, which is forgotten so many seconds after it began."""
        count, ends = self._get(key) or (0, self._now() + expiry)
        if key not in self._counts and len(self._counts) >= self._most:
            self._forget()
        count = max(0, count + amount)
        self._counts[key] = count, ends
        return count

    def get(self, key: str) -> int:
        """The count."""
        found = self._get(key)
        return 0 if found is None else found[0]

    def get_expiry(self, key: str) -> float:
        """When it is forgotten."""
        found = self._get(key)
        return self._now() if found is None else found[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget all; how many there were."""
        forgotten = len(self._counts)
        self._counts.clear()
        return forgotten

    def clear(self, key: str) -> None:
        """Forget one."""
        self._counts.pop(key, None)

    def _get(self, key: str) -> tuple[int, float] | None:
        found = self._counts.get(key)
        return None if found is None or found[1] <= self._now() else found

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _forget(self) -> None:
        """What has run out; if that is not enough, the half that is nearest to it."""
        left = sorted(self._counts.items(), key=lambda entry: entry[1][1])
        kept = [entry for entry in left if entry[1][1] > self._now()][-self._most // 2 :]
        self._counts = dict(kept)
