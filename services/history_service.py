"""What happened and why: the events, a token's history in words, and why it stands where it does."""

import asyncio
from datetime import datetime

from msgspec import Struct

from engine.explain import Explanation, explain
from models.errors import CursorAhead, UnknownToken
from models.events import EventOfToken
from models.ids import sheet_of_token
from services.days import DayOpener
from services.store.events import EventStore, SeenEvent
from services.token_service import TokenService
from services.views import TokenView
from services.wording.catalogue import Catalogue
from services.wording.history import word_event


class Entry(Struct, frozen=True):
    """One thing that happened to a token, with its words for the patient."""

    event: EventOfToken
    at: datetime
    words: str


class HistoryService:
    """Reads what the commands have left; changes nothing."""

    def __init__(
        self, events: EventStore, tokens: TokenService, days: DayOpener, words: Catalogue
    ) -> None:
        self._events = events
        self._tokens = tokens
        self._days = days
        self._words = words

    async def events(
        self, *, after: int, sheet_id: str | None, token_id: str | None, limit: int
    ) -> tuple[list[SeenEvent], int]:
        """Events behind `after` in order, and the `seq` of the newest of all.

        A token's are looked for on its home sheet alone. Raises CursorAhead when `after` is of an
        event that there is not: whoever saw it saw it before the database was restored.
        """
        events, newest = await asyncio.gather(
            self._find(after, sheet_id, token_id, limit), self._events.newest()
        )
        newest = max(newest, events[-1].seq if events else 0)  # one may have come in between
        if after > newest:
            raise CursorAhead(newest)
        return events, newest

    async def _find(
        self, after: int, sheet_id: str | None, token_id: str | None, limit: int
    ) -> list[SeenEvent]:
        if token_id is not None and sheet_id is None:
            try:
                sheet_id = sheet_of_token(token_id)
            except UnknownToken:
                return []
        return await self._events.after(after, sheet_id=sheet_id, token_id=token_id, limit=limit)

    async def of_token(self, token_id: str) -> tuple[TokenView, list[Entry]]:
        """A token and all that happened to it, in order. Raises UnknownToken."""
        view = await self._tokens.get(token_id)
        zone = view.sheet.zone
        events = await self._events.of_token(view.sheet.id, token_id)
        return view, [
            Entry(event, event.at.astimezone(zone), word_event(event, view.sheet, self._words))
            for event in events
        ]

    async def explain(self, token_id: str) -> tuple[TokenView, Explanation]:
        """Why a token stands where it does. Raises UnknownToken."""
        view = await self._tokens.get(token_id)
        return view, explain(self._days.open(view.sheet), view.token)
