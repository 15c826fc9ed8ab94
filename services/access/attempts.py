"""How often a password may be tried, so that guessing is slow and nobody can be locked out by it.

Whoever signed in from an address before is never held up there for what others try elsewhere, and
never for more than a minute. From any other address tries are counted by address and name, by name
and by address, and who has had too many waits. All of it for unknown names as well: what is counted
must not tell which names there are. Each process counts for itself.
"""

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute

from services.access.limits import Limits
from services.clock import Clock

_WHERE_KNOWN = RateLimitItemPerMinute(10, namespace="known")
_BY_BOTH = RateLimitItemPerMinute(10, 15, namespace="both")
_BY_NAME = RateLimitItemPerHour(50, namespace="name")
_BY_ADDRESS = RateLimitItemPerMinute(100, 15, namespace="address")
"""A whole hospital may share one address, and sign in at eight."""


class Attempts:
    """Counts those that fail, and those under way."""

    def __init__(self, clock: Clock) -> None:
        self._limits = Limits(clock)

    def begin(self, name: str, address: str, *, known: bool) -> "Attempt":
        """Count one more. Raises RateLimited when there were too many, which counts nothing."""
        counted = _limits(name, address, known=known)
        for item, key in counted:
            self._limits.refuse_if_spent(item, key)
        for item, key in counted:
            self._limits.take(item, key)
        return Attempt(self._limits, counted)


class Attempt:
    """One that is under way; it counts until it is said to have been good."""

    def __init__(self, limits: Limits, counted: list[tuple[RateLimitItem, str]]) -> None:
        self._limits = limits
        self._counted = counted

    def was_good(self) -> None:
        """It was the right password: take it back."""
        for item, key in self._counted:
            self._limits.take_back(item, key)


def _limits(name: str, address: str, *, known: bool) -> list[tuple[RateLimitItem, str]]:
    both = f"{name}\n{address}"
    if known:
        return [(_WHERE_KNOWN, both)]
    return [(_BY_BOTH, both), (_BY_NAME, name), (_BY_ADDRESS, address)]
