"""What happened and why: the events, a token's history in words, and why it stands where it does."""

import asyncio
from datetime import datetime

from msgspec import Struct

from engine.accuracy import Accuracy
from engine.arrival import be_there_by
from engine.day import Day
from engine.explain import Explanation, explain
from models.access import Permission
from models.errors import CursorAhead, NotFound
from models.events import EventOfToken
from models.ids import doctor_of
from models.token import Status
from services.access.guard import Guard
from services.caller import Caller
from services.shared_days import SharedDays
from services.store.events import EventStore, SeenEvent
from services.store.experiences import Experiences
from services.store.facilities import Facilities
from services.store.sheets import SheetStore
from services.token_service import TokenService
from services.views import EventView, TokenView, view_event
from services.wording.catalogue import Catalogue
from services.wording.history import word_event

_AT_ONCE = 1000
_MOST_QUERIES = 20
"""For one answer. Who may read few of very many goes on from where they ended."""


class Entry(Struct, frozen=True):
    """One thing that happened to a token, with its words for the patient."""

    event: EventOfToken
    at: datetime
    words: str


class Outlook(Struct, frozen=True, kw_only=True):
    """What a patient may expect, as of `at`, and what happened until then.

    `be_there`: None unless the patient is yet to come and a time can be told. `lately`: how often
    what this doctor's patients were told came true in the last weeks.
    """

    view: TokenView
    at: datetime
    history: list[Entry]
    why: Explanation
    be_there: datetime | None
    lately: Accuracy


class EventPage(Struct, frozen=True, kw_only=True):
    """Events in order, the `seq` to go on after if there may be more, and that of the newest of all."""

    events: list[EventView]
    more_after: int | None
    newest: int


class HistoryService:
    """Reads what the commands have left; changes nothing. Every method raises Forbidden."""

    def __init__(
        self,
        guard: Guard,
        facilities: Facilities,
        sheets: SheetStore,
        events: EventStore,
        tokens: TokenService,
        experiences: Experiences,
        *,
        shared: SharedDays,
        words: Catalogue,
    ) -> None:
        self._guard = guard
        self._facilities = facilities
        self._sheets = sheets
        self._events = events
        self._tokens = tokens
        self._experiences = experiences
        self._shared = shared
        self._words = words

    async def events(
        self,
        caller: Caller,
        *,
        after: int,
        sheet_id: str | None,
        token_id: str | None,
        limit: int,
    ) -> EventPage:
        """Events behind `after` in order, of the doctors for whom the caller may read them.

        A token's are looked for on its home sheet alone. Raises CursorAhead when `after` is of an
        event that there is not: whoever saw it saw it before the database was restored.
        """
        (events, more_after), newest = await asyncio.gather(
            self._find(caller, after, sheet_id, token_id, limit), self._events.newest()
        )
        newest = max(newest, events[-1].seq if events else 0)  # one may have come in between
        if after > newest:
            raise CursorAhead(newest)
        views = await self._view(caller, events)
        return EventPage(events=views, more_after=more_after, newest=newest)

    async def _view(self, caller: Caller, events: list[SeenEvent]) -> list[EventView]:
        doctors = {doctor_of(each.sheet_id) for each in events}
        named = await self._guard.doctors(caller.principal, Permission.READ_NAMES, doctors)
        facility_of = {
            doctor_id: facility.id
            for doctor_id in doctors
            if (facility := await self._facilities.of_doctor(doctor_id)) is not None
        }
        unnamed = {each.sheet_id for each in events if doctor_of(each.sheet_id) not in named}
        sheets = {sheet.id: sheet for sheet in (await self._sheets.read_intact(unnamed))[0]}
        return [
            view_event(each, facility_of[doctor_of(each.sheet_id)], sheets.get(each.sheet_id))
            for each in events
        ]

    async def _find(
        self, caller: Caller, after: int, sheet_id: str | None, token_id: str | None, limit: int
    ) -> tuple[list[SeenEvent], int | None]:
        """The events, and the `seq` to go on after if there may be more."""
        needed = Permission.READ_EVENTS
        try:
            if token_id is not None:
                home = await self._guard.token(caller.principal, needed, token_id)
                sheet_id = sheet_id or home
            if sheet_id is not None:
                await self._guard.doctor(caller.principal, needed, doctor_of(sheet_id))
        except NotFound:
            return [], None
        if sheet_id is None:
            return await self._allowed(caller, after, limit)
        events = await self._events.after(after, sheet_id=sheet_id, token_id=token_id, limit=limit)
        return events, events[-1].seq if len(events) == limit else None

    async def _allowed(
        self, caller: Caller, after: int, limit: int
    ) -> tuple[list[SeenEvent], int | None]:
        """Those of all that the caller may read. Between them may stand very many that it may not."""
        found: list[SeenEvent] = []
        at_once = limit
        for _ in range(_MOST_QUERIES):
            events = await self._events.after(after, limit=at_once)
            doctors = {doctor_of(each.sheet_id) for each in events}
            seen = await self._guard.doctors(caller.principal, Permission.READ_EVENTS, doctors)
            found += [each for each in events if doctor_of(each.sheet_id) in seen]
            if len(found) >= limit:
                return found[:limit], found[limit - 1].seq
            if len(events) < at_once:
                return found, None
            after, at_once = events[-1].seq, _AT_ONCE
        return found, after

    async def of_token(self, caller: Caller, token_id: str) -> tuple[TokenView, list[Entry]]:
        """A token and all that happened to it, in order. Raises UnknownToken."""
        view = await self._tokens.get(caller, token_id)
        zone = view.sheet.zone
        events = await self._events.of_token(view.sheet.id, token_id)
        return view, [
            Entry(event, event.at.astimezone(zone), word_event(event, view.sheet, self._words))
            for event in events
        ]

    async def explain(self, caller: Caller, token_id: str) -> tuple[TokenView, Explanation]:
        """Why a token stands where it does. Raises UnknownToken."""
        view = await self._tokens.get(caller, token_id)
        return view, explain(await self._shared.open(view.sheet), view.token)

    async def outlook(self, caller: Caller, token_id: str) -> Outlook:
        """All that a patient's page tells of a token. Raises UnknownToken."""
        (_, history), (view, why) = await asyncio.gather(
            self.of_token(caller, token_id), self.explain(caller, token_id)
        )
        day = await self._shared.open(view.sheet)
        today = day.now.astimezone(view.sheet.zone).date()
        return Outlook(
            view=view,
            at=day.now,
            history=history,
            why=why,
            be_there=_be_there(day, view),
            lately=self._experiences.lately(view.sheet.resource_id, today),
        )


def _be_there(day: Day, view: TokenView) -> datetime | None:
    earliest = view.standing.earliest or view.standing.estimated_time
    if view.token.status is not Status.BOOKED or earliest is None:
        return None
    return be_there_by(day, view.token, earliest)
