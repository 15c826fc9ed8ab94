"""Rule 8: the status changes that may be asked for."""

from datetime import datetime

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.seating import find_alternatives
from models.commands import ChangeStatus
from models.errors import AlreadyBooked, BadTransition, DayOver, SlotFull, UnknownToken, WrongDay
from models.reasons import (
    Arrived,
    CameLate,
    ConsultationBegan,
    ConsultationEnded,
    NotThere,
    StatusReason,
    WasCalled,
    WasCancelled,
)
from models.token import Status, Token

ALLOWED: dict[Status, tuple[Status, ...]] = {
    Status.WAITLISTED: (Status.CANCELLED,),
    Status.BOOKED: (Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW),
    Status.CHECKED_IN: (
        Status.CALLED,
        Status.IN_CONSULTATION,
        Status.CANCELLED,
        Status.NO_SHOW,
    ),
    Status.CALLED: (Status.IN_CONSULTATION, Status.NO_SHOW),
    Status.IN_CONSULTATION: (Status.COMPLETED,),
    Status.NO_SHOW: (Status.CHECKED_IN,),
    Status.COMPLETED: (),
    Status.CANCELLED: (),
    Status.MOVED: (),
}

ON_ITS_DAY = frozenset({Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION})
"""What is asked before a token's day only on purpose."""

_REASONS: dict[Status, StatusReason] = {
    Status.CHECKED_IN: Arrived(),
    Status.CALLED: WasCalled(),
    Status.IN_CONSULTATION: ConsultationBegan(),
    Status.COMPLETED: ConsultationEnded(),
    Status.CANCELLED: WasCancelled(),
    Status.NO_SHOW: NotThere(),
}


def change_status(edit: Editor, command: ChangeStatus) -> Outcome:
    """Move a token along the table. Repeating its present status changes nothing.

    Raises UnknownToken, BadTransition, WrongDay; for a return after NO_SHOW also DayOver,
    AlreadyBooked, SlotFull.
    """
    token = edit.day.sheet.find_token(command.token_id)
    if token is None:
        raise UnknownToken
    outcome = Outcome(slot_id=token.slot_id, number=token.number)
    if command.status is token.status:
        return outcome
    allowed = ALLOWED[token.status]
    if command.status not in allowed:
        raise BadTransition(token.status, allowed)
    _refuse_before_its_day(edit.day, command)
    reason = _REASONS[command.status]
    if token.status is Status.NO_SHOW:
        _refuse_return(edit.day, token)
        reason = CameLate()
    changed = _stamped(token, command, edit.day.now)
    edit.put_token(changed)
    edit.record.status_changed(token, changed, reason, command.note)
    return outcome


def _refuse_before_its_day(day: Day, command: ChangeStatus) -> None:
    """Nobody is here, called or seen before the token's date; afterwards nothing is refused.

    A slip of the date at the desk would spoil another day's queue. Who means it says so.
    """
    early = command.status in ON_ITS_DAY and day.today < day.sheet.date
    if early and not command.any_day:
        raise WrongDay(day.sheet.date, day.today)


def _stamped(token: Token, command: ChangeStatus, now: datetime) -> Token:
    match command.status:
        case Status.CHECKED_IN:
            return replace(
                token, status=command.status, checked_in_at=now, called_at=None, ended_at=None
            )
        case Status.CALLED:
            return replace(token, status=command.status, called_at=now)
        case Status.IN_CONSULTATION:
            return replace(token, status=command.status, started_at=now)
        case Status.CANCELLED:
            return replace(token, status=command.status, ended_at=now, cancel_reason=command.note)
        case _:
            return replace(token, status=command.status, ended_at=now)


def _refuse_return(day: Day, token: Token) -> None:
    """A late return holds until the end of the day, and keeps one overflow seat for an emergency."""
    if day.now >= _end_of_day(day):
        raise DayOver
    if other := day.live_token_of(token.patient.id, token.slot_id):
        raise AlreadyBooked(other.id, other.label)
    if not day.has_overflow(day.timed_slot(token.slot_id), kept_back=1):
        raise SlotFull(find_alternatives(day, token.patient.id, token.source, token.slot_id))


def _end_of_day(day: Day) -> datetime:
    """The midnight that ends the sheet's date, or the expected end of its last slot, if later."""
    return max([day.midnight, *(timed.expected_end for timed in day.timed_slots)])
