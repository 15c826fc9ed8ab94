"""What is watched, as the feed has it painted: once for all who see the same.

A day that can't be read shows nothing, and is no reason to let go who watches others.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from answers.events import EventOut, show_event
from answers.lines import show_line
from answers.sight import Sight
from answers.tokens import show_token
from answers.watching import QueueMessage, TokenMessage
from models.access import Grant, Kind, Principal, Role
from models.errors import DocumentDamaged
from models.events import TokenEvent
from models.sheet import Sheet
from services.clock import Clock
from services.store.events import SeenEvent
from services.watch_service import Watched, WatchedLine, WatchedLines, WatchedToken, WatchService
from services.watcher import View
from services.wording.catalogue import Catalogue

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Easel:
    """What painting takes."""

    watching: WatchService
    words: Catalogue
    clock: Clock

    def views(self, watched: Sequence[Watched]) -> tuple[View, ...]:
        """The views of what is watched."""
        return tuple(self._view(each) for each in watched)

    def _view(self, watched: Watched) -> View:
        match watched:
            case WatchedLine():
                return SeenLine(watched, self)
            case WatchedToken():
                return SeenToken(watched, self)
            case WatchedLines():
                return SeenLines(watched, self)

    def sight(self, sheet: Sheet, seen_by: str | None, token_id: str | None = None) -> Sight:
        """What one sees who may not read names; None: one who may."""
        if seen_by is None:
            whole = Grant(id="names", role=Role.ADMIN, facility_id=sheet.facility_id)
            principal = Principal(id="names", kind=Kind.SYSTEM, grants=(whole,))
        else:
            principal = Principal(id=seen_by, kind=Kind.CLIENT, token_id=token_id)
        return Sight(principal, self.clock.now())

    async def changes(
        self, events: Sequence[SeenEvent], sheet: Sheet, sight: Sight
    ) -> list[EventOut]:
        """What happened, as it is seen."""
        views = await self.watching.events(events, sheet)
        return [show_event(each, self.words, sight) for each in views]


@dataclass(frozen=True)
class SeenLine:
    """Of a doctor's line: today's, or that of yesterday while its session runs."""

    watched: WatchedLine
    easel: Easel = field(compare=False)

    async def sheets(self) -> Sequence[str]:
        with suppress(DocumentDamaged):
            sheet = await self.easel.watching.current_sheet(self.watched)
            return () if sheet is None else (sheet.id,)
        return ()

    async def of(self, sheet_id: str) -> View | None:
        return self if await self.easel.watching.shows(self.watched, sheet_id) else None

    async def paint(self, sheet_id: str, events: Sequence[SeenEvent], seq: int) -> bytes | None:
        """Also when its session ended, and today's line is seen from then on."""
        try:
            sheet = await self.easel.watching.current_sheet(self.watched)
        except DocumentDamaged:
            return None
        if sheet is None or sheet_id > sheet.id:  # what is planned for today, while yesterday runs
            return None
        sight = self.easel.sight(sheet, self.watched.seen_by)
        told = QueueMessage(
            seq=seq,
            doctor_id=self.watched.doctor_id,
            date=sheet.date,
            changes=await self.easel.changes(events, sheet, sight),
            queue=show_line(await self.easel.watching.line(sheet), sight),
        )
        return _encode(told)


@dataclass(frozen=True)
class SeenToken:
    """Of a token: it stands elsewhere when others come or go, so all that happens there counts."""

    watched: WatchedToken
    easel: Easel = field(compare=False)

    async def sheets(self) -> Sequence[str]:
        return (self.watched.sheet_id,)

    async def of(self, sheet_id: str) -> View | None:
        return self if sheet_id == self.watched.sheet_id else None

    async def paint(self, sheet_id: str, events: Sequence[SeenEvent], seq: int) -> bytes | None:  # noqa: ARG002  # the feed's: it has one sheet
        try:
            view = await self.easel.watching.token(self.watched)
        except DocumentDamaged:
            return None
        if view is None:
            return None
        sight = self.easel.sight(view.sheet, self.watched.seen_by, self.watched.token_id)
        own = [each for each in events if _is_of(each, self.watched.token_id)]
        changes = await self.easel.changes(own, view.sheet, sight)
        return _encode(TokenMessage(seq=seq, changes=changes, token=show_token(view, sight)))


@dataclass(frozen=True)
class SeenLines:
    """Of all lines that one may read."""

    watched: WatchedLines
    easel: Easel = field(compare=False)

    async def sheets(self) -> Sequence[str]:
        lines = self.easel.views(await self.easel.watching.lines(self.watched))
        return [sheet_id for line in lines for sheet_id in await line.sheets()]

    async def of(self, sheet_id: str) -> View | None:
        line = await self.easel.watching.line_of(self.watched, sheet_id)
        return None if line is None else await SeenLine(line, self.easel).of(sheet_id)

    async def paint(self, sheet_id: str, events: Sequence[SeenEvent], seq: int) -> bytes | None:
        line = await self.of(sheet_id)
        return None if line is None else await line.paint(sheet_id, events, seq)


def _is_of(seen: SeenEvent, token_id: str) -> bool:
    return isinstance(seen.event, TokenEvent) and seen.event.token_id == token_id
