"""What became of a write that was not answered: by its number in the sheet it is found out.

Every write leaves this process's name and the number of the write in the sheet (`writers`). The
number is there: it took place, however many others wrote since. The version moved on without it:
it never will. Neither: the same write is sent again as it stands, since the first may be under way
yet, but both carry one version, so at most one takes place.
"""

import asyncio
from dataclasses import dataclass
from typing import TypeGuard

from database import Collection, Done, NoAnswer, Outcome, Refused, Unknown, Why, Write
from services.clock import stopwatch
from services.log import log
from services.store.batches import Inquiry

RESOLVE_SECONDS = 60.0
"""How long the store goes on asking what became of a write."""
_QUERIES = 2
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Sent:
    """A write decided on a sheet at `version`, 0 if there was none; `number` is the write's own."""

    sheet_id: str
    version: int
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
    """Of a stored sheet its version, and the number of this process's last write in it."""

    version: object
    number: object


class Settler:
    """Settles each write by itself: one that can't be settled holds up no other."""

    def __init__(self, sheets: Collection, name: str) -> None:
        """`name`: that of this process in `writers`."""
        self._sheets = sheets
        self._name = name
        self._marks = Inquiry(_QUERIES, self._read_marks)

    async def settle(self, sent: Sent, outcome: Outcome) -> Verdict:
        """What became of a write whose first outcome was this one."""
        deadline = stopwatch() + RESOLVE_SECONDS
        pause = _FIRST_PAUSE
        while True:
            verdict, outcome = await self._look(sent, outcome)
            if verdict is not None:
                return verdict
            if stopwatch() > deadline:
                return NeverLearnt()
            if not _is_final(outcome):
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)

    async def _look(self, sent: Sent, outcome: Outcome) -> tuple[Verdict | None, Outcome]:
        """Read the sheet back, and send the write again where that tells nothing."""
        try:
            found = await self._marks.about([sent.sheet_id])
        except NoAnswer:
            return None, Unknown()
        mark = found.get(sent.sheet_id, _Mark(0, 0))
        if mark.number == sent.number:
            return Happened(newest=mark.version == sent.version + 1), outcome
        if mark.version != sent.version:
            return Lost(), outcome
        if _is_final(outcome):
            return outcome, outcome
        (outcome,) = await self._sheets.write([sent.write])
        return (Happened(newest=True) if isinstance(outcome, Done) else None), outcome

    async def _read_marks(self, sheet_ids: set[str]) -> dict[str, _Mark]:
        fields = {"version": 1, f"writers.{self._name}": 1}
        try:
            documents = await self._sheets.find({"_id": {"$in": list(sheet_ids)}}, fields)
        except NoAnswer as error:
            log.warning("outcome_unread", sheets=len(sheet_ids), error=str(error))
            raise
        marks = {}
        for document in documents:
            writers = document.get("writers")
            number = writers.get(self._name) if isinstance(writers, dict) else None
            marks[str(document["_id"])] = _Mark(document.get("version"), number)
        return marks


def _is_final(outcome: Outcome) -> TypeGuard[Refused]:
    """Whether the same write would be refused again: the sheet exists when an earlier copy made it."""
    return isinstance(outcome, Refused) and outcome.why is not Why.EXISTS
