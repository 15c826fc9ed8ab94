"""The relay: events leave the sheets' outboxes for `events`, each once, in one order.

Each event gets the next `seq`, which is its `_id`; a unique index on sheet and n keeps an event
from being copied twice. `seq` has no gaps and only grows, so a reader who has seen one has seen
all before it. One process relays at a time; should two, they find out at their first insert.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from pymongo.errors import DuplicateKeyError, PyMongoError

from database import Database, Document, Update
from services.clock import Clock
from services.log import log
from services.store.lease import Lease

SWEEP_SECONDS = 0.1
"""How often the relay looks for what other processes wrote, or a crash left."""
PAUSE_SECONDS = 0.05
"""Between two passes that found something, so that they carry more."""
NOT_HOLDING_SECONDS = 1.0
MOST_SHEETS = 500
"""Sheets that one pass reads."""
TRIM_AT = 64
"""An outbox is trimmed at this many copied events, or when its sheet is quiet."""
_REMEMBERED = 5000


class Watcher(Protocol):
    """Who wants to know how the relay fares; the call must return at once."""

    def backlog(self, events: int) -> None: ...


@dataclass(frozen=True)
class _Outbox:
    sheet_id: str
    next_event: int
    events: Sequence[Document]


class EventRelay:
    """Copies events in the background, from `start` to `stop`."""

    def __init__(self, database: Database, clock: Clock, holder: str, watcher: Watcher) -> None:
        self._database = database
        self._clock = clock
        self._lease = Lease(database.leases, "relay", holder)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._seq: int | None = None
        self._copied: OrderedDict[str, int] = OrderedDict()
        self._caught_up = clock.now()
        self._stopping = False
        self._interrupted = False
        self._watcher = watcher

    def start(self) -> None:
        """Begin to relay."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Something was written: no need to wait for the next sweep."""
        self._wake.set()

    async def stop(self) -> None:
        """Relay what is left, as far as the database answers, and let the lease go."""
        if self._task is None:
            return
        self._stopping = True
        self._task.cancel()
        await asyncio.wait([self._task])
        self._seq = None  # the pass that was cancelled may have copied some
        try:
            if await self._lease.hold(self._clock.now()):
                await self._pass()
                await self._lease.release()
        except PyMongoError as error:
            log.warning("relay_stopped_early", error=type(error).__name__)

    async def lag(self) -> timedelta | None:
        """How long ago every event written until then had been copied; None if nobody knows."""
        if self._seq is not None:
            return self._clock.now() - self._caught_up
        try:
            caught_up = await self._lease.note()
        except PyMongoError:
            return None
        return None if caught_up is None else self._clock.now() - caught_up

    async def _run(self) -> None:
        # PyMongo's async client may turn a cancellation into an error of its own.
        while not self._stopping:
            try:
                pause = await self._turn()
                self._interrupted = False
            except PyMongoError as error:
                if not self._interrupted:  # said once, not every few seconds of a night
                    log.warning("relay_interrupted", error=type(error).__name__)
                self._interrupted = True
                self._seq = None
                pause = NOT_HOLDING_SECONDS
            except Exception as error:  # noqa: BLE001  # one bad outbox must not end the relay
                log.error("relay_failed", exc_info=error)
                self._seq = None
                pause = NOT_HOLDING_SECONDS
            if pause == SWEEP_SECONDS:
                await self._woken_within(pause)
            else:
                await asyncio.sleep(pause)

    async def _turn(self) -> float:
        """One pass if this process holds the lease; how long to wait for the next."""
        if not await self._lease.hold(self._clock.now(), self._caught_up):
            self._seq = None
            self._watcher.backlog(0)  # it is another's
            return NOT_HOLDING_SECONDS
        return PAUSE_SECONDS if await self._pass() else SWEEP_SECONDS

    async def _woken_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _pass(self) -> bool:
        """Copy what stands in the outboxes; whether there was anything."""
        self._wake.clear()
        began = self._clock.now()
        if self._seq is None:
            self._seq = await self._last_seq()
            self._copied.clear()
        outboxes = await self._outboxes()
        await self._learn_copied([each for each in outboxes if each.sheet_id not in self._copied])
        fresh = [
            (outbox.sheet_id, event)
            for outbox in outboxes
            for event in outbox.events
            if _n(event) > self._copied[outbox.sheet_id]
        ]
        self._watcher.backlog(len(fresh))
        if fresh:
            await self._copy(fresh)
            self._watcher.backlog(0)
        await self._trim(outboxes, {sheet_id for sheet_id, _ in fresh})
        if len(outboxes) < MOST_SHEETS:
            self._caught_up = began
        return bool(fresh)

    async def _last_seq(self) -> int:
        last = (
            await self._database.events.find({}, {"_id": 1})
            .sort([("_id", -1)])
            .limit(1)
            .to_list(None)
        )
        seq = last[0]["_id"] if last else 0
        return seq if isinstance(seq, int) else 0

    async def _outboxes(self) -> list[_Outbox]:
        documents = (
            await self._database.day_sheets.find({"unrelayed": True}, {"outbox": 1, "nextEvent": 1})
            .limit(MOST_SHEETS)
            .to_list(None)
        )
        return [
            _Outbox(str(document["_id"]), next_event, outbox)
            for document in documents
            if isinstance(next_event := document.get("nextEvent"), int)
            and isinstance(outbox := document.get("outbox"), list)
            and all(isinstance(event, dict) for event in outbox)
        ]

    async def _learn_copied(self, outboxes: list[_Outbox]) -> None:
        """Of sheets not met before: up to which n their events were copied already."""
        if not outboxes:
            return
        documents = await self._database.events.find(
            {"$or": [{"sheet": each.sheet_id, "n": {"$gte": _first_n(each)}} for each in outboxes]},
            {"sheet": 1, "n": 1},
        ).to_list(None)
        for each in outboxes:
            self._copied[each.sheet_id] = _first_n(each) - 1
        for document in documents:
            sheet_id = str(document["sheet"])
            self._copied[sheet_id] = max(self._copied[sheet_id], _n(document))

    async def _copy(self, fresh: list[tuple[str, Document]]) -> None:
        assert self._seq is not None  # noqa: S101  # learnt at the start of the pass
        copies = [
            {"_id": seq, "sheet": sheet_id, **event}
            for seq, (sheet_id, event) in enumerate(fresh, start=self._seq + 1)
        ]
        try:
            await self._database.insert_events(copies)
        except DuplicateKeyError:
            # Another process relays too. Its copies stand; learn anew where they end.
            self._seq = None
            raise
        self._seq += len(copies)
        for sheet_id, event in fresh:
            self._copied[sheet_id] = _n(event)
            self._copied.move_to_end(sheet_id)
        while len(self._copied) > _REMEMBERED:
            self._copied.popitem(last=False)

    async def _trim(self, outboxes: list[_Outbox], busy: set[str]) -> None:
        """Take copied events out of outboxes that are long or quiet."""
        updates = []
        for outbox in outboxes:
            if outbox.sheet_id in busy and len(outbox.events) < TRIM_AT:
                continue
            pull = {"$pull": {"outbox": {"n": {"$lte": self._copied.get(outbox.sheet_id, 0)}}}}
            where = {"_id": outbox.sheet_id, "nextEvent": outbox.next_event}
            updates.append(Update(where, {**pull, "$unset": {"unrelayed": ""}}))
            where = {"_id": outbox.sheet_id, "nextEvent": {"$gt": outbox.next_event}}
            updates.append(Update(where, pull))
        if updates:
            await self._database.write(updates)


def _n(event: Document) -> int:
    n = event.get("n")
    return n if isinstance(n, int) else 0


def _first_n(outbox: _Outbox) -> int:
    return _n(outbox.events[0]) if outbox.events else outbox.next_event
