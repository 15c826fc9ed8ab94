"""Rules 2 to 6: a newcomer gets a token in a slot."""

from msgspec.structs import replace

from engine.bumping import give_way
from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.repeats import token_made_by
from engine.seating import Bumping, Overflow, find_alternatives, find_seating
from engine.status import change_status
from engine.walk_ins import obstacle, overrun
from models.commands import Book, ChangeStatus, Decline, IfFull
from models.errors import (
    AlreadyBooked,
    DayOverruns,
    DoctorRetired,
    KeyDeclined,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
)
from models.events import Booked, BookedBeyondCapacity, Waitlisted
from models.keyed_request import Displacement
from models.reasons import (
    EmergencyOverflow,
    FreeSeat,
    Outranked,
    Reason,
    SlotWasFull,
)
from models.slot import SlotStatus
from models.timeline import TimedSlot
from models.token import Status, Token


def book(edit: Editor, command: Book) -> Outcome:
    """Seat the newcomer, or waitlist them, or refuse.

    Raises IdempotencyMismatch and KeyDeclined, then UnknownSlot, SlotOver, SlotClosed, AlreadyBooked,
    NotAccepting, QueueFull, DayOverruns, SheetFull, SlotFull, in this order; with `check_in` WrongDay.
    """
    day = edit.day
    if (earlier := token_made_by(day.sheet, command.request)) is not None:
        return _repeated(day, earlier)
    if command.request is not None and command.request.key in day.sheet.declined:
        raise KeyDeclined
    timed = day.timed_slot(command.slot_id)
    _refuse_unbookable(day, timed, command)
    seating = find_seating(day, timed, command.source)
    if command.if_full is IfFull.FREE_SEAT and isinstance(seating, Bumping | Overflow):
        seating = None
    may_wait = command.if_full is IfFull.WAITLIST and not command.source.row.emergency
    if seating is None and not may_wait:
        raise SlotFull(find_alternatives(day, command.patient.id, command.source, timed.slot.id))

    number = len(day.sheet.tokens) + 1
    late = overrun(day, timed) if command.source.row.walk_in else None
    bumped = None
    kind: type[Booked | BookedBeyondCapacity | Waitlisted]
    reason: Reason
    if seating is None:
        kind, reason = Waitlisted, SlotWasFull()
    elif isinstance(seating, Overflow):
        kind, reason = BookedBeyondCapacity, EmergencyOverflow()
    elif isinstance(seating, Bumping):
        bumped = give_way(edit, seating.loser, timed, number, command.source)
        kind, reason = Booked, Outranked(bumped.number)
    else:
        kind, reason = Booked, FreeSeat()
    token = _new_token(day, command, number, bumped, seated=seating is not None)
    edit.put_token(token)
    edit.record.issued(kind, token, reason)
    if command.check_in:
        check_in = ChangeStatus(actor=command.actor, token_id=token.id, status=Status.CHECKED_IN)
        change_status(edit, check_in)
    return Outcome(slot_id=timed.slot.id, number=number, bumped=bumped, overruns_until=late)


def decline(edit: Editor, command: Decline) -> Outcome:
    """Promise to book and call nothing for a key, unless that was done for it already."""
    sheet = edit.day.sheet
    used = any(
        made is not None and made.key == command.key
        for token in sheet.tokens
        for made in (token.request, token.call)
    )
    if not used and command.key not in sheet.declined:
        edit.decline(command.key)
        edit.record.key_declined()
    return Outcome()


def _repeated(day: Day, earlier: Token) -> Outcome:
    """What the earlier request got, of which the token may stand elsewhere by now."""
    return Outcome(
        slot_id=earlier.slot_id,
        number=earlier.number,
        bumped=None if earlier.request is None else earlier.request.bumped,
        replayed=True,
        overruns_until=overrun(day) if earlier.source.row.walk_in else None,
    )


def _refuse_unbookable(day: Day, timed: TimedSlot, command: Book) -> None:
    still_seen = command.source.row.emergency and day.roster(timed.slot.id).present > 0
    if day.is_over(timed) and not still_seen:
        raise SlotOver
    if day.sheet.tenure.retired:
        raise DoctorRetired
    if timed.slot.status is SlotStatus.CLOSED:
        raise SlotClosed
    if other := day.live_token_of(command.patient.id, timed.slot.id):
        raise AlreadyBooked(day.sheet.refer_to(other))
    _refuse_walk_in(day, timed, command)
    if day.is_full:
        most = day.policy.max_tokens_per_sheet
        raise SheetFull(most if len(day.sheet.tokens) >= most else None)


def _refuse_walk_in(day: Day, timed: TimedSlot, command: Book) -> None:
    against = obstacle(day, timed, command.source)
    if isinstance(against, DayOverruns) and command.insists:
        return
    if against is not None:
        raise against


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
        score=day.score(command.source),
        status=Status.BOOKED if seated else Status.WAITLISTED,
        booked_at=day.now,
        booked_by=command.actor,
        seated_at=day.now if seated else None,
        request=request,
    )
