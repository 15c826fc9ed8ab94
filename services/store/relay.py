"""The relay: events leave the sheets' outboxes for `events`, each once, in one order.

Each event gets the next `seq`, which is its `_id`; a unique index on sheet and n keeps an event
from being copied twice. `seq` has no gaps and only grows, so a reader who has seen one has seen
all before it. One process relays at a time; should two, they find out at their first insert.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from database import Database, Document, Duplicate, NoAnswer, Update
from services.clock import Clock
from services.log import log
from services.runtime.loop import BackgroundLoop, Pause
from services.store.collections import DAY_SHEETS, EVENTS, LEASES
from services.store.lease import Lease
from services.store.outboxes import Outbox, Outboxes

SWEEP = Pause(0.1, wakeable=True)
"""How often the relay looks for what other processes wrote, or a crash left."""
GATHER = Pause(0.05)
"""Between two passes that found something, so that they carry more."""
STAND_BY = Pause(1.0)
"""While another process relays, or the database does not answer."""
TRIM_AT = 16
"""An outbox is trimmed at this many events, or when its sheet is quiet.

Each pass reads whole outboxes: the longer they may grow, the more is read again and again; the
shorter, the more often a sheet is written only to be trimmed.
"""
_REMEMBERED = 5000


class RelayMetrics(Protocol):
    """Who wants to know how the relay fares; the call must return at once."""

    def backlog(self, events: int) -> None: ...


class EventRelay:
    """Copies events in the background, from `start` to `stop`; calls `on_copied` when it did."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        holder: str,
        metrics: RelayMetrics,
        *,
        on_copied: Callable[[], None] = lambda: None,
    ) -> None:
        self._sheets = DAY_SHEETS.of(database)
        self._events = EVENTS.of(database)
        self._clock = clock
        self._lease = Lease(LEASES.of(database), "relay", holder)
        self._loop = BackgroundLoop("relay", self._turn, after_failure=STAND_BY.seconds)
        self._seq: int | None = None
        self._copied: OrderedDict[str, int] = OrderedDict()
        self._outboxes = Outboxes(self._sheets, clock)
        self._caught_up = self._round_began = clock.now()
        self._interrupted = False
        self._metrics = metrics
        self._on_copied = on_copied

    def start(self) -> None:
        """Begin to relay."""
        self._loop.start()

    def wake(self) -> None:
        """Something was written: no need to wait for the next sweep."""
        self._loop.wake()

    async def stop(self) -> None:
        """Relay what is left, as far as the database answers, and let the lease go."""
        if not self._loop.started:
            return
        await self._loop.stop()
        self._seq = None  # the pass that was cancelled may have copied some
        try:
            if await self._lease.hold(self._clock.now()):
                await self._pass()
                await self._lease.release()
        except (NoAnswer, Duplicate) as error:
            log.warning("relay_stopped_early", error=str(error) or type(error).__name__)

    async def lag(self) -> timedelta | None:
        """How long ago every event written until then had been copied; None if nobody knows."""
        if self._seq is not None:
            return self._clock.now() - self._caught_up
        try:
            caught_up = await self._lease.note()
        except NoAnswer:
            return None
        return None if caught_up is None else self._clock.now() - caught_up

    async def _turn(self) -> Pause:
        try:
            pause = await self._pass_if_held()
        except Exception as error:
            self._seq = None
            if not isinstance(error, NoAnswer | Duplicate):
                raise
            if not self._interrupted:  # said once, not every few seconds of a night
                log.warning("relay_interrupted", error=str(error) or type(error).__name__)
            self._interrupted = True
            return STAND_BY
        self._interrupted = False
        return pause

    async def _pass_if_held(self) -> Pause:
        """One pass if this process holds the lease."""
        if not await self._lease.hold(self._clock.now(), self._caught_up):
            self._seq = None
            self._metrics.backlog(0)  # it is another's
            return STAND_BY
        return GATHER if await self._pass() else SWEEP

    async def _pass(self) -> bool:
        """Copy what stands in the outboxes; whether there was anything."""
        if self._seq is None:
            self._seq = await self._last_seq()
            self._copied.clear()
            self._outboxes.begin_anew()
        if self._outboxes.whole:
            self._round_began = self._clock.now()
        outboxes = await self._outboxes.next()
        await self._learn_copied([each for each in outboxes if each.sheet_id not in self._copied])
        fresh = [
            (outbox.sheet_id, event)
            for outbox in outboxes
            for event in outbox.events
            if _n(event) > self._copied[outbox.sheet_id]
        ]
        self._metrics.backlog(len(fresh))
        if fresh:
            await self._copy(fresh)
            self._metrics.backlog(0)
        await self._trim(outboxes, {sheet_id for sheet_id, _ in fresh})
        if self._outboxes.whole:
            self._caught_up = self._round_began
        return bool(fresh)

    async def _last_seq(self) -> int:
        last = await self._events.find({}, {"_id": 1}, order="_id", descending=True, limit=1)
        seq = last[0]["_id"] if last else 0
        return seq if isinstance(seq, int) else 0

    async def _learn_copied(self, outboxes: list[Outbox]) -> None:
        """Of sheets not met before: up to which n their events were copied already."""
        if not outboxes:
            return
        documents = await self._events.find(
            {"$or": [{"sheet": each.sheet_id, "n": {"$gte": _first_n(each)}} for each in outboxes]},
            {"sheet": 1, "n": 1},
        )
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
            await self._events.insert_in_order(copies)
        except Duplicate:
            # Another process relays too. Its copies stand; learn anew where they end.
            self._seq = None
            raise
        self._seq += len(copies)
        self._on_copied()
        for sheet_id, event in fresh:
            self._copied[sheet_id] = _n(event)
            self._copied.move_to_end(sheet_id)
        while len(self._copied) > _REMEMBERED:
            self._copied.popitem(last=False)

    async def _trim(self, outboxes: list[Outbox], busy: set[str]) -> None:
        """Take copied events out of outboxes that are long or quiet."""
        updates = []
        for outbox in outboxes:
            sheet_id, next_event = outbox.sheet_id, outbox.next_event
            pull = {"$pull": {"outbox": {"n": {"$lte": self._copied.get(sheet_id, 0)}}}}
            if sheet_id not in busy:
                # Only if it is quiet still: else the next pass sees what came.
                where: Document = {"_id": sheet_id, "nextEvent": next_event}
                updates.append(Update(where, {**pull, "$unset": {"unrelayed": ""}}))
            elif len(outbox.events) >= TRIM_AT:
                updates.append(Update({"_id": sheet_id, "nextEvent": {"$gte": next_event}}, pull))
        if updates:
            await self._sheets.write(updates)


def _n(event: Document) -> int:
    n = event.get("n")
    return n if isinstance(n, int) else 0


def _first_n(outbox: Outbox) -> int:
    return _n(outbox.events[0]) if outbox.events else outbox.next_event
