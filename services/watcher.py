"""One who watches: what is seen, and what waits to be read."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from msgspec import Struct

from services.store.events import SeenEvent

MOST_BEHIND = 32
"""Messages that wait for a watcher; one who is slower than that is let go, and may come again."""


class View(Hashable, Protocol):
    """What is seen of some sheets; equal views see the same."""

    async def sheets(self) -> Sequence[str]:
        """The sheets that are seen now; with time it may be others."""
        ...

    async def of(self, sheet_id: str) -> "View | None":
        """The view of this sheet alone; None if it is not seen."""
        ...

    async def paint(self, sheet_id: str, events: Sequence[SeenEvent], seq: int) -> bytes | None:
        """What to tell of a sheet as it stands, and of these events; None if nothing is to tell.

        Without events everything is told. Raises what reading the sheet raises.
        """
        ...


class Message(Struct, frozen=True):
    """What is told. Of several that tell of the same events the last one alone has the `seq`."""

    seq: int | None
    body: bytes


Straight = Callable[[Sequence[Message]], bool]
"""Hands on what is told at once, or answers that it can't."""


class Watcher:
    """One who watches.

    While it waits for more, what is told goes `straight` on, where there is a way that takes it at
    once: to wake each of a thousand for the same message costs more than to send it. Anything else
    waits to be read. `when_dropped` is called when it is let go for being too slow.
    """

    def __init__(self, views: Sequence[View]) -> None:
        self.views = tuple(views)
        self.ended = False
        self.when_dropped: Callable[[], object] | None = None
        self.straight: Straight | None = None
        self._waits = False
        self._waiting: deque[Sequence[Message]] = deque()
        self._news = asyncio.Event()

    def tell(self, messages: Sequence[Message]) -> None:
        """More to read. Who does not keep up is let go."""
        if self.ended or self._goes_straight(messages):
            return
        if len(self._waiting) >= MOST_BEHIND:
            self.end()
            if self.when_dropped is not None:
                self.when_dropped()
            return
        self._waiting.append(messages)
        self._news.set()

    def begin(self, messages: Sequence[Message]) -> None:
        """What is to be read before all that came meanwhile."""
        if messages and not self.ended:
            self._waiting.appendleft(messages)
            self._news.set()

    def end(self) -> None:
        """There is no more to read."""
        self.ended = True
        self._waiting.clear()
        self._news.set()

    async def next(self, within: float) -> Sequence[Message]:
        """All there is to read; nothing if nothing comes in so many seconds, or never again."""
        if not self._waiting and not self.ended:
            self._news.clear()
            # Half the price of asyncio.timeout, which each message to each watcher would pay.
            enough = asyncio.get_running_loop().call_later(within, self._news.set)
            self._waits = True
            try:
                await self._news.wait()
            finally:
                self._waits = False
                enough.cancel()
        messages = [message for told in self._waiting for message in told]
        self._waiting.clear()
        return messages

    def _goes_straight(self, messages: Sequence[Message]) -> bool:
        """Never past what waits, or what was read and may be on its way yet."""
        if self.straight is None or not self._waits or self._waiting:
            return False
        return self.straight(messages)
