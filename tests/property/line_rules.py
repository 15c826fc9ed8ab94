"""What must come of each command of the line, and of time alone: rules 16, 17, 19 and 29 once more."""

from datetime import timedelta

from models.commands import CallNext, CallShared, Recall, SetMark, Undo
from models.errors import (
    AlreadyBooked,
    BadTransition,
    IdempotencyMismatch,
    KeyDeclined,
    SeatGone,
    SlotFull,
    StillIn,
    UndoExpired,
    WrongDay,
)
from models.source import Source
from models.token import Status, Token
from tests.property.foreseen import Foreseen, Stand
from tests.property.reading import LIVE, Reading


def call_next(day: Reading, command: CallNext) -> Foreseen:
    """Rule 16."""
    if command.request is not None and (uses := day.uses_of(command.request.key)):
        if uses == [("declined", "")]:
            return Foreseen(KeyDeclined)
        known = uses == [("call", command.request.fingerprint)]
        return Foreseen(None if known else IdempotencyMismatch)
    return _call(day, command, day.line()[:1] or day.waitlist()[:1], None)


def call_shared(day: Reading, command: CallShared) -> Foreseen:
    """Rule 29."""
    if command.request is not None and (uses := day.uses_of(command.request.key)):
        known = [("call", command.request.fingerprint)], [("declined", "")]
        return Foreseen(None if uses in known else IdempotencyMismatch)
    (token,) = [token for token in day.sheet.tokens if token.id == command.token_id]
    may = command.by is None or (day.policy.pool and not day.sheet.tenure.retired)
    if not may or token not in [*day.line(), *day.waitlist()]:
        return Foreseen()
    served_by = None if command.by is None else command.by.id
    return _call(day, command, [token], served_by)


def _call(
    day: Reading, command: CallNext | CallShared, called: list[Token], served_by: str | None
) -> Foreseen:
    if day.now < day.midnight():
        return Foreseen(WrongDay)
    stands: dict[int, Stand] = {}
    for token in day.sheet.tokens:
        if token.id == command.finish:
            if token.status not in (Status.IN_CONSULTATION, Status.COMPLETED):
                return Foreseen(BadTransition)
            stands[token.number] = (token.slot_id, Status.COMPLETED)
    for token in day.sheet.tokens:
        with_doctor = token.status is Status.IN_CONSULTATION and token.id != command.finish
        if with_doctor and (token.room, token.served_by) == (command.room, served_by):
            return Foreseen(StillIn)
    for token in called:
        stands[token.number] = (token.slot_id, Status.CALLED)
    return Foreseen(None, stands)


_AT_THE_END = {
    Status.WAITLISTED: Status.CANCELLED,
    Status.BOOKED: Status.NO_SHOW,
    Status.MISSED: Status.NO_SHOW,
    Status.CHECKED_IN: Status.CANCELLED,
    Status.CALLED: Status.CANCELLED,
    Status.PARKED: Status.CANCELLED,
    Status.IN_CONSULTATION: Status.COMPLETED,
}


def tick(day: Reading) -> Foreseen:
    """Rule 19."""
    made = day.timed_out()
    if day.now >= day.end_of_day():
        made = {
            token.number: _AT_THE_END.get(token.status, token.status) for token in day.sheet.tokens
        }
    tokens = day.sheet.tokens
    stands = {number: (tokens[number - 1].slot_id, status) for number, status in made.items()}
    return Foreseen(None, stands)


def recall(day: Reading, command: Recall) -> Foreseen:
    """Rule 17."""
    (token,) = [token for token in day.sheet.tokens if token.id == command.token_id]
    if token.status is not Status.CALLED:
        return Foreseen(BadTransition)
    status = Status.CALLED if token.recalls < 3 else Status.MISSED
    return Foreseen(None, {token.number: (token.slot_id, status)})


def undo(day: Reading, command: Undo) -> Foreseen:
    """Rule 20."""
    (token,) = [token for token in day.sheet.tokens if token.id == command.token_id]
    at, before = day.steps.get(token.number, (day.now, None))
    late = day.now > at + timedelta(minutes=2)
    if before is None or late or token.status is not command.status:
        return Foreseen(UndoExpired)
    if token.status in (Status.CANCELLED, Status.NO_SHOW):
        if day.has_live(token.patient.id, token.slot_id):
            return Foreseen(AlreadyBooked)
        if before.status is Status.WAITLISTED:
            losers = [other.score for other in day.bumpable(token.slot_id, token.source)]
            if losers and min(losers) < token.score:
                return Foreseen(SeatGone)
        elif day.taken(token.slot_id) >= day.slots[token.slot_id].max_capacity and not (
            token.source is Source.EMERGENCY and day.has_overflow(token.slot_id)
        ):
            return Foreseen(SeatGone)
    return Foreseen(None, {token.number: (token.slot_id, before.status)})


def set_mark(day: Reading, command: SetMark) -> Foreseen:  # as it may go
    """Rules 22 and 26."""
    (token,) = [token for token in day.sheet.tokens if token.id == command.token_id]
    if token.status not in LIVE:
        return Foreseen(BadTransition)
    if token.mark is command.mark:
        return Foreseen()
    booked_as = token.source, token.score
    if token.raised is not None:
        booked_as = token.raised.source, token.raised.score
    source, score = booked_as
    for name in (Source.EMERGENCY, Source.PRIORITY):
        if (
            command.mark is not None
            and command.mark.value == name.value
            and day.policy.scores[name] > score
        ):
            source, score = name, day.policy.scores[name]
    raised = source is not token.source and source is not booked_as[0]
    if token.status is Status.WAITLISTED and raised:
        return _raised(day, token, source, score)
    waiting = [
        other
        for other in day.sheet.tokens
        if other.slot_id == token.slot_id and other.status is Status.WAITLISTED
    ]
    best = min(waiting, key=lambda other: (-other.score, other.number), default=None)
    bumpable = (
        token.status is Status.BOOKED
        and source is not Source.EMERGENCY
        and len(token.bumps) < day.policy.max_bumps
        and day.now < day.slots[token.slot_id].start
    )
    if score < token.score and bumpable and best is not None and best.score > score:
        elsewhere = day.slot_for(token, day.later(token.slot_id))
        status = Status.BOOKED if elsewhere else Status.WAITLISTED
        stands = {token.number: (elsewhere or token.slot_id, status)}
        return Foreseen(None, stands, bumped=token.number, cause=best.number)
    return Foreseen()


def _raised(day: Reading, token: Token, source: Source, score: int) -> Foreseen:
    """Who waits gets the seat that a newcomer would get."""
    slot_id, urgent = token.slot_id, source is Source.EMERGENCY
    here = Status.BOOKED if token.checked_in_at is None else Status.CHECKED_IN
    seated = {token.number: (slot_id, here)}
    enters = day.takes_urgent(slot_id) if urgent else day.gives_seats(slot_id)
    if enters and (day.has_free_seat(slot_id) or (urgent and day.has_overflow(slot_id))):
        return Foreseen(None, seated)
    losers = [other for other in day.bumpable(slot_id, source) if other.score < score]
    if enters and losers:
        elsewhere = day.slot_for(losers[0], day.later(slot_id))
        stand = (elsewhere, Status.BOOKED) if elsewhere else (slot_id, Status.WAITLISTED)
        stands = {**seated, losers[0].number: stand}
        return Foreseen(None, stands, bumped=losers[0].number, cause=token.number)
    return Foreseen(SlotFull if urgent else None)
