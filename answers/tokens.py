"""Tokens: booked, cancelled, moved, in their queue."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import asdict

from answers.answer import Answer, Instant
from answers.sight import Sight
from answers.slots import SlotOut, show_slot
from answers.written import written
from engine.queue import Standing
from models.errors import DayOverruns
from models.keyed_request import Displacement
from models.line import Mark
from models.sheet import Sheet
from models.source import Source
from models.token import EndCode, Status, token_label
from services.views import (
    BookingView,
    Cancellation,
    Queue,
    Reallocation,
    TokenView,
)
from services.wording.catalogue import Catalogue
from services.wording.notices import word_late_end
from services.wording.reasons import word_reason


class RangeOut(Answer, frozen=True):
    """Between these the consultation begins in four cases of five."""

    earliest: Instant
    latest: Instant


class TokenOut(Answer, frozen=True):
    """A token. `position` is its place in its slot's queue now, `waitlistPosition` on the waitlist.

    `queuePosition` is the place in the doctor's line, of one who was called or is here.
    `estimatedTime` is null without a position, and in a slot that is closed. `awaySince` is since
    when one was sent for tests, or missed; `recalls` how often one was called again. `servedBy` is the doctor
    who called it from another's line, which is shared; null for the line's own. To who may not
    read names a token of others has neither id nor patient, nor who booked or why it was cancelled.
    """

    id: str | None
    token_number: str
    slot_id: str
    doctor_id: str
    date: date
    patient_id: str | None
    patient_name: str | None
    phone_number: str | None
    language: str | None
    source: Source
    priority: int
    status: Status
    position: int | None
    waitlist_position: int | None
    queue_position: int | None
    estimated_time: Instant | None
    estimated_range: RangeOut | None
    room: str | None
    served_by: str | None
    recalls: int
    mark: Mark | None
    booked_at: Instant
    booked_by: str | None
    checked_in_at: Instant | None
    called_at: Instant | None
    started_at: Instant | None
    away_since: Instant | None
    ended_at: Instant | None
    cancel_reason: str | None
    end_code: EndCode | None


class BumpedOut(Answer, frozen=True):
    """The token that gave way; toSlotId null: it waits on the waitlist of its slot."""

    token_id: str | None
    token_number: str
    from_slot_id: str
    to_slot_id: str | None


class OverrunOut(Answer, frozen=True):
    """What a walk-in is to be told: the day should end too late."""

    code: str
    words: str
    expected_end: Instant


class BookingOut(TokenOut, frozen=True):
    """A new token, and who gave way to it.

    `patientLink` is a path to send to the patient, and to nobody else: it shows where the token
    stands and lets it be cancelled, until the day after its own.
    """

    id: str
    patient_id: str
    patient_name: str
    bumped: BumpedOut | None
    patient_link: str | None
    notice: OverrunOut | None


class CancellationOut(Answer, frozen=True):
    """The cancelled token, and those who got a seat by it."""

    token: TokenOut
    promoted: list[TokenOut]


class MovedOut(Answer, frozen=True):
    """A token that was moved from one slot to another."""

    token: TokenOut
    from_: str = msgspec.field(name="from")
    to: str


class StayedOut(Answer, frozen=True):
    """A token that was not moved, and why."""

    token: TokenOut
    why: str


class ReallocationOut(Answer, frozen=True):
    """What became of each token of the slot."""

    moved: list[MovedOut]
    stayed: list[StayedOut]


class QueueOut(Answer, frozen=True):
    """A slot, its queue in order, then its waitlist in order; the slot says if it is closed."""

    slot: SlotOut
    queue: list[TokenOut]
    waitlist: list[TokenOut]


class _Nobody(Struct, frozen=True):
    """In the place of a patient whom who asks may not see."""

    id: None = None
    name: None = None
    phone_number: None = None
    language: None = None


_NOBODY = _Nobody()


def show_token(view: TokenView, sight: Sight) -> TokenOut:
    """A token's answer."""
    token, standing = view.token, view.standing
    zone = view.sheet.zone
    whole = sight.shows(view.sheet, token)
    patient = token.patient if whole else _NOBODY
    # In the order of the fields: by name it takes half as long again, and queues are long.
    return TokenOut(
        token.id if whole else None,
        token.label,
        token.slot_id,
        view.sheet.resource_id,
        view.sheet.date,
        patient.id,
        patient.name,
        patient.phone_number,
        patient.language,
        token.source,
        token.score,
        token.status,
        standing.position,
        standing.waitlist_position,
        standing.queue_position,
        standing.estimated_time and standing.estimated_time.astimezone(zone),
        _show_range(standing, zone),
        token.room,
        token.served_by,
        token.recalls,
        token.mark,
        token.booked_at.astimezone(zone),
        token.booked_by if whole else None,
        token.checked_in_at and token.checked_in_at.astimezone(zone),
        token.called_at and token.called_at.astimezone(zone),
        token.started_at and token.started_at.astimezone(zone),
        token.away_at and token.away_at.astimezone(zone),
        token.ended_at and token.ended_at.astimezone(zone),
        token.cancel_reason if whole else None,
        token.end_code if whole else None,
    )


def _show_range(standing: Standing, zone: ZoneInfo) -> RangeOut | None:
    if standing.earliest is None or standing.latest is None:
        return None
    return RangeOut(standing.earliest.astimezone(zone), standing.latest.astimezone(zone))


def show_booking(view: BookingView, sight: Sight, words: Catalogue) -> BookingOut:
    """A booking's answer, to who made it."""
    return BookingOut(
        **asdict(show_token(view.token, sight)),
        bumped=_show_bumped(view.token.sheet, view.bumped, sight),
        patient_link=None if view.link is None else f"/t/{view.link}",
        notice=None
        if view.overruns_until is None
        else _show_overrun(view.overruns_until.astimezone(view.token.sheet.zone), words),
    )


def _show_overrun(ends: datetime, words: Catalogue) -> OverrunOut:
    return OverrunOut(code=DayOverruns.code, words=word_late_end(ends, words), expected_end=ends)


def show_cancellation(view: Cancellation, sight: Sight) -> CancellationOut:
    """A cancellation's answer."""
    return CancellationOut(
        token=show_token(view.token, sight),
        promoted=[show_token(each, sight) for each in view.promoted],
    )


def show_reallocation(view: Reallocation, words: Catalogue, sight: Sight) -> ReallocationOut:
    """A reallocation's answer."""
    return ReallocationOut(
        moved=[
            MovedOut(
                token=show_token(each.token, sight),
                from_=each.from_slot_id,
                to=each.token.token.slot_id,
            )
            for each in view.moved
        ],
        stayed=[
            StayedOut(token=show_token(each.token, sight), why=word_reason(each.reason, words))
            for each in view.stayed
        ],
    )


def write_queue(view: Queue, sight: Sight) -> Raw:
    """A queue's answer."""
    sheet = view.slot.sheet
    seen = view.slot.timed.slot.id, sight.shared_by(sheet)
    made_from = view.slot.over, view.queue, view.waitlist
    return written(sheet, seen, made_from, lambda: _show_queue(view, sight))


def _show_queue(view: Queue, sight: Sight) -> QueueOut:
    sheet = view.slot.sheet
    return QueueOut(
        slot=show_slot(view.slot),
        queue=[show_token(TokenView(sheet, *each), sight) for each in view.queue],
        waitlist=[show_token(TokenView(sheet, *each), sight) for each in view.waitlist],
    )


def _show_bumped(sheet: Sheet, bumped: Displacement | None, sight: Sight) -> BumpedOut | None:
    if bumped is None:
        return None
    whole = sight.shows(sheet, sheet.tokens[bumped.number - 1])
    return BumpedOut(
        token_id=bumped.token_id if whole else None,
        token_number=token_label(bumped.number),
        from_slot_id=bumped.from_slot_id,
        to_slot_id=bumped.to_slot_id,
    )
