"""What became of a write that was not answered: by its number in the sheet it is found out.

Every write leaves this process's name and the number of the write in the sheet (`writers`). The
number is there: it took place, however many others wrote since. The version moved on without it:
it never will. Neither: the same write is sent again as it stands, since the first may be under way
yet, but both name one state of the sheet, so at most one takes place. A version that went *back*
tells nothing: a failover or a restore is putting an older sheet there, and it is looked at again.
"""

import asyncio
from dataclasses import dataclass
from typing import TypeGuard

from database import Collection, Done, NoAnswer, Outcome, Refused, Unknown, Why, Write
from models.sheet import NEVER_STORED, Stamp
from services.clock import stopwatch
from services.log import log
from services.store.batches import Inquiry
from services.store.codec import STAMP_FIELDS, read_stamp

RESOLVE_SECONDS = 60.0
"""How long the store goes on asking what became of a write."""
_QUERIES = 2
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Sent:
    """A write decided on a sheet in the state `base`; `number` is the write's own."""

    sheet_id: str
    base: Stamp
    new: Stamp
    number: int
    write: Write


@dataclass(frozen=True, slots=True)
class Happened:
    """It took place; `newest`: and nobody has written since."""

    newest: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """Another process wrote first: this write can never take place."""


@dataclass(frozen=True, slots=True)
class NeverLearnt:
    """The database did not tell in all the time."""


Verdict = Happened | Lost | Refused | NeverLearnt


@dataclass(frozen=True, slots=True)
class _Mark:
    """In which state a sheet is stored, and the number of this process's last write in it.

    `stamp` is None where it can't be read.
    """

    stamp: Stamp | None
    number: object

    def is_behind(self, sent: Sent) -> bool:
        """Whether an older sheet stands there than the one that was written on."""
        return self.stamp is not None and self.stamp[0] < sent.base[0]


class Settler:
    """Settles each write by itself: one that can't be settled holds up no other."""

    def __init__(self, sheets: Collection, name: str) -> None:
        """`name`: that of this process in `writers`."""
        self._sheets = sheets
        self._name = name
        self._marks = Inquiry(_QUERIES, self._read_marks)

    async def settle(self, sent: Sent, outcome: Outcome, *, patience: float) -> Verdict:
        """What became of a write whose first outcome was this one.

        `patience`: for how many seconds a sheet that went back is looked at again.
        """
        began = stopwatch()
        pause = _FIRST_PAUSE
        while True:
            mark = await self._mark(sent)
            verdict = None if mark is None else _judge(sent, mark, outcome)
            if verdict is not None:
                return verdict
            behind = mark is not None and mark.is_behind(sent)
            if stopwatch() - began > (patience if behind else RESOLVE_SECONDS):
                return NeverLearnt()
            if mark is None or behind:
                outcome = Unknown()
            else:
                (outcome,) = await self._sheets.write([sent.write])
                if isinstance(outcome, Done):
                    return Happened(newest=True)
            if not _is_final(outcome):
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)

    async def _mark(self, sent: Sent) -> _Mark | None:
        """The sheet as it is stored; None if the database does not say."""
        try:
            found = await self._marks.about([sent.sheet_id])
        except NoAnswer:
            return None
        return found.get(sent.sheet_id, _Mark(NEVER_STORED, None))

    async def _read_marks(self, sheet_ids: set[str]) -> dict[str, _Mark]:
        fields = {**STAMP_FIELDS, f"writers.{self._name}": 1}
        try:
            documents = await self._sheets.find({"_id": {"$in": list(sheet_ids)}}, fields)
        except NoAnswer as error:
            log.warning("outcome_unread", sheets=len(sheet_ids), error=str(error))
            raise
        marks = {}
        for document in documents:
            writers = document.get("writers")
            number = writers.get(self._name) if isinstance(writers, dict) else None
            marks[str(document["_id"])] = _Mark(read_stamp(document), number)
        return marks


def _judge(sent: Sent, mark: _Mark, outcome: Outcome) -> Verdict | None:
    """What the stored sheet tells of a write; None if that is nothing yet."""
    if mark.number == sent.number:
        return Happened(newest=mark.stamp == sent.new)
    if mark.is_behind(sent):
        return None
    if mark.stamp != sent.base:  # also at the same version: that one is another write's
        return Lost()
    return outcome if _is_final(outcome) else None


def _is_final(outcome: Outcome) -> TypeGuard[Refused]:
    """Whether the same write would be refused again: the sheet exists when an earlier copy made it."""
    return isinstance(outcome, Refused) and outcome.why is not Why.EXISTS
