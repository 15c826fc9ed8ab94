"""What happened and why: the events, a token's history in words, and why it stands where it does."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from engine.explain import Explanation, explain
from models.errors import UnknownToken
from models.events import Event, EventType
from models.ids import sheet_of_token
from models.token import Status, token_label
from services.days import DayOpener
from services.store.events import EventStore, SeenEvent
from services.token_service import TokenService
from services.views import TokenView


class Entry(Struct, frozen=True):
    """One thing that happened to a token, with its words for the patient."""

    event: Event
    at: datetime
    words: str


class HistoryService:
    """Reads what the commands have left; changes nothing."""

    def __init__(self, events: EventStore, tokens: TokenService, days: DayOpener) -> None:
        self._events = events
        self._tokens = tokens
        self._days = days

    async def events(
        self, *, after: int, sheet_id: str | None, token_id: str | None, limit: int
    ) -> list[SeenEvent]:
        """Events behind `after` in order; a token's are looked for on its home sheet alone."""
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
            Entry(event, event.at.astimezone(zone), _in_words(event, view, zone))
            for event in events
        ]

    async def explain(self, token_id: str) -> tuple[TokenView, Explanation]:
        """Why a token stands where it does. Raises UnknownToken."""
        view = await self._tokens.get(token_id)
        return view, explain(self._days.open(view.sheet), view.token)


_STATUS_WORDS = {
    Status.CHECKED_IN: "You checked in.",
    Status.CALLED: "You were called.",
    Status.IN_CONSULTATION: "Your consultation began.",
    Status.COMPLETED: "Your consultation ended.",
    Status.CANCELLED: "Your token was cancelled.",
    Status.NO_SHOW: "You were called or awaited, and were not there.",
}


def _in_words(  # noqa: PLR0911  # one for each kind of event
    event: Event, view: TokenView, zone: ZoneInfo
) -> str:
    """The event as one would read it out to the patient; no other patient's name is in it."""
    slot = _hours(event.after.slot_id if event.after else "", view, zone)
    cause = "" if event.cause is None else f" Token {token_label(event.cause)} had to go first."
    match event.type:
        case EventType.BOOKED:
            return f"You got token {view.token.label} for {slot}."
        case EventType.BOOKED_BEYOND_CAPACITY:
            return f"You got token {view.token.label} for {slot}, as an emergency."
        case EventType.WAITLISTED:
            return f"{slot.capitalize()} was full, so you got token {view.token.label} on its waitlist."
        case EventType.BUMPED if event.after and event.after.status is Status.WAITLISTED:
            return f"You lost your seat and wait for the next one that falls free.{cause}"
        case EventType.BUMPED:
            return f"You were moved to {slot}.{cause}"
        case EventType.PROMOTED:
            return f"A seat fell free: you now have one in {slot}."
        case EventType.REALLOCATED:
            return f"Your slot can't be held, so you were moved to {slot}."
        case EventType.STAYED:
            return f"Your slot can't be held. {event.reason}"
        case _:
            status = event.after.status if event.after else None
            if event.before and event.before.status is Status.NO_SHOW:
                return "You came late and were taken back into the queue."
            return _STATUS_WORDS.get(status, event.reason) if status else event.reason


def _hours(slot_id: str, view: TokenView, zone: ZoneInfo) -> str:
    run = view.sheet.timeline.get(slot_id)
    if run is None:
        return "the slot"
    start, end = run.slot.start.astimezone(zone), run.slot.end.astimezone(zone)
    return f"the slot {start:%H:%M}-{end:%H:%M}"
