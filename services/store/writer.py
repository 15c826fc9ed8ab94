"""Group commit: commands on sheets, decided in order and written exactly once.

Commands wait in a queue for each sheet. A batch takes the queues that have waiting commands and no
write under way, decides them on the newest sheets known, and sends one bulk write; meanwhile the
next commands gather. A write names the version it was decided on, so it takes place only if no
other process wrote since; one that lost is decided again on the new sheet. What was not answered
is settled, each sheet by itself (services/store/settling.py).
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from database import Database, Done, Outcome, Refused, Unknown, Why, Write
from engine.decide import SheetCommand
from engine.decision import Decision
from models.errors import Busy, DocumentDamaged, OutcomeUnknown, Refusal, SheetFull
from models.events import Event
from models.sheet import Sheet
from services.clock import stopwatch
from services.log import log
from services.store.batches import Batches
from services.store.codec import insertion, update
from services.store.collections import DAY_SHEETS
from services.store.loader import SheetLoader
from services.store.settling import Happened, Lost, NeverLearnt, Sent, Settler

Decide = Callable[[Sheet, SheetCommand], Decision]

BATCHES = 4
"""Bulk writes under way at once, each on sheets of its own."""
SHEETS = 16
"""Sheets that one batch takes at the most.

One batch for all would have this process and the database take turns, each idle while the other
works; several of this size keep both busy.
"""
MOST_WAITING = 160
"""Commands whose outcome may be open; past them the store is busy.

A quarter more than the clients that saturate a process (128): more would wait longer without more
being done. At twice as many the slowest took more than twice as long.
"""
MOST_TRIES = 12
"""Races that a command may lose before the store is busy."""
OUTCOME_SECONDS = 10.0
"""How long a caller waits for an outcome."""


class Watcher(Protocol):
    """Who wants to know how the store fares; every call must return at once."""

    def waiting(self, commands: int) -> None: ...
    def flushed(self, sheets: int, commands: int, seconds: float) -> None: ...
    def conflicted(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Pending:
    """A command on its way. `sent`: its write leaves, so it may have happened."""

    command: SheetCommand
    answer: "asyncio.Future[Decision]"
    tries: int = 0
    sent: bool = False


@dataclass(slots=True, eq=False)
class _Queue:
    """The commands of one sheet. `busy`: some are under way. `lost`: races lost in a row."""

    sheet_id: str
    waiting: deque[_Pending] = field(default_factory=deque)
    busy: bool = False
    lost: int = 0


Answers = list[tuple[_Pending, Decision | Exception]]


@dataclass(slots=True, eq=False)
class _Attempt:
    """Commands decided on `base`, giving `new`; `sent` is None where nothing changes."""

    queue: _Queue
    base: Sheet
    new: Sheet
    answers: Answers
    sent: Sent | None = None


class SheetWriter:
    """Takes commands on sheets and writes what they decide."""

    def __init__(
        self,
        database: Database,
        loader: SheetLoader,
        decide: Decide,
        *,
        name: str,
        new_sheet: Callable[[str], Sheet],
        chance: random.Random,
        watcher: Watcher,
        on_stored: Callable[[], None],
    ) -> None:
        self._sheets = DAY_SHEETS.of(database)
        self._loader = loader
        self._decide = decide
        self._name = name
        self._new_sheet = new_sheet
        self._chance = chance
        self._watcher = watcher
        self._on_stored = on_stored
        self._queues: dict[str, _Queue] = {}
        self._waiting = 0
        self._writes = 0
        self._batches = Batches(BATCHES, self._take)
        self._settler = Settler(self._sheets, name)
        self._settling: set[asyncio.Task[None]] = set()
        self.patience = OUTCOME_SECONDS
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """Commands whose outcome is open."""
        return self._waiting

    @property
    def full(self) -> bool:
        """Whether a command would be refused as one too many."""
        return self._waiting >= MOST_WAITING

    async def submit(self, sheet_id: str, command: SheetCommand) -> Decision:
        """Have a command decided and written.

        Raises the engine's refusal; Busy when too many wait or the race was lost too often;
        DatabaseUnavailable, DocumentDamaged; OutcomeUnknown when the database does not tell in
        time whether the write took place. A caller who leaves does not stop a write under way.
        """
        if self._stopping or self.full:
            raise Busy
        loop = asyncio.get_running_loop()
        pending = _Pending(command, loop.create_future())
        queue = self._queues.get(sheet_id)
        if queue is None:
            queue = self._queues[sheet_id] = _Queue(sheet_id)
        queue.waiting.append(pending)
        self._waiting += 1
        self._watcher.waiting(self._waiting)
        self._idle.clear()
        self._batches.launch_soon()
        deadline = loop.call_later(self.patience, _expire, pending)
        try:
            return await pending.answer
        finally:
            deadline.cancel()
            self._waiting -= 1
            self._watcher.waiting(self._waiting)
            if not self._waiting:
                self._idle.set()

    async def stop(self, within: float = OUTCOME_SECONDS) -> None:
        """Take no more commands, and see those that were taken to their end, if it comes in time.

        `within` is in seconds; no caller waits longer than OUTCOME_SECONDS anyhow.
        """
        self._stopping = True
        try:
            async with asyncio.timeout(within):
                await self._idle.wait()
        except TimeoutError:
            log.warning("stopped_early", open_commands=self._waiting)
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

    async def _run(self, queues: list[_Queue]) -> None:
        bases = await self._bases(queues)
        attempts = [self._attempt(queue, bases[queue.sheet_id]) for queue in queues]
        made = [attempt for attempt in attempts if attempt is not None]
        await asyncio.gather(
            self._write(
                [(attempt, sent) for attempt in made if (sent := attempt.sent) is not None]
            ),
            self._verify([attempt for attempt in made if attempt.sent is None]),
        )

    def _release(self, queue: _Queue) -> None:
        """Let the next commands go; after a lost race not all processes at once."""
        if queue.lost > 1:
            pause = self._chance.uniform(0, 0.001 * 2 ** min(queue.lost, 6))
            asyncio.get_running_loop().call_later(pause, self._reopen, queue)
        else:
            self._reopen(queue)

    def _reopen(self, queue: _Queue) -> None:
        queue.busy = False
        if queue.waiting:
            self._batches.launch_soon()
        else:
            self._queues.pop(queue.sheet_id, None)

    # Deciding

    async def _bases(self, queues: Sequence[_Queue]) -> dict[str, Sheet | Exception]:
        """The sheets to decide on: as last seen, else as stored, else new."""
        bases: dict[str, Sheet | Exception] = {}
        unseen = []
        for queue in queues:
            sheet = self._loader.cached(queue.sheet_id)
            if sheet is None:
                unseen.append(queue)
            else:
                bases[queue.sheet_id] = sheet
        if unseen:
            try:
                bases.update(await self._load(unseen))
            except Refusal as refusal:
                bases.update((queue.sheet_id, refusal) for queue in unseen)
            except Exception as error:  # noqa: BLE001  # whatever it is, its callers are to be told
                log.error("load_failed", sheets=len(unseen), exc_info=error)
                bases.update((queue.sheet_id, error) for queue in unseen)
        return bases

    async def _load(self, queues: Sequence[_Queue]) -> dict[str, Sheet | DocumentDamaged]:
        """Each sheet as stored; a new one where none is. Raises DatabaseUnavailable."""
        turns = [queue.sheet_id for queue in queues if queue.lost > 1]
        found = await self._loader.fetch([queue.sheet_id for queue in queues if queue.lost <= 1])
        for sheet_id, sheet in zip(
            turns, await asyncio.gather(*map(self._loader.take_turn, turns)), strict=True
        ):
            if sheet is not None:
                found[sheet_id] = sheet
        for queue in queues:
            if queue.sheet_id not in found:
                found[queue.sheet_id] = self._new_sheet(queue.sheet_id)
        return found

    def _attempt(self, queue: _Queue, base: Sheet | Exception) -> _Attempt | None:
        """Decide what waits; None when that needs nothing of the database."""
        commands = [pending for pending in queue.waiting if not pending.answer.done()]
        queue.waiting.clear()
        if isinstance(base, Sheet) and commands:
            try:
                return self._decide_on(queue, base, commands)
            except Exception as error:  # noqa: BLE001  # one sheet's fault must not hurt others
                log.error("attempt_failed", sheet=queue.sheet_id, exc_info=error)
                base = error
        if isinstance(base, Exception):
            _answer((pending, base) for pending in commands)
        self._release(queue)
        return None

    def _decide_on(self, queue: _Queue, base: Sheet, commands: Sequence[_Pending]) -> _Attempt:
        sheet = base
        events: list[Event] = []
        answers: Answers = []
        for pending in commands:
            try:
                decision = self._decide(sheet, pending.command)
            except Refusal as refusal:
                answers.append((pending, refusal))
            except Exception as error:  # noqa: BLE001  # one command's fault must not hurt others
                log.error("decision_failed", sheet=queue.sheet_id, exc_info=error)
                answers.append((pending, error))
            else:
                sheet = decision.sheet
                events += decision.events
                answers.append((pending, decision))
        if not events:
            return _Attempt(queue, base, base, answers)
        for pending in commands:
            pending.sent = True  # from here on its write leaves, whatever comes in between
        new = sheet.changed(version=base.version + 1)
        return _Attempt(queue, base, new, answers, self._sent(base, new, events))

    def _sent(self, base: Sheet, new: Sheet, events: list[Event]) -> Sent:
        self._writes += 1
        if base.version == 0:
            write: Write = insertion(new, events, self._name, self._writes)
        else:
            write = update(base, new, events, self._name, self._writes)
        return Sent(new.id, base.version, self._writes, write)

    # Writing

    async def _write(self, attempts: Sequence[tuple[_Attempt, Sent]]) -> None:
        if not attempts:
            return
        commands = sum(len(attempt.answers) for attempt, _ in attempts)
        began = stopwatch()
        outcomes = await self._send([sent.write for _, sent in attempts])
        self._watcher.flushed(len(attempts), commands, stopwatch() - began)
        for (attempt, sent), outcome in zip(attempts, outcomes, strict=True):
            if isinstance(outcome, Done):
                self._happened(attempt, newest=True)
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
            if isinstance(outcome, Unknown) and outcome.error is not None:
                log.warning("write_unanswered", sheets=len(writes), error=outcome.error)
                break
        return outcomes

    async def _settle(self, attempt: _Attempt, sent: Sent, outcome: Outcome) -> None:
        """Find out what became of a write, and let its sheet's next commands go."""
        try:
            verdict = await self._settler.settle(sent, outcome)
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

    def _happened(self, attempt: _Attempt, *, newest: bool) -> None:
        if newest:
            self._loader.remember(attempt.new)
        else:
            self._loader.forget(attempt.new.id)
        attempt.queue.lost = 0
        self._on_stored()
        _answer(attempt.answers)
        self._release(attempt.queue)

    def _lost(self, attempt: _Attempt) -> None:
        """Another process wrote first: this decision can never take place, so decide again."""
        self._loader.forget(attempt.base.id)
        self._watcher.conflicted()
        attempt.queue.lost += 1
        again = []
        for pending, _ in attempt.answers:
            pending.sent = False
            pending.tries += 1
            if pending.tries < MOST_TRIES:
                again.append(pending)
            else:
                _answer([(pending, Busy())])
        attempt.queue.waiting.extendleft(reversed(again))
        self._release(attempt.queue)

    def _drop(self, attempt: _Attempt, error: Exception) -> None:
        """Nothing more will come of it."""
        self._loader.forget(attempt.base.id)
        _answer((pending, error) for pending, _ in attempt.answers)
        self._release(attempt.queue)

    async def _verify(self, attempts: Sequence[_Attempt]) -> None:
        """Refusals and repeats write nothing; they hold if the sheet they were decided on does."""
        if not attempts:
            return
        try:
            versions = await self._loader.versions([each.base.id for each in attempts])
        except Exception as error:  # noqa: BLE001  # whatever it is, its callers are to be told
            if not isinstance(error, Refusal):
                log.error("verification_failed", sheets=len(attempts), exc_info=error)
            for attempt in attempts:
                self._drop(attempt, error)
            return
        for attempt in attempts:
            if versions.get(attempt.base.id, 0) == attempt.base.version:
                _answer(attempt.answers)
                self._release(attempt.queue)
            else:
                self._lost(attempt)


def _expire(pending: _Pending) -> None:
    """Nobody waits longer than OUTCOME_SECONDS; what has not been sent never will be."""
    if not pending.answer.done():
        pending.answer.set_exception(OutcomeUnknown() if pending.sent else Busy())


def _answer(answers: Iterable[tuple[_Pending, Decision | Exception]]) -> None:
    for pending, answer in answers:
        if pending.answer.done():
            continue  # its caller has left
        if isinstance(answer, Exception):
            pending.answer.set_exception(answer)
        else:
            pending.answer.set_result(answer)
