"""What happened, and why a token stands where it does."""

from collections.abc import Sequence
from typing import Annotated, assert_never

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from answers.answer import Answer, Instant
from answers.sight import Sight
from engine.explain import Ahead, Explanation
from models.events import (
    Bumped,
    ConfigChanged,
    EventType,
    HoursEvent,
    KeyDeclined,
    SessionChanged,
    SlotChanged,
    SlotEvent,
    SlotState,
    TenureEvent,
    TokenChanged,
    TokenEvent,
    TokenState,
)
from models.ids import doctor_of
from models.reasons import Reason
from models.slot import SlotStatus
from models.source import Source
from models.token import Status, token_label
from services.history_service import Entry
from services.views import EventView, TokenView
from services.wording.catalogue import Catalogue
from services.wording.explanation import word_prospect, word_rule, word_source, word_why_ahead
from services.wording.notices import word_closed
from services.wording.reasons import word_reason

ReasonCode = Annotated[str, Meta(description="The reason as a stable code, for machines")]
ReasonParams = Annotated[
    dict[str, str | int | list[str]], Meta(description="What the reason speaks of, by the code")
]
Note = Annotated[str | None, Meta(description="What the caller said about it, word for word")]


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

    A token's event has its `before` and `after`; a slot's has `slotBefore` and `slotAfter`. To who
    may not read names an event of others tells neither the token's id nor who did it, in which
    request and with which note.
    """

    seq: int
    sheet: str
    n: int
    type: EventType
    at: Instant
    actor: str | None
    on_behalf_of: str | None
    reason: str
    reason_code: ReasonCode
    reason_params: ReasonParams
    note: Note
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
    reason_code: ReasonCode
    reason_params: ReasonParams
    note: Note
    actor: str | None
    on_behalf_of: str | None
    request_id: str | None


class HistoryOut(Answer, frozen=True):
    """All that happened to a token, in order; `notice` says when its slot is closed."""

    token_id: str
    token_number: str
    notice: str | None
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
    doctor's time before it: who is in consultation, and who is present of earlier slots. `notice`
    says when its slot is closed: then it has no estimated time.
    """

    token_id: str
    token_number: str
    slot_id: str
    status: Status
    position: int | None
    waitlist_position: int | None
    estimated_time: Instant | None
    notice: str | None
    score: int
    score_parts: list[ScorePartOut]
    rule: str
    ahead: list[AheadOut]
    served_first: list[AheadOut]
    would_change: list[str]


def show_event(view: EventView, words: Catalogue, sight: Sight) -> EventOut:
    """An event's answer."""
    seen, event = view.seen, view.seen.event
    place = view.facility_id, doctor_of(seen.sheet_id)
    did = sight.shows_actor(*place, event.actor)
    whole = did
    if isinstance(event, TokenEvent):
        whole = sight.shows_token(*place, event.token_id, view.booked_by)
    told = EventOut(
        seq=seen.seq,
        sheet=seen.sheet_id,
        n=event.n,
        type=event.type,
        at=event.at,
        actor=event.actor if did else None,
        on_behalf_of=event.on_behalf_of if did else None,
        reason=word_reason(event.reason, words),
        reason_code=event.reason.code,
        reason_params=_params(event.reason),
        note=event.note if whole else None,
        request_id=event.request_id if did else None,
        slot_id=None,
        token_id=None,
        token_number=None,
        source=None,
        before=None,
        after=None,
        caused_by=None,
        slot_before=None,
        slot_after=None,
    )
    match event:
        case TokenEvent():
            return replace(
                told,
                slot_id=event.after.slot_id,
                token_id=event.token_id if whole else None,
                token_number=token_label(event.number),
                source=event.source,
                before=_show_token_state(event.before) if isinstance(event, TokenChanged) else None,
                after=_show_token_state(event.after),
                caused_by=token_label(event.cause) if isinstance(event, Bumped) else None,
            )
        case SlotEvent():
            return replace(
                told,
                slot_id=event.slot_id,
                slot_before=_show_state(event.slot_before)
                if isinstance(event, SlotChanged)
                else None,
                slot_after=_show_state(event.slot_after),
            )
        case HoursEvent():
            return replace(told, slot_id=event.slot_id)
        case KeyDeclined() | TenureEvent() | SessionChanged() | ConfigChanged():
            return told
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(event)


def show_history(
    view: TokenView, entries: Sequence[Entry], words: Catalogue, sight: Sight
) -> HistoryOut:
    """A history's answer, to who may read this token."""
    place = view.sheet.facility_id, view.sheet.resource_id
    return HistoryOut(
        token_id=view.token.id,
        token_number=view.token.label,
        notice=word_closed(view.token.slot_id, view.sheet, words),
        entries=[
            _show_entry(entry, words, did=sight.shows_actor(*place, entry.event.actor))
            for entry in entries
        ],
    )


def _show_entry(entry: Entry, words: Catalogue, *, did: bool) -> EntryOut:
    event = entry.event
    return EntryOut(
        n=event.n,
        type=event.type,
        at=entry.at,
        words=entry.words,
        reason=word_reason(event.reason, words),
        reason_code=event.reason.code,
        reason_params=_params(event.reason),
        note=event.note,
        actor=event.actor if did else None,
        on_behalf_of=event.on_behalf_of if did else None,
        request_id=event.request_id if did else None,
    )


def show_explanation(view: TokenView, told: Explanation, words: Catalogue) -> ExplanationOut:
    """An explanation's answer."""
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
        notice=word_closed(token.slot_id, view.sheet, words),
        score=token.score,
        score_parts=[ScorePartOut(part=word_source(token.source, words), points=token.score)],
        rule=word_rule(words),
        ahead=[_show_ahead(each, words) for each in told.ahead],
        served_first=[_show_ahead(each, words) for each in told.served_first],
        would_change=[word_prospect(each, len(told.ahead), words) for each in told.would_change],
    )


def _show_ahead(ahead: Ahead, words: Catalogue) -> AheadOut:
    return AheadOut(
        token_number=token_label(ahead.number),
        source=ahead.source,
        score=ahead.score,
        status=ahead.status,
        why=word_why_ahead(ahead.why, words),
    )


def _params(reason: Reason) -> dict[str, str | int | list[str]]:
    """The reason's fields; a token's number as it is printed."""
    fields: dict[str, str | int | list[str]] = msgspec.to_builtins(reason)
    del fields["code"]
    number = fields.pop("number", None)
    return {"tokenNumber": token_label(number), **fields} if isinstance(number, int) else fields


def _show_token_state(state: TokenState) -> PlaceOut:
    return PlaceOut(slot_id=state.slot_id, status=state.status)


def _show_state(state: SlotState) -> SlotStateOut:
    return SlotStateOut(
        max_capacity=state.max_capacity, status=state.status, delay_minutes=state.delay_minutes
    )
