"""Who asks: each way in knows one kind of credential, and the doorkeeper asks each in turn."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from models.access import Principal
from models.errors import Unauthenticated


class Credentials(Struct, frozen=True, kw_only=True):
    """What came with a request: two headers as they are, and the address that it came from.

    `last_known`: of who asks it will do to know what was known when the database last answered, for
    what is asked for most while it doesn't.
    """

    authorization: str | None = None
    session: str | None = None
    address: str | None = None
    last_known: bool = False


class Way(Protocol):
    """One kind of credential."""

    async def recognise(self, given: Credentials) -> Principal | None:
        """Whose it is; None if it is not of this kind. Raises Unauthenticated for one that ended."""
        ...


class Doorkeeper:
    """Asks each way in, until one knows."""

    def __init__(self, ways: Sequence[Way]) -> None:
        self._ways = tuple(ways)

    async def recognise(self, given: Credentials) -> Principal:
        """Who asks. Raises Unauthenticated."""
        for way in self._ways:
            if (principal := await way.recognise(given)) is not None:
                return principal
        raise Unauthenticated
