"""How often somebody may look for a patient: an id that nobody has is a slip, so many are a search."""

from limits import RateLimitItemPerMinute

from services.access.limits import Limits
from services.caller import Caller

_IN_VAIN = RateLimitItemPerMinute(60, namespace="patients")


class LookUps:
    """Counts look-ups by principal, whatever they are by; `most` are those of a minute."""

    def __init__(self, limits: Limits, most: int) -> None:
        self._limits = limits
        self._all = RateLimitItemPerMinute(most, namespace="look_ups")

    def begin(self, caller: Caller) -> None:
        """One more. Raises RateLimited, also when too many before it found nothing."""
        self._limits.take(self._all, caller.counted_as)
        self._limits.refuse_if_spent(_IN_VAIN, caller.counted_as)

    def found_nothing(self, caller: Caller) -> None:
        """The one that has begun did not. Raises RateLimited."""
        self._limits.take(_IN_VAIN, caller.counted_as)
