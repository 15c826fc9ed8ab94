"""How often a password may be tried, so that guessing is slow and nobody can be locked out by it.

Whoever signed in from an address before is never held up there for what others try elsewhere, and
never for more than a minute. From any other address tries are counted by address and name, by name
and by address, and who has had too many waits. All of it for unknown names as well: what is counted
must not tell which names there are. Each process counts for itself.
"""

from ipaddress import ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from models.errors import RateLimited
from services.clock import Clock

_WHERE_KNOWN = RateLimitItemPerMinute(10, namespace="known")
_BY_BOTH = RateLimitItemPerMinute(10, 15, namespace="both")
_BY_NAME = RateLimitItemPerHour(50, namespace="name")
_BY_ADDRESS = RateLimitItemPerMinute(100, 15, namespace="address")
"""A whole hospital may share one address, and sign in at eight."""


class Attempts:
    """Counts those that fail, and those under way."""

    def __init__(self, clock: Clock) -> None:
        self._limiter = Limiter(clock)

    def begin(self, name: str, address: str, *, known: bool) -> "Attempt":
        """Count one more. Raises RateLimited when there were too many, which counts nothing."""
        counted = _limits(name, address, known=known)
        for item, key in counted:
            self._limiter.check(item, key)
        for item, key in counted:
            self._limiter.count(item, key)
        return Attempt(self._limiter, counted)


class Attempt:
    """One that is under way; it counts until it is said to have been good."""

    def __init__(self, limiter: "Limiter", counted: list[tuple[RateLimitItem, str]]) -> None:
        self._limiter = limiter
        self._counted = counted

    def was_good(self) -> None:
        """It was the right password: take it back."""
        for item, key in self._counted:
            self._limiter.take_back(item, key)


class Limiter:
    """How often something may be done in a time, by whoever does it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts = Counts(clock)
        self._limiter = FixedWindowRateLimiter(self._counts)

    def check(self, item: RateLimitItem, key: str) -> None:
        """Raises RateLimited where it may not be done once more now."""
        if not self._limiter.test(item, key):
            ends = self._limiter.get_window_stats(item, key).reset_time
            raise RateLimited(max(1, round(ends - self._clock.now().timestamp())))

    def count(self, item: RateLimitItem, key: str) -> None:
        """It is done once more. Raises RateLimited, and counts nothing then."""
        self.check(item, key)
        self._limiter.hit(item, key)

    def take_back(self, item: RateLimitItem, key: str) -> None:
        """It was done once less."""
        self._counts.incr(item.key_for(key), item.get_expiry(), -1)


def _limits(name: str, address: str, *, known: bool) -> list[tuple[RateLimitItem, str]]:
    both = f"{name}\n{address}"
    if known:
        return [(_WHERE_KNOWN, both)]
    return [(_BY_BOTH, both), (_BY_NAME, name), (_BY_ADDRESS, address)]


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
        self._counts[key] = max(0, count + amount), ends
        return self._counts[key][0]

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
