"""What must come of each command of the line, and of time alone: rules 16, 17 and 19 once more."""

from datetime import timedelta

from models.commands import CallNext, Recall, SetMark, Undo
from models.errors import (
    AlreadyBooked,
    BadTransition,
    IdempotencyMismatch,
    SeatGone,
    StillIn,
    UndoExpired,
    WrongDay,
)
from models.source import Source
from models.token import Status
from tests.property.foreseen import Foreseen, Stand
from tests.property.reading import LIVE, Reading


def call_next(day: Reading, command: CallNext) -> Foreseen:
    """Rule 16."""
    if command.request is not None and (uses := day.uses_of(command.request.key)):
        known = uses == [("call", command.request.fingerprint)]
        return Foreseen(None if known else IdempotencyMismatch)
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
        if with_doctor and token.room == command.room:
            return Foreseen(StillIn)
    for token in day.line()[:1] or day.first_of_waitlist():
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


def set_mark(day: Reading, command: SetMark) -> Foreseen:
    """Rule 22."""
    (token,) = [token for token in day.sheet.tokens if token.id == command.token_id]
    return Foreseen(None if token.status in LIVE else BadTransition)
