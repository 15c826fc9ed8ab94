"""Deciding what waits: each sheet's commands in turn, on the newest sheet known."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from database import Write
from engine.decide import SheetCommand
from engine.decision import Decision
from models.errors import DocumentDamaged, Refusal
from models.events import Event
from models.sheet import Sheet
from services.log import log
from services.store.codec import insertion, update
from services.store.loader import SheetLoader
from services.store.settling import Sent

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
    tries: int = 0
    sent: bool = False


@dataclass(slots=True, eq=False)
class Queue:
    """The commands of one sheet. `busy`: some are under way. `lost`: races lost in a row."""

    sheet_id: str
    waiting: deque[Pending] = field(default_factory=deque)
    busy: bool = False
    lost: int = 0


Answers = list[tuple[Pending, Decision | Exception]]


@dataclass(slots=True, eq=False)
class Attempt:
    """Commands decided on `base`, giving `new`; `sent` is None where nothing changes."""

    queue: Queue
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
        new_sheet: Callable[[str], Sheet],
        name: str,
    ) -> None:
        self._loader = loader
        self._decide = decide
        self._new_sheet = new_sheet
        self._name = name
        self._writes = 0

    async def decide(self, queues: Sequence[Queue]) -> list[Attempt | None]:
        """For each queue its attempt; None where nothing is left to ask of the database."""
        bases = await self._bases(queues)
        return [self._attempt(queue, bases[queue.sheet_id]) for queue in queues]

    async def _bases(self, queues: Sequence[Queue]) -> dict[str, Sheet | Exception]:
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

    async def _load(self, queues: Sequence[Queue]) -> dict[str, Sheet | DocumentDamaged]:
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

    def _attempt(self, queue: Queue, base: Sheet | Exception) -> Attempt | None:
        commands = [pending for pending in queue.waiting if not pending.answer.done()]
        queue.waiting.clear()
        if isinstance(base, Sheet) and commands:
            try:
                return self._decide_on(queue, base, commands)
            except Exception as error:  # noqa: BLE001  # one sheet's fault must not hurt others
                log.error("attempt_failed", sheet=queue.sheet_id, exc_info=error)
                base = error
        if isinstance(base, Exception):
            give((pending, base) for pending in commands)
        return None

    def _decide_on(self, queue: Queue, base: Sheet, commands: Sequence[Pending]) -> Attempt:
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
        new = sheet.changed(version=base.version + 1)
        return Attempt(queue, base, new, answers, self._sent(base, new, events))

    def _sent(self, base: Sheet, new: Sheet, events: list[Event]) -> Sent:
        self._writes += 1
        if base.version == 0:
            write: Write = insertion(new, events, self._name, self._writes)
        else:
            write = update(base, new, events, self._name, self._writes)
        return Sent(new.id, base.version, self._writes, write)


def give(answers: Iterable[tuple[Pending, Decision | Exception]]) -> None:
    """Tell the callers who are still there."""
    for pending, answer in answers:
        if pending.answer.done():
            continue  # its caller has left
        if isinstance(answer, Exception):
            pending.answer.set_exception(answer)
        else:
            pending.answer.set_result(answer)
