"""How many commands may be open at once, of all and of one: a client gone wild leaves room for others."""

import asyncio
from collections.abc import Callable

from models.errors import Busy, RateLimited

MOST_WAITING = 160
"""Commands whose outcome may be open; past them the store is busy.

A quarter more than the clients that saturate a process (128): more would wait longer without more
being done. At twice as many the slowest took more than twice as long.
"""
MOST_OF_ONE = 140
"""Of these, how many of one principal: enough to saturate a process, and a desk finds room beside it."""
_AGAIN_SECONDS = 1


class Room:
    """Counts open commands, and tells `tell` how many there are whenever that changes."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._open = 0
        self._of: dict[str, int] = {}
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def open(self) -> int:
        """Commands whose outcome is open."""
        return self._open

    @property
    def full(self) -> bool:
        """Whether a command would be refused as one too many, whoever asks."""
        return self._open >= MOST_WAITING

    def enter(self, who: str) -> None:
        """One more, of that principal. Raises RateLimited when it has too many, Busy when all have."""
        held = self._of.get(who, 0)
        if held >= MOST_OF_ONE:
            raise RateLimited(_AGAIN_SECONDS)
        if self.full:
            raise Busy
        self._of[who] = held + 1
        self._open += 1
        self._tell(self._open)
        self._empty.clear()

    def leave(self, who: str) -> None:
        """One less."""
        held = self._of.pop(who)
        if held > 1:
            self._of[who] = held - 1
        self._open -= 1
        self._tell(self._open)
        if not self._open:
            self._empty.set()

    async def emptied(self) -> None:
        """Until none is open."""
        await self._empty.wait()
