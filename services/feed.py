"""The feed: who watches is told what happened, from one look at the events for all who watch.

A watcher sees through views. What happened on a sheet is painted once for each view, whoever sees
through it, and the same bytes go to all of them. Each message tells of events up to its `seq`; who
was away names the last `seq` seen, and is told what came since.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from models.errors import Busy, Refusal, TooManyWatchers
from services.clock import stopwatch
from services.runtime.loop import BackgroundLoop, Pause
from services.store.events import SeenEvent
from services.watcher import Message, View, Watcher

MOST_WATCHERS = 2000
"""Of one process."""
MOST_MISSED = 500
"""Events that somebody who was away is told of; past that they begin anew."""
LOOK = Pause(0.1, wakeable=True)
"""Between two looks, unless this process copied events itself."""
GATHER = Pause(0.02)
"""After a look that found some, so that what happens together is told together."""
NOBODY = Pause(60.0, wakeable=True)
_PAGE = 1000
CHECK_SECONDS = 5.0
"""After which the feed asks whether the events are still those that it knows, and the days the same."""


class Events(Protocol):
    """What happened, in order; see EventStore."""

    async def newest(self) -> int: ...
    async def after(
        self, seq: int, *, sheet_id: str | None, token_id: str | None, limit: int
    ) -> list[SeenEvent]: ...


class FeedMetrics(Protocol):
    """Who wants to know how many watch; the call must return at once."""

    def watched(self, watchers: int) -> None: ...


class Feed:
    """Looks at the events while anybody watches, from `start` to `stop`."""

    def __init__(
        self, events: Events, metrics: FeedMetrics, *, check_seconds: float = CHECK_SECONDS
    ) -> None:
        self._events = events
        self._check_seconds = check_seconds
        self._metrics = metrics
        self._watchers: set[Watcher] = set()
        self._loop = BackgroundLoop("feed", self._turn, after_failure=1.0)
        self._seq: int | None = None
        self._moves = asyncio.Lock()
        self._shown: dict[View, Sequence[str]] = {}
        self._checked = stopwatch()
        self._closed = False

    @property
    def watchers(self) -> int:
        """How many watch."""
        return len(self._watchers)

    def start(self) -> None:
        """Begin to look."""
        self._loop.start()

    def wake(self) -> None:
        """Events were copied: no need to wait for the next look."""
        if self._watchers:
            self._loop.wake()

    def close(self) -> None:
        """Take no more watchers, and let all go. Each connection asks for it when the server stops."""
        if not self._closed:
            self._closed = True
            self.let_go()

    async def stop(self) -> None:
        """Close, and look no more."""
        self.close()
        if self._loop.started:
            await self._loop.stop()

    def let_go(self) -> None:
        """Tell nobody any more: who comes again with what they saw last misses nothing."""
        for watcher in self._watchers:
            watcher.end()

    async def watch(self, views: Sequence[View], after: int | None) -> Watcher:
        """Watch, beginning with what came since the event `after`, or with all that is seen.

        Raises TooManyWatchers, Busy once it is closed, and what reading raises.
        """
        async with self._moves:
            if self._seq is None:
                self._seq = await self._events.newest()
            # Who comes from another process may have been told more than this one has seen.
            while after is not None and self._seq < after and await self._look(self._seq):
                pass
            if self._closed:
                raise Busy
            if len(self._watchers) >= MOST_WATCHERS:
                raise TooManyWatchers
            # What came until here it is told first; from here on it is told with the others.
            watcher, seq = Watcher(views), self._seq
            self._watchers.add(watcher)
            self._metrics.watched(len(self._watchers))
        self._loop.wake()
        try:
            for view in watcher.views:
                if view not in self._shown:
                    self._shown[view] = await view.sheets()
            watcher.begin(await self._since(views, after, seq))
        except BaseException:
            self.leave(watcher)
            raise
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """It watches no more."""
        watcher.end()
        self._watchers.discard(watcher)
        self._metrics.watched(len(self._watchers))

    async def show(self, views: Sequence[View]) -> list[Message]:
        """All that is seen now; it tells of no event, so it has no `seq`."""
        return [Message(None, body) for body in await self._everything(views, self._seq or 0)]

    async def _since(self, views: Sequence[View], after: int | None, seq: int) -> list[Message]:
        missed = [] if after is None else await self._missed(after, seq)
        if after is None or missed is None:
            return _numbered(await self._everything(views, seq), seq)
        by_sheet = _by_sheet(missed)
        bodies = [
            await seen.paint(sheet_id, events, seq)
            for view in views
            for sheet_id, events in by_sheet.items()
            if (seen := await view.of(sheet_id)) is not None
        ]
        return _numbered([body for body in bodies if body is not None], seq)

    async def _missed(self, after: int, seq: int) -> list[SeenEvent] | None:
        """What came behind `after`; None if that is too much, or it is of no event."""
        if not seq - MOST_MISSED <= after <= seq:
            return None
        events = await self._events.after(after, sheet_id=None, token_id=None, limit=MOST_MISSED)
        return [event for event in events if event.seq <= seq]

    async def _everything(self, views: Sequence[View], seq: int) -> list[bytes]:
        bodies = [
            await view.paint(sheet_id, (), seq)
            for view in views
            for sheet_id in await view.sheets()
        ]
        return [body for body in bodies if body is not None]

    async def _turn(self) -> Pause:
        async with self._moves:
            if not self._watchers:
                self._seq = None
                self._shown.clear()
                return NOBODY
            if self._seq is None:
                return LOOK  # whoever is just beginning will set it
            found = await self._look(self._seq)
            if stopwatch() - self._checked >= self._check_seconds:
                self._checked = stopwatch()
                watching = tuple(self._watchers)
                with _let_go_if_it_fails(watching):
                    await self._look_at_the_days(watching, self._seq)
                    await self._look_whether_restored(self._seq)
        return GATHER if found else LOOK

    async def _look(self, since: int) -> bool:
        """Tell what came since, a page of it at the most; whether anything did."""
        events = await self._events.after(since, sheet_id=None, token_id=None, limit=_PAGE)
        if events:
            self._seq = events[-1].seq
            watching = tuple(self._watchers)
            with _let_go_if_it_fails(watching):
                await self._tell(watching, _by_sheet(events), self._seq)
        return len(events) > 0

    async def _tell(
        self,
        watching: Sequence[Watcher],
        by_sheet: Mapping[str, Sequence[SeenEvent]],
        seq: int,
    ) -> None:
        watchers_of = _by_views(watching)
        all_views = dict.fromkeys(view for views in watchers_of for view in views)
        painted = [
            await _paint(all_views, sheet_id, events, seq) for sheet_id, events in by_sheet.items()
        ]
        for views, watchers in watchers_of.items():
            messages = _numbered(
                [bodies[view] for bodies in painted for view in views if view in bodies], seq
            )
            if messages:
                for watcher in watchers:
                    watcher.tell(messages)

    async def _look_at_the_days(self, watching: Sequence[Watcher], seq: int) -> None:
        """Show what is seen from now on, as the line of a new day; no event tells of midnight."""
        shown = {}
        for view, watchers in _by_view(watching).items():
            try:
                shown[view] = sheets = await view.sheets()
                fresh = [each for each in sheets if each not in self._shown.get(view, sheets)]
                painted = [await view.paint(each, (), seq) for each in fresh]
            except Refusal:
                for watcher in watchers:
                    watcher.end()
                continue
            messages = [Message(None, body) for body in painted if body is not None]
            if messages:
                for watcher in watchers:
                    watcher.tell(messages)
        self._shown = shown

    async def _look_whether_restored(self, seq: int) -> None:
        """After a restore the events are others: all begin anew."""
        if await self._events.newest() < seq:
            self._seq = None
            self.let_go()


@contextmanager
def _let_go_if_it_fails(watching: Sequence[Watcher]) -> Iterator[None]:
    """They come again, and are told then."""
    try:
        yield
    except Exception:
        for watcher in watching:
            watcher.end()
        raise


async def _paint(
    views: Iterable[View], sheet_id: str, events: Sequence[SeenEvent], seq: int
) -> Mapping[View, bytes]:
    """What those who see through each of the views are told of a sheet."""
    seeing: defaultdict[View, list[View]] = defaultdict(list)
    for view in views:
        if (seen := await view.of(sheet_id)) is not None:
            seeing[seen].append(view)
    # At once, so that they share their reads.
    painted = await asyncio.gather(*(seen.paint(sheet_id, events, seq) for seen in seeing))
    return {
        view: body
        for body, through in zip(painted, seeing.values(), strict=True)
        if body is not None
        for view in through
    }


def _by_views(watching: Sequence[Watcher]) -> Mapping[tuple[View, ...], Sequence[Watcher]]:
    """Who sees the same."""
    by_views: defaultdict[tuple[View, ...], list[Watcher]] = defaultdict(list)
    for watcher in watching:
        by_views[watcher.views].append(watcher)
    return by_views


def _by_view(watching: Sequence[Watcher]) -> Mapping[View, Sequence[Watcher]]:
    by_view: defaultdict[View, list[Watcher]] = defaultdict(list)
    for views, watchers in _by_views(watching).items():
        for view in views:
            by_view[view] += watchers
    return by_view


def _by_sheet(events: Sequence[SeenEvent]) -> Mapping[str, Sequence[SeenEvent]]:
    by_sheet: defaultdict[str, list[SeenEvent]] = defaultdict(list)
    for event in events:
        by_sheet[event.sheet_id].append(event)
    return by_sheet


def _numbered(bodies: Sequence[bytes], seq: int) -> list[Message]:
    last = len(bodies) - 1
    return [Message(seq if place == last else None, body) for place, body in enumerate(bodies)]
