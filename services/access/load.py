"""How much one may ask for in a minute, whatever it is: one gone wild is told so, and not the others.

Whoever is known is counted as that principal, wherever they call from: forty desks share an address.
By its address is counted who shows no credential, or one that is not known. Each process counts for
itself.
"""

from limits import RateLimitItemPerMinute

from models.access import Principal
from services.access.limits import Limits, network_of
from services.clock import Clock


class Load:
    """Every method raises RateLimited. The refused count too: who goes on asking goes on being refused."""

    def __init__(self, clock: Clock, most_requests: int) -> None:
        self._limits = Limits(clock)
        self._of_principal = RateLimitItemPerMinute(most_requests, namespace="principal")
        self._of_address = RateLimitItemPerMinute(most_requests, namespace="address")

    def of_principal(self, principal: Principal) -> None:
        """One more request of one who is known."""
        self._limits.count(self._of_principal, principal.counted_as)

    def of_address(self, address: str | None) -> None:
        """One more request of nobody known, from there."""
        self._limits.count(self._of_address, network_of(address))
