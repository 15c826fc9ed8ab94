"""Group commit: commands on sheets, decided in order and written exactly once.

Commands wait in a queue for each sheet. A batch takes the queues that have waiting commands and no
write under way, decides them on the newest sheets known, and sends one bulk write; meanwhile the
next commands gather. A write names the version it was decided on, so it takes place only if no
other process wrote since; one that lost is decided again on the new sheet. What was not answered
is settled, each sheet by itself (services/store/settling.py).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Protocol, assert_never

from database import Database, Done, Outcome, Refused, Unknown, Unsent, Why, Write
from engine.decide import SheetCommand
from engine.decision import Decision
from models.errors import (
    Busy,
    DatabaseUnavailable,
    DocumentDamaged,
    OutcomeUnknown,
    Refusal,
    SheetFull,
)
from models.sheet import NEVER_STORED, Sheet
from services.clock import stopwatch
from services.log import log
from services.store.batches import Batches
from services.store.collections import DAY_SHEETS
from services.store.deciding import Attempt, CommandQueue, Decide, Decider, Pending, give
from services.store.loader import SheetLoader
from services.store.room import Room
from services.store.settling import Happened, Lost, NeverLearnt, Sent, Settler

BATCHES = 4
"""Bulk writes under way at once, each on sheets of its own."""
SHEETS = 16
"""Sheets that one batch takes at the most.

One batch for all would have this process and the database take turns, each idle while the other
works; several of this size keep both busy.
"""
_LOOK_SECONDS = (0.005, 0.02)
"""How long to wait, at least and at most, until another's turn is looked at again."""
OUTCOME_SECONDS = 10.0
"""How long a caller waits for an outcome."""
SILENCE_SECONDS = 2.0
"""A database that has told a command nothing for so long does not answer."""


class WriterMetrics(Protocol):
    """Who wants to know how the store fares; every call must return at once."""

    def waiting(self, commands: int) -> None: ...
    def flushed(self, sheets: int, commands: int, seconds: float) -> None: ...
    def conflicted(self) -> None: ...


class SheetWriter:
    """Takes commands on sheets and writes what they decide."""

    def __init__(
        self,
        database: Database,
        loader: SheetLoader,
        decide: Decide,
        *,
        name: str,
        new_sheet: Callable[[str], Awaitable[Sheet]],
        chance: random.Random,
        metrics: WriterMetrics,
        on_stored: Callable[[], None],
    ) -> None:
        self._sheets = DAY_SHEETS.of(database)
        self._loader = loader
        self._decider = Decider(loader, decide, new_sheet, name)
        self._chance = chance
        self._metrics = metrics
        self._on_stored = on_stored
        self._queues: dict[str, CommandQueue] = {}
        self._room = Room(metrics.waiting)
        self._batches = Batches(BATCHES, self._take)
        self._settler = Settler(self._sheets, name)
        self._settling: set[asyncio.Task[None]] = set()
        self.patience = OUTCOME_SECONDS
        self._stopping = False

    @property
    def full(self) -> bool:
        """Whether a command would be refused as one too many, whoever asks."""
        return self._room.full

    async def submit(
        self, sheet_id: str, command: SheetCommand, counted_as: str | None = None
    ) -> Decision:
        """Have a command decided and written, counted as its actor's unless told as whose.

        Raises the engine's refusal; RateLimited when too many of that one wait; Busy when too many
        of all do, or its turn did not come in time; DatabaseUnavailable, DocumentDamaged;
        OutcomeUnknown when the database does not tell in time whether the write took place. A caller
        who leaves does not stop a write under way.
        """
        if self._stopping:
            raise Busy
        who = counted_as or command.actor
        self._room.enter(who)
        loop = asyncio.get_running_loop()
        pending = Pending(command, loop.create_future(), stopwatch())
        queue = self._queues.get(sheet_id)
        if queue is None:
            queue = self._queues[sheet_id] = CommandQueue(sheet_id)
        queue.waiting.append(pending)
        self._batches.launch_soon()
        deadline = loop.call_later(self.patience, _expire, pending)
        try:
            return await pending.answer
        finally:
            deadline.cancel()
            self._room.leave(who)

    async def stop(self, within: float = OUTCOME_SECONDS) -> None:
        """Take no more commands, and see those that were taken to their end, if it comes in time.

        `within` is in seconds; no caller waits longer than OUTCOME_SECONDS anyhow.
        """
        self._stopping = True
        try:
            async with asyncio.timeout(within):
                await self._room.emptied()
        except TimeoutError:
            log.warning("stopped_early", open_commands=self._room.open)
        self._batches.cancel()
        for settling in self._settling:
            settling.cancel()

    # Batches

    def _take(self) -> Coroutine[None, None, None] | None:
        queues = []
        for queue in self._queues.values():
            if queue.waiting and not queue.busy:
                queues.append(queue)
                if len(queues) == SHEETS:
                    break
        for queue in queues:
            queue.busy = True
            self._queues[queue.sheet_id] = self._queues.pop(queue.sheet_id)  # behind who waits
        return self._run(queues) if queues else None

    async def _run(self, queues: list[CommandQueue]) -> None:
        attempts = await self._decider.decide(queues)
        for queue, attempt in zip(queues, attempts, strict=True):
            if attempt is None:
                self._release(queue)
        made = [attempt for attempt in attempts if attempt is not None]
        await asyncio.gather(
            self._write(
                [(attempt, sent) for attempt in made if (sent := attempt.sent) is not None]
            ),
            self._verify([attempt for attempt in made if attempt.sent is None]),
        )

    def _release(self, queue: CommandQueue) -> None:
        """Let the next commands go; on another's turn after a while, not all processes at once."""
        if queue.waits:
            pause = self._chance.uniform(*_LOOK_SECONDS)
            asyncio.get_running_loop().call_later(pause, self._reopen, queue)
        else:
            self._reopen(queue)

    def _reopen(self, queue: CommandQueue) -> None:
        queue.busy = False
        if queue.waiting:
            self._batches.launch_soon()
        else:
            self._queues.pop(queue.sheet_id, None)

    # Writing

    async def _write(self, attempts: Sequence[tuple[Attempt, Sent]]) -> None:
        if not attempts:
            return
        commands = sum(len(attempt.answers) for attempt, _ in attempts)
        began = stopwatch()
        outcomes = await self._send([sent.write for _, sent in attempts])
        self._metrics.flushed(len(attempts), commands, stopwatch() - began)
        for (attempt, sent), outcome in zip(attempts, outcomes, strict=True):
            if isinstance(outcome, Done):
                self._happened(attempt, newest=True)
            elif isinstance(outcome, Unsent):
                self._drop(attempt, DatabaseUnavailable())
            else:
                settling = asyncio.create_task(self._settle(attempt, sent, outcome))
                self._settling.add(settling)
                settling.add_done_callback(self._settling.discard)

    async def _send(self, writes: Sequence[Write]) -> list[Outcome]:
        try:
            outcomes = await self._sheets.write(writes)
        except Exception as error:  # noqa: BLE001  # one that can't be encoded says nothing of the others
            log.error("write_failed", sheets=len(writes), exc_info=error)
            return [Unknown(type(error).__name__)] * len(writes)
        for outcome in outcomes:
            if isinstance(outcome, Unknown | Unsent) and outcome.error is not None:
                event = "write_unsent" if isinstance(outcome, Unsent) else "write_unanswered"
                log.warning(event, sheets=len(writes), error=outcome.error)
                break
        return outcomes

    async def _settle(self, attempt: Attempt, sent: Sent, outcome: Outcome) -> None:
        """Find out what became of a write, and let its sheet's next commands go."""
        try:
            verdict = await self._settler.settle(sent, outcome, patience=self.patience)
        except Exception as error:  # noqa: BLE001  # whatever it is, its callers are to be told
            log.error("settling_failed", sheet=sent.sheet_id, exc_info=error)
            verdict = NeverLearnt()
        match verdict:
            case Happened():
                self._happened(attempt, newest=verdict.newest)
            case Lost():
                self._lost(attempt)
            case Refused(Why.TOO_LARGE):
                log.error("sheet_too_large", sheet=sent.sheet_id, code=verdict.code)
                self._drop(attempt, SheetFull())
            case Refused():
                why = f"the database refuses to write it (error {verdict.code})"
                log.error("document_damaged", document=sent.sheet_id, why=why)
                self._drop(attempt, DocumentDamaged(sent.sheet_id, why))
            case NeverLearnt():
                log.error("outcome_never_learnt", sheet=sent.sheet_id)
                self._drop(attempt, OutcomeUnknown())  # its callers were told so long ago
            case _:
                assert_never(verdict)

    def _happened(self, attempt: Attempt, *, newest: bool) -> None:
        if newest:
            self._loader.remember(attempt.new)
        else:
            self._loader.forget(attempt.new.id)
        attempt.queue.lost = 0
        self._on_stored()
        give(attempt.answers)
        self._release(attempt.queue)

    def _lost(self, attempt: Attempt) -> None:
        """Another process wrote first: this decision can never take place, so decide again."""
        self._loader.forget(attempt.base.id)
        self._metrics.conflicted()
        attempt.queue.lost += 1
        for pending, _ in reversed(attempt.answers):
            pending.sent = False
            pending.waits_since = stopwatch()
            attempt.queue.waiting.appendleft(pending)
        self._release(attempt.queue)

    def _drop(self, attempt: Attempt, error: Exception) -> None:
        """Nothing more will come of it."""
        self._loader.forget(attempt.base.id)
        give((pending, error) for pending, _ in attempt.answers)
        self._release(attempt.queue)

    async def _verify(self, attempts: Sequence[Attempt]) -> None:
        """Refusals and repeats write nothing; they hold if the sheet they were decided on does."""
        if not attempts:
            return
        try:
            stamps = await self._loader.stamps([each.base.id for each in attempts])
        except Exception as error:  # noqa: BLE001  # whatever it is, its callers are to be told
            if not isinstance(error, Refusal):
                log.error("verification_failed", sheets=len(attempts), exc_info=error)
            for attempt in attempts:
                self._drop(attempt, error)
            return
        for attempt in attempts:
            if stamps.get(attempt.base.id, NEVER_STORED) == attempt.base.stamp:
                give(attempt.answers)
                await self._decider.turns.give_back(attempt.base)
                self._release(attempt.queue)
            else:
                self._lost(attempt)


def _expire(pending: Pending) -> None:
    """Nobody waits longer than OUTCOME_SECONDS; what has not been sent never will be."""
    if pending.answer.done():
        return
    if pending.sent:
        told: Refusal = OutcomeUnknown()
    elif stopwatch() - pending.waits_since > SILENCE_SECONDS:
        told = DatabaseUnavailable()
    else:
        told = Busy()
    pending.answer.set_exception(told)
