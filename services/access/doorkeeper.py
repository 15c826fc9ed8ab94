"""Who asks: each way in knows one kind of credential, and the doorkeeper asks each in turn."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from models.access import Grant, Kind, Principal, Role
from models.errors import Unauthenticated


class Credentials(Struct, frozen=True, kw_only=True):
    """What came with a request: two headers as they are, and the address that it came from."""

    authorization: str | None = None
    session: str | None = None
    address: str | None = None

    @property
    def given(self) -> bool:
        """Whether it says who it is at all."""
        return self.authorization is not None or self.session is not None


class Way(Protocol):
    """One kind of credential."""

    async def recognise(self, given: Credentials) -> Principal | None:
        """Whose it is; None if it is not of this kind. Raises Unauthenticated for one that ended."""
        ...


class Doorkeeper:
    """`everyone` is who counts as asking where nobody says who they are: None refuses them."""

    def __init__(self, ways: Sequence[Way], *, everyone: Principal | None = None) -> None:
        self._ways = tuple(ways)
        self._everyone = everyone

    async def recognise(self, given: Credentials) -> Principal:
        """Who asks. Raises Unauthenticated."""
        if not given.given and self._everyone is not None:
            return self._everyone
        for way in self._ways:
            if (principal := await way.recognise(given)) is not None:
                return principal
        raise Unauthenticated


SYSTEM = "system"
"""The id of the service itself, in events of what time alone brings."""


def system_principal() -> Principal:
    """The service itself."""
    return Principal(id=SYSTEM, kind=Kind.SYSTEM)


def anybody(facility_id: str) -> Principal:
    """Who counts as asking where nobody has to say who they are: may all at the facility."""
    grant = Grant(id="open", role=Role.ADMIN, facility_id=facility_id)
    return Principal(id="anonymous", kind=Kind.SYSTEM, grants=(grant,))
