"""Turns: who keeps losing races for a sheet is let write.

A process that wrote last knows the sheet and needs one exchange for its next write; the others must
read first and need two, so under load they would lose for as long as it goes on. Who lost two races
in a row puts its name into the sheet, which is a write, so that of whoever knew it the next one
fails. Then only the holder writes; its write takes the name out. The others wait, and look now and
then. A name that stands there unchanged for a while was left by a crash, or by a process that is
too slow: it is taken over. Time is measured by each process's own stopwatch.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from models.errors import DatabaseUnavailable, DocumentDamaged
from models.sheet import Sheet
from services.clock import stopwatch
from services.store.loader import SheetLoader, Turn

RACES_LOST = 2
"""In a row, before a process takes turns."""
TAKEOVER_SECONDS = 0.1
"""How long another's name must stand unchanged; doubled each time that this led nowhere."""
_LONGEST_TAKEOVER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Seen:
    turn: Turn
    at: float
    """By the stopwatch."""
    patience: float
    """In seconds."""


class Turns:
    """The turns of one process. `name_write` gives each of its writes its name."""

    def __init__(self, loader: SheetLoader, holder: str, name_write: Callable[[], str]) -> None:
        self._loader = loader
        self._holder = holder
        self._name_write = name_write
        self._seen: dict[str, _Seen] = {}

    def is_other(self, sheet: Sheet) -> bool:
        """Whether it is another process's turn to write this sheet."""
        return sheet.turn is not None and sheet.turn != self._holder

    def waits_for(self, sheet_id: str) -> bool:
        """Whether it was another's turn when last looked at."""
        return sheet_id in self._seen

    async def take(self, sheet_id: str) -> Sheet | DocumentDamaged | None:
        """The sheet, on this process's turn; None while it is another's, or there is no sheet.

        Raises DatabaseUnavailable.
        """
        sheet = await self._reserve(sheet_id, None)
        if sheet is not None:
            self._seen.pop(sheet_id, None)
            return sheet
        turn = await self._loader.turn(sheet_id)
        if turn is None:
            self._seen.pop(sheet_id, None)
            return None
        seen = self._seen.get(sheet_id)
        if seen is None or seen.turn != turn:
            patience = TAKEOVER_SECONDS if seen is None else seen.patience
            self._seen[sheet_id] = _Seen(turn, stopwatch(), patience)
            return None
        if stopwatch() - seen.at < seen.patience:
            return None
        longer = min(_LONGEST_TAKEOVER_SECONDS, 2 * seen.patience)
        self._seen[sheet_id] = _Seen(turn, stopwatch(), longer)
        return await self._reserve(sheet_id, turn)

    async def give_back(self, sheet: Sheet) -> None:
        """End a turn in which there was nothing to write."""
        if sheet.turn == self._holder:
            with suppress(DatabaseUnavailable):  # then the others take it over
                await self._loader.give_back(sheet)

    async def _reserve(
        self, sheet_id: str, instead_of: Turn | None
    ) -> Sheet | DocumentDamaged | None:
        return await self._loader.reserve(
            sheet_id, self._holder, self._name_write(), instead_of=instead_of
        )
