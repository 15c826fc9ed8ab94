"""What each command must do, or be refused: rules 2 to 13 read a second time.

`foresee` tells, from the day before a command alone, by which refusal it will be refused, or where
each token will stand and what each slot will be, before seats that fell free are given away.
"""

from datetime import timedelta

from msgspec.structs import replace

from engine.decide import SheetCommand
from models.commands import (
    AddSlot,
    BeginSession,
    Book,
    CallNext,
    CallShared,
    ChangeSlot,
    ChangeStatus,
    CorrectPatient,
    Decline,
    IfFull,
    Reallocate,
    Recall,
    ReleaseHours,
    ReserveHours,
    SetConfig,
    SetMark,
    SetSession,
    SetTenure,
    Tick,
    Undo,
)
from models.errors import (
    AlreadyBooked,
    BadTransition,
    DayOver,
    DoctorRetired,
    IdempotencyMismatch,
    KeyDeclined,
    Refusal,
    SameSlot,
    SeatsTaken,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
    SlotOverlap,
    TooEarly,
    UnknownSlot,
    WrongDay,
)
from models.keyed_request import KeyedRequest
from models.slot import SlotStatus
from models.source import Source
from models.token import Status, Token
from tests.property.foreseen import Foreseen, Stand
from tests.property.line_rules import call_next, call_shared, recall, set_mark, tick, undo
from tests.property.reading import AWAY, LIVE, PRESENT, STATUS_TABLE, Reading
from tests.property.walk_in_rules import walk_in_refusal


def foresee(  # noqa: C901, PLR0911, PLR0912  # one for each command
    day: Reading, command: SheetCommand
) -> Foreseen:
    """What the command will do to this day."""
    match command:
        case Book():
            return _book(day, command)
        case ChangeStatus():
            return _change_status(day, command)
        case CallNext():
            return call_next(day, command)
        case CallShared():
            return call_shared(day, command)
        case Recall():
            return recall(day, command)
        case SetMark():
            return set_mark(day, command)
        case Undo():
            return undo(day, command)
        case Tick():
            return tick(day)
        case SetSession() | BeginSession():
            return Foreseen(WrongDay if day.now < day.midnight() else None)
        case ChangeSlot():
            return _change_slot(day, command)
        case AddSlot() | ReserveHours():
            return _plan(day, command)
        case Reallocate():
            return _reallocate(day, command)
        case ReleaseHours() | Decline() | CorrectPatient() | SetTenure() | SetConfig():
            return Foreseen()


def _book(day: Reading, command: Book) -> Foreseen:
    foreseen = _book_only(day, command)
    new = len(day.sheet.tokens) + 1
    if not command.check_in or foreseen.refusal is not None or new not in foreseen.stands:
        return foreseen
    if day.now < day.midnight():
        return Foreseen(WrongDay)
    slot_id, status = foreseen.stands[new]
    here = Status.CHECKED_IN if status is Status.BOOKED else status
    return replace(foreseen, stands={**foreseen.stands, new: (slot_id, here)})


def _book_only(day: Reading, command: Book) -> Foreseen:
    slot_id = command.slot_id
    if command.request is not None and (known := _known(day, command.request)):
        return known
    refusal = _unbookable(day, command)
    if refusal is not None:
        return Foreseen(refusal)
    number = len(day.sheet.tokens) + 1
    seated = {number: (slot_id, Status.BOOKED)}
    if day.has_free_seat(slot_id):
        return Foreseen(None, seated)
    if command.if_full is not IfFull.FREE_SEAT:
        if command.source is Source.EMERGENCY and day.has_overflow(slot_id):
            return Foreseen(None, seated)
        score = day.policy.scores[command.source]
        losers = [t for t in day.bumpable(slot_id, command.source) if t.score < score]
        if losers:
            candidate = day.slot_for(losers[0], day.later(slot_id))
            stand = (
                (slot_id, Status.WAITLISTED) if candidate is None else (candidate, Status.BOOKED)
            )
            return Foreseen(None, {**seated, losers[0].number: stand}, losers[0].number)
    if command.if_full is IfFull.WAITLIST and command.source is not Source.EMERGENCY:
        return Foreseen(None, {number: (slot_id, Status.WAITLISTED)})
    return Foreseen(SlotFull)


def _known(day: Reading, request: KeyedRequest) -> Foreseen | None:
    uses = day.uses_of(request.key)
    if not uses:
        return None
    if uses == [("declined", "")]:
        return Foreseen(KeyDeclined)
    return Foreseen(None if uses == [("token", request.fingerprint)] else IdempotencyMismatch)


def _unbookable(day: Reading, command: Book) -> type[Refusal] | None:
    if command.slot_id not in day.slots:
        return UnknownSlot
    seen = any(t.slot_id == command.slot_id and t.status in PRESENT for t in day.sheet.tokens)
    if day.is_over(command.slot_id) and not (seen and command.source is Source.EMERGENCY):
        return SlotOver
    if day.sheet.tenure.retired:
        return DoctorRetired
    if not day.is_open(command.slot_id):
        return SlotClosed
    if day.has_live(command.patient.id, command.slot_id):
        return AlreadyBooked
    if (refusal := walk_in_refusal(day, command)) is not None:
        return refusal
    return SheetFull if len(day.sheet.tokens) >= day.policy.max_tokens_per_sheet else None


def _change_status(  # noqa: PLR0911  # one for each refusal
    day: Reading, command: ChangeStatus
) -> Foreseen:
    token = next(token for token in day.sheet.tokens if token.id == command.token_id)
    if command.to is not None and token.status not in AWAY:
        return Foreseen(BadTransition)
    waits = token.status is Status.WAITLISTED and command.status is Status.CHECKED_IN
    if token.status is command.status or (waits and token.checked_in_at is not None):
        return Foreseen()
    if command.status not in STATUS_TABLE[token.status]:
        return Foreseen(BadTransition)
    in_the_house = (Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION)
    if command.status in in_the_house and day.now < day.midnight() and not command.any_day:
        return Foreseen(WrongDay)
    early = day.slots[token.slot_id].start - timedelta(minutes=day.policy.early_minutes)
    if command.at_kiosk and day.now < early:
        return Foreseen(TooEarly)
    if token.status is Status.NO_SHOW:
        if day.now >= day.end_of_day():
            return Foreseen(DayOver)
        if day.has_live(token.patient.id, token.slot_id):
            return Foreseen(AlreadyBooked)
        if not day.has_overflow(token.slot_id, kept=1):
            return Foreseen(SlotFull)
    status = token.status if waits else command.status
    return Foreseen(None, {token.number: (token.slot_id, status)})


def _change_slot(day: Reading, command: ChangeSlot) -> Foreseen:
    if command.slot_id not in day.slots:
        return Foreseen(UnknownSlot)
    seats = command.max_capacity
    present = day.slots[command.slot_id].max_capacity
    if seats is not None and seats < present and seats < day.taken(command.slot_id):
        return Foreseen(SeatsTaken)
    return Foreseen()


def _plan(day: Reading, command: AddSlot | ReserveHours) -> Foreseen:
    if isinstance(command, AddSlot):
        if command.request is not None and (used := _used_by_slot(day, command.request)):
            return used
        if day.sheet.tenure.retired:
            return Foreseen(DoctorRetired)
        if not day.now < command.end:
            return Foreseen(SlotOver)
    else:
        same = [hours for hours in day.sheet.reserved_hours if hours.slot_id == command.slot_id]
        if same:
            as_held = same[0].start == command.start and same[0].end == command.end
            return Foreseen(None if as_held else SlotOverlap)
    spans = [(slot.start, slot.end) for slot in day.sheet.slots]
    spans += [(hours.start, hours.end) for hours in day.sheet.reserved_hours]
    for start, end in spans:
        if max(start, command.start) < min(end, command.end):
            return Foreseen(SlotOverlap)
    return Foreseen()


def _used_by_slot(day: Reading, request: KeyedRequest) -> Foreseen | None:
    """A key stands for one thing on a sheet; what was asked with it before is answered again."""
    uses = day.uses_of(request.key)
    if not uses:
        return None
    return Foreseen(None if uses == [("slot", request.fingerprint)] else IdempotencyMismatch)


def _no_target(day: Reading, slot_id: str, target: str | None) -> type[Refusal] | None:
    if target is None:
        return None
    if target == slot_id:
        return SameSlot
    if day.is_over(target):
        return SlotOver
    return None if day.is_open(target) else SlotClosed


def _reallocate(day: Reading, command: Reallocate) -> Foreseen:
    target = command.target_slot_id
    refusal = _no_target(day, command.slot_id, target)
    if refusal is not None:
        return Foreseen(refusal)
    candidates = day.later(command.slot_id)
    if target is not None:
        candidates = [target, *(candidate for candidate in candidates if candidate != target)]
    stands: dict[int, Stand] = {}
    if command.close:
        day = _with_closed(day, command.slot_id)
    for token in _who_moves(day, command):
        status = token.status
        candidate = day.slot_for(token, candidates)
        if candidate is None and token.source is Source.EMERGENCY:
            candidate = _overflow_for(day, token, candidates)
        if candidate is not None:
            status = Status.BOOKED if token.checked_in_at is None else Status.CHECKED_IN
        elif status is Status.BOOKED and token.source is not Source.EMERGENCY:
            status = Status.WAITLISTED
        stands[token.number] = (candidate or token.slot_id, status)
        day = _with_token(day, replace(token, slot_id=candidate or token.slot_id, status=status))
    return Foreseen(None, stands)


def _who_moves(day: Reading, command: Reallocate) -> list[Token]:
    by_rank = sorted(
        (token for token in day.sheet.tokens if token.slot_id == command.slot_id),
        key=lambda token: (-token.score, token.number),
    )
    waiting = [token for token in by_rank if token.status is Status.WAITLISTED]
    if not command.close:
        return waiting
    movable = [token for token in by_rank if token.status in (Status.CHECKED_IN, Status.BOOKED)]
    emergencies = [token for token in movable if token.source is Source.EMERGENCY]
    others = [token for token in movable if token.source is not Source.EMERGENCY]
    return [
        *emergencies,
        *(token for token in others if token.status is Status.CHECKED_IN),
        *(token for token in others if token.status is Status.BOOKED),
        *waiting,
    ]


def _overflow_for(day: Reading, token: Token, candidates: list[str]) -> str | None:
    for candidate in candidates:
        if (
            day.gives_seats(candidate)
            and day.has_overflow(candidate)
            and not day.has_live(token.patient.id, candidate)
        ):
            return candidate
    return None


def _with_closed(day: Reading, slot_id: str) -> Reading:
    slots = tuple(
        replace(slot, status=SlotStatus.CLOSED) if slot.id == slot_id else slot
        for slot in day.sheet.slots
    )
    return Reading(replace(day.sheet, slots=slots), day.policy, day.now, day.once_seated)


def _with_token(day: Reading, token: Token) -> Reading:
    assert token.status in LIVE
    tokens = list(day.sheet.tokens)
    tokens[token.number - 1] = token
    return Reading(replace(day.sheet, tokens=tuple(tokens)), day.policy, day.now, day.once_seated)
