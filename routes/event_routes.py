"""What happened and why."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from msgspec import Meta
from pydantic import BaseModel, ConfigDict, Field

from answers.answer import Answer, Instant
from engine.explain import Ahead
from models.errors import UnknownToken
from models.events import EventType, Place, SlotState
from models.slot import SlotStatus
from models.token import Source, Status, token_label
from routes.deps import NO_UNKNOWN_QUERY, TheHistory
from routes.fields import Limit, SomeId, refused_as
from routes.pages import link_next
from routes.problems import problems
from routes.replies import AnswerRoute
from services.store.events import SeenEvent

router = APIRouter(
    prefix="/api", tags=["events"], dependencies=[NO_UNKNOWN_QUERY], route_class=AnswerRoute
)


class EventQuery(BaseModel):
    """Which events to list."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[
        int,
        Field(ge=0, le=2**53),
        refused_as("invalid_cursor", "after is the seq of an event, a whole number from 0."),
    ] = Field(0, description="The seq of the last event seen")
    sheet: SomeId | None = Field(None, description="Only those of this doctor's day")
    token: SomeId | None = Field(None, description="Only those of this token")
    limit: Limit = 100


class PlaceOut(Answer, frozen=True):
    """Where a token stood."""

    slot_id: str
    status: Status


class SlotStateOut(Answer, frozen=True):
    """What of a slot can change."""

    max_capacity: int
    status: SlotStatus
    delay_minutes: int


class EventOut(Answer, frozen=True):
    """One thing that happened. `seq` orders all events, `n` those of one sheet, both without gaps.

    A token's event has its `before` and `after`; a slot's has `slotBefore` and `slotAfter`.
    """

    seq: int
    sheet: str
    n: int
    type: EventType
    at: Instant
    actor: str
    reason: str
    request_id: str | None
    slot_id: str | None
    token_id: str | None
    token_number: str | None
    source: Source | None
    before: PlaceOut | None
    after: PlaceOut | None
    caused_by: Annotated[
        str | None, Meta(description="The number of the token that made this happen")
    ]
    slot_before: SlotStateOut | None
    slot_after: SlotStateOut | None


class EntryOut(Answer, frozen=True):
    """One thing that happened to a token; `words` can be read out to its patient."""

    n: int
    type: EventType
    at: Instant
    words: str
    reason: str
    actor: str
    request_id: str | None


class HistoryOut(Answer, frozen=True):
    """All that happened to a token, in order."""

    token_id: str
    token_number: str
    entries: list[EntryOut]


class ScorePartOut(Answer, frozen=True):
    """One part of a score."""

    part: str
    points: int


class AheadOut(Answer, frozen=True):
    """One who goes first, by number and source alone, and why."""

    token_number: str
    source: Source
    score: int
    status: Status
    why: str


class ExplanationOut(Answer, frozen=True):
    """Why a token stands where it does.

    `ahead` stand before it in its queue or waitlist. `servedFirst` are others who take the
    doctor's time before it: who is in consultation, and who is present of earlier slots.
    """

    token_id: str
    token_number: str
    slot_id: str
    status: Status
    position: int | None
    waitlist_position: int | None
    estimated_time: Instant | None
    score: int
    score_parts: list[ScorePartOut]
    rule: str
    ahead: list[AheadOut]
    served_first: list[AheadOut]
    would_change: list[str]


@router.get("/events", summary="List events", responses=problems())
async def list_events(
    query: Annotated[EventQuery, Query()], history: TheHistory, request: Request, response: Response
) -> list[EventOut]:
    """In order of `seq`; who has seen one has seen all before it.

    Go on with `after` = the last `seq` seen, also when the list was empty: new events come behind.
    An event appears here within about a tenth of a second after its command was answered.
    """
    events = await history.events(
        after=query.after, sheet_id=query.sheet, token_id=query.token, limit=query.limit
    )
    link_next(request, response, str(events[-1].seq) if len(events) == query.limit else None)
    return [_show_event(each) for each in events]


@router.get(
    "/tokens/{token_id}/history",
    summary="Tell what happened to a token, and why",
    responses=problems(UnknownToken),
)
async def get_history(token_id: str, history: TheHistory) -> HistoryOut:
    """In words that a patient can be read."""
    view, entries = await history.of_token(token_id)
    return HistoryOut(
        token_id=token_id,
        token_number=view.token.label,
        entries=[
            EntryOut(
                n=entry.event.n,
                type=entry.event.type,
                at=entry.at,
                words=entry.words,
                reason=entry.event.reason,
                actor=entry.event.actor,
                request_id=entry.event.request_id,
            )
            for entry in entries
        ],
    )


@router.get(
    "/tokens/{token_id}/explain",
    summary="Explain why a token stands where it does",
    responses=problems(UnknownToken),
)
async def explain_token(token_id: str, history: TheHistory) -> ExplanationOut:
    """Its score and the parts of it, who is ahead without names, and what would change it."""
    view, told = await history.explain(token_id)
    token, standing = view.token, told.standing
    return ExplanationOut(
        token_id=token.id,
        token_number=token.label,
        slot_id=token.slot_id,
        status=token.status,
        position=standing.position,
        waitlist_position=standing.waitlist_position,
        estimated_time=None
        if standing.estimated_time is None
        else standing.estimated_time.astimezone(view.sheet.zone),
        score=token.priority,
        score_parts=[ScorePartOut(part=f"source {token.source}", points=token.priority)],
        rule="Whoever was called goes first; then the higher score; then the earlier number.",
        ahead=[_show_ahead(each) for each in told.ahead],
        served_first=[_show_ahead(each) for each in told.served_first],
        would_change=told.would_change,
    )


def _show_ahead(ahead: Ahead) -> AheadOut:
    return AheadOut(
        token_number=token_label(ahead.number),
        source=ahead.source,
        score=ahead.priority,
        status=ahead.status,
        why=ahead.why,
    )


def _show_event(seen: SeenEvent) -> EventOut:
    event = seen.event
    return EventOut(
        seq=seen.seq,
        sheet=seen.sheet_id,
        n=event.n,
        type=event.type,
        at=event.at,
        actor=event.actor,
        reason=event.reason,
        request_id=event.request_id,
        slot_id=event.slot_id,
        token_id=event.token_id,
        token_number=None if event.number is None else token_label(event.number),
        source=event.source,
        before=_show_place(event.before),
        after=_show_place(event.after),
        caused_by=None if event.cause is None else token_label(event.cause),
        slot_before=_show_state(event.slot_before),
        slot_after=_show_state(event.slot_after),
    )


def _show_place(place: Place | None) -> PlaceOut | None:
    return None if place is None else PlaceOut(slot_id=place.slot_id, status=place.status)


def _show_state(state: SlotState | None) -> SlotStateOut | None:
    return (
        None
        if state is None
        else SlotStateOut(
            max_capacity=state.max_capacity,
            status=state.status,
            delay_minutes=state.delay_minutes,
        )
    )
