"""Rules 2 to 6: a newcomer gets a token in a slot."""

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.seating import Bumping, Overflow, find_alternatives, find_seating
from models.commands import Book, Decline, IfFull
from models.errors import (
    AlreadyBooked,
    IdempotencyMismatch,
    KeyDeclined,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
)
from models.events import EventType
from models.request import Displacement, Request
from models.slot import SlotStatus
from models.timeline import Run
from models.token import Bump, Status, Token, token_label


def book(edit: Editor, command: Book) -> Outcome:
    """Seat the newcomer, or waitlist them, or refuse.

    Raises IdempotencyMismatch and KeyDeclined, then UnknownSlot, SlotOver, SlotClosed, AlreadyBooked, SheetFull,
    SlotFull, in this order.
    """
    day = edit.day
    if command.request is not None:
        if repeat := _find_repeat(day, command.request):
            return repeat
        if command.request.key in day.sheet.declined:
            raise KeyDeclined
    run = day.run(command.slot_id)
    _refuse_unbookable(day, run, command)
    seating = find_seating(day, run, command.source)
    if command.if_full is IfFull.FREE_SEAT and isinstance(seating, Bumping | Overflow):
        seating = None
    may_wait = command.if_full is IfFull.WAITLIST and not command.source.row.emergency
    if seating is None and not may_wait:
        raise SlotFull(find_alternatives(day, command.patient.id, command.source, run.slot.id))

    number = len(day.sheet.tokens) + 1
    bumped = None
    if seating is None:
        type_, reason = EventType.WAITLISTED, "The slot was full."
    elif isinstance(seating, Overflow):
        type_ = EventType.BOOKED_BEYOND_CAPACITY
        reason = "The slot was full; an emergency is seated beyond its capacity."
    elif isinstance(seating, Bumping):
        bumped = _bump(edit, seating.loser, run, command, number)
        type_ = EventType.BOOKED
        reason = f"The slot was full; {token_label(bumped.number)} scored lower and gave way."
    else:
        type_, reason = EventType.BOOKED, "The slot had a free seat."
    token = _new_token(day, command, number, bumped, seated=seating is not None)
    edit.put_token(token)
    edit.record.tell(type_, token, reason)
    return Outcome(slot_id=run.slot.id, number=number, bumped=bumped)


def decline(edit: Editor, command: Decline) -> Outcome:
    """Promise to book nothing for a key, unless something was booked for it already."""
    sheet = edit.day.sheet
    booked = any(
        token.request is not None and token.request.key == command.key for token in sheet.tokens
    )
    if not booked and command.key not in sheet.declined:
        edit.decline(command.key)
        edit.record.tell_sheet(EventType.KEY_DECLINED, "Another doctor's day suited better.")
    return Outcome()


def _find_repeat(day: Day, request: Request) -> Outcome | None:
    """What the earlier request with this key got; IdempotencyMismatch if it asked otherwise."""
    for token in day.sheet.tokens:
        earlier = token.request
        if earlier is not None and earlier.key == request.key:
            if earlier.fingerprint != request.fingerprint:
                raise IdempotencyMismatch
            return Outcome(
                slot_id=token.slot_id, number=token.number, bumped=earlier.bumped, replayed=True
            )
    return None


def _refuse_unbookable(day: Day, run: Run, command: Book) -> None:
    if day.is_over(run):
        raise SlotOver
    if run.slot.status is SlotStatus.CLOSED:
        raise SlotClosed
    if other := day.live_token_of(command.patient.id, run.slot.id):
        raise AlreadyBooked(other.id, other.label)
    if len(day.sheet.tokens) >= day.policy.max_tokens_per_sheet:
        raise SheetFull(day.policy.max_tokens_per_sheet)


def _bump(edit: Editor, loser: Token, run: Run, command: Book, number: int) -> Displacement:
    """Rule 5: to the earliest later slot with a free seat, else to the waitlist of its slot."""
    day = edit.day
    place = next(
        (later for later in day.runs[run.order + 1 :] if day.could_seat(loser, later)), None
    )
    bumps = (*loser.bumps, Bump(run.slot.id, day.now))
    newcomer = f"{token_label(number)} ({command.source})"
    if place is None:
        moved = replace(loser, status=Status.WAITLISTED, bumps=bumps)
        reason = f"Gave way to {newcomer}; no later slot had a free seat, so it waits for one."
    else:
        moved = replace(loser, slot_id=place.slot.id, bumps=bumps)
        reason = f"Gave way to {newcomer} and got the earliest later free seat."
    edit.put_token(moved)
    edit.record.tell(EventType.BUMPED, moved, reason, before=loser, cause=number)
    return Displacement(
        token_id=loser.id,
        number=loser.number,
        from_slot_id=run.slot.id,
        to_slot_id=None if place is None else place.slot.id,
    )


def _new_token(
    day: Day, command: Book, number: int, bumped: Displacement | None, *, seated: bool
) -> Token:
    request = command.request
    if request is not None and bumped is not None:
        request = replace(request, bumped=bumped)
    return Token(
        id=command.token_id,
        number=number,
        slot_id=command.slot_id,
        patient=command.patient,
        source=command.source,
        priority=day.score(command.source),
        status=Status.BOOKED if seated else Status.WAITLISTED,
        booked_at=day.now,
        seated_at=day.now if seated else None,
        request=request,
    )
