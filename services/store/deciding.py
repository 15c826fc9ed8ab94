"""Deciding what waits: each sheet's commands in turn, on the newest sheet known."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from database import Write
from engine.decide import SheetCommand
from engine.decision import Decision
from models.errors import Refusal
from models.events import Event
from models.sheet import Sheet
from services.clock import stopwatch
from services.log import log
from services.store.codec import insertion, update
from services.store.loader import SheetLoader
from services.store.settling import Sent
from services.store.turns import RACES_LOST, Turns

Decide = Callable[[Sheet, SheetCommand], Decision]


@dataclass(slots=True, eq=False)
class Pending:
    """A command on its way. `sent`: its write leaves, so it may have happened.

    `waits_since`: by the stopwatch, when it was handed in or lost its last race. It has heard
    nothing of the database since.
    """

    command: SheetCommand
    answer: "asyncio.Future[Decision]"
    waits_since: float
    sent: bool = False


@dataclass(slots=True, eq=False)
class CommandQueue:
    """The commands of one sheet.

    `busy`: some are under way. `lost`: races lost in a row. `waits`: it is another process's turn.
    """

    sheet_id: str
    waiting: deque[Pending] = field(default_factory=deque)
    busy: bool = False
    lost: int = 0
    waits: bool = False


Answers = list[tuple[Pending, Decision | Exception]]


@dataclass(slots=True, eq=False)
class Attempt:
    """Commands decided on `base`, giving `new`; `sent` is None where nothing changes."""

    queue: CommandQueue
    base: Sheet
    new: Sheet
    answers: Answers
    sent: Sent | None = None


class Decider:
    """Makes attempts of what waits. `name`: that of this process in `writers`."""

    def __init__(
        self,
        loader: SheetLoader,
        decide: Decide,
        new_sheet: Callable[[str], Awaitable[Sheet]],
        name: str,
    ) -> None:
        self._loader = loader
        self._decide = decide
        self._new_sheet = new_sheet
        self._name = name
        self._writes = 0
        self.turns = Turns(loader, name, self._name_write)

    async def decide(self, queues: Sequence[CommandQueue]) -> list[Attempt | None]:
        """For each queue its attempt; None where nothing is left to ask of the database, or not yet.

        Not yet: it is another process's turn to write that sheet, so the commands stay.
        """
        bases = await self._bases(queues)
        return [self._attempt(queue, bases[queue.sheet_id]) for queue in queues]

    async def _bases(self, queues: Sequence[CommandQueue]) -> dict[str, Sheet | Exception | None]:
        """The sheets to decide on: as last seen, else as stored, else new; None: another's turn."""
        bases: dict[str, Sheet | Exception | None] = {}
        unseen = []
        for queue in queues:
            sheet = self._loader.cached(queue.sheet_id)
            if sheet is None or _contends(queue) or self.turns.is_other(sheet):
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

    async def _load(self, queues: Sequence[CommandQueue]) -> dict[str, Sheet | Exception | None]:
        """Each sheet as stored; a new one where none is. Raises DatabaseUnavailable."""
        contended = [queue.sheet_id for queue in queues if _contends(queue)]
        plain = [queue.sheet_id for queue in queues if not _contends(queue)]
        bases: dict[str, Sheet | Exception | None] = {}
        for sheet_id, sheet in zip(
            contended, await asyncio.gather(*map(self.turns.take, contended)), strict=True
        ):
            if sheet is not None or self.turns.waits_for(sheet_id):
                bases[sheet_id] = sheet
            else:
                plain.append(sheet_id)
        found = await self._loader.fetch(plain)
        for sheet_id, stored in found.items():
            is_other = isinstance(stored, Sheet) and self.turns.is_other(stored)
            bases[sheet_id] = None if is_other else stored
        missing = [sheet_id for sheet_id in plain if sheet_id not in found]
        bases.update(zip(missing, await asyncio.gather(*map(self._open, missing)), strict=True))
        return bases

    async def _open(self, sheet_id: str) -> Sheet | Refusal:
        """A new sheet, or what stands against it: it must not hurt others."""
        try:
            return await self._new_sheet(sheet_id)
        except Refusal as refusal:
            return refusal

    def _attempt(self, queue: CommandQueue, base: Sheet | Exception | None) -> Attempt | None:
        commands = [pending for pending in queue.waiting if not pending.answer.done()]
        queue.waiting.clear()
        queue.waits = base is None and bool(commands)
        if queue.waits:
            for pending in commands:
                pending.waits_since = stopwatch()  # the database has told whose turn it is
            queue.waiting.extend(commands)
            return None
        if isinstance(base, Sheet) and commands:
            try:
                return self._decide_on(queue, base, commands)
            except Exception as error:  # noqa: BLE001  # one sheet's fault must not hurt others
                log.error("attempt_failed", sheet=queue.sheet_id, exc_info=error)
                base = error
        if isinstance(base, Exception):
            give((pending, base) for pending in commands)
        return None

    def _decide_on(self, queue: CommandQueue, base: Sheet, commands: Sequence[Pending]) -> Attempt:
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
            return Attempt(queue, base, base, answers)
        for pending in commands:
            pending.sent = True  # from here on its write leaves, whatever comes in between
        new = sheet.changed(version=base.version + 1, last_write=self._name_write(), turn=None)
        return Attempt(queue, base, new, answers, self._sent(base, new, events))

    def _sent(self, base: Sheet, new: Sheet, events: list[Event]) -> Sent:
        if base.version == 0:
            write: Write = insertion(new, events, self._name, self._writes)
        else:
            write = update(base, new, events, self._name, self._writes)
        return Sent(new.id, base.stamp, new.stamp, self._writes, write)

    def _name_write(self) -> str:
        """A name that no other write has, of any process: this one's name, and a count."""
        self._writes += 1
        return f"{self._name}.{self._writes}"


def _contends(queue: CommandQueue) -> bool:
    """Whether its commands go by turns: races were lost, or another's turn was met."""
    return queue.waits or queue.lost >= RACES_LOST


def give(answers: Iterable[tuple[Pending, Decision | Exception]]) -> None:
    """Tell the callers who are still there."""
    for pending, answer in answers:
        if pending.answer.done():
            continue  # its caller has left
        if isinstance(answer, Exception):
            pending.answer.set_exception(answer)
        else:
            pending.answer.set_result(answer)
