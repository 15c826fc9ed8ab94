"""The day's agenda: what is to happen next, on the virtual clock."""

import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime

from simulator.desk import Desk

Action = Callable[[], Awaitable[None]]


class Agenda:
    """Runs actions in order of time; at one time, in the order in which they were entered."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self._desk = desk
        self._entries: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()
        self.now = now

    def at(self, instant: datetime, action: Action) -> None:
        """Enter an action; one that is due already comes next."""
        entry = (max(instant, self.now), next(self._order), action)
        heapq.heappush(self._entries, entry)

    async def run(self) -> None:
        """Run until nothing is left."""
        while self._entries:
            self.now, _, action = heapq.heappop(self._entries)
            self._desk.at(self.now)
            await action()
