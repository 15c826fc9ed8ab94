"""Rule 8: the status changes that may be asked for."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from engine.arrival import virtual_arrival
from engine.day import Day
from engine.decision import Outcome
from engine.doctor_session import begin_session
from engine.editor import Editor
from engine.seating import find_alternatives
from models.commands import ChangeStatus
from models.errors import (
    AlreadyBooked,
    BadTransition,
    DayOver,
    SlotFull,
    TooEarly,
    UnknownToken,
    WrongDay,
)
from models.line import ReturnTo
from models.reasons import (
    Arrived,
    CameBack,
    CameLate,
    ConsultationBegan,
    ConsultationEnded,
    DidNotCome,
    NotThere,
    SentForTests,
    StatusReason,
    WasCalled,
    WasCancelled,
    WentHome,
)
from models.token import AWAY, EndCode, Status, Token

ALLOWED: dict[Status, tuple[Status, ...]] = {
    Status.WAITLISTED: (Status.CHECKED_IN, Status.CANCELLED),
    Status.BOOKED: (Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW),
    Status.CHECKED_IN: (
        Status.CALLED,
        Status.IN_CONSULTATION,
        Status.PARKED,
        Status.CANCELLED,
        Status.NO_SHOW,
    ),
    Status.CALLED: (Status.IN_CONSULTATION, Status.PARKED, Status.MISSED, Status.NO_SHOW),
    Status.IN_CONSULTATION: (Status.PARKED, Status.COMPLETED),
    Status.PARKED: (Status.CHECKED_IN, Status.CANCELLED),
    Status.MISSED: (Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW),
    Status.NO_SHOW: (Status.CHECKED_IN,),
    Status.COMPLETED: (),
    Status.CANCELLED: (),
    Status.MOVED: (),
}

ON_ITS_DAY = frozenset({Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION})
"""What is asked before a token's day only on purpose."""
_BY_THE_DOCTOR = frozenset({Status.CALLED, Status.IN_CONSULTATION})
"""What happens while the doctor is there."""

_REASONS: dict[Status, StatusReason] = {
    Status.CHECKED_IN: Arrived(),
    Status.CALLED: WasCalled(),
    Status.IN_CONSULTATION: ConsultationBegan(),
    Status.PARKED: SentForTests(),
    Status.MISSED: DidNotCome(),
    Status.COMPLETED: ConsultationEnded(),
    Status.CANCELLED: WasCancelled(),
    Status.NO_SHOW: NotThere(),
}


def change_status(edit: Editor, command: ChangeStatus) -> Outcome:
    """Move a token along the table. Repeating its present status changes nothing.

    Raises UnknownToken, BadTransition, WrongDay; at a kiosk TooEarly; for a return after NO_SHOW also DayOver,
    AlreadyBooked, SlotFull.
    """
    token = find_token(edit.day, command.token_id)
    outcome = Outcome(slot_id=token.slot_id, number=token.number)
    allowed = ALLOWED[token.status]
    if command.to is not None and token.status not in AWAY:
        raise BadTransition(token.status, allowed)
    if command.status is token.status or _waits_here(token, command.status):
        return outcome
    if command.status not in allowed:
        raise BadTransition(token.status, allowed)
    _refuse_before_its_day(edit.day, command)
    if command.at_kiosk:
        _refuse_early(edit.day, token)
    if token.status is Status.NO_SHOW:
        _refuse_return(edit.day, token)
    changed = _stamped(edit.day, token, command)
    if command.status in _BY_THE_DOCTOR and changed.served_by is None:
        begin_session(edit)
    edit.put_token(changed)
    edit.record.status_changed(token, changed, _reason(token, command), command.note)
    return outcome


def _waits_here(token: Token, asked: Status) -> bool:
    """Whether a token without a seat is to be checked in again."""
    waits = token.status is Status.WAITLISTED and token.checked_in_at is not None
    return waits and asked is Status.CHECKED_IN


def find_token(day: Day, token_id: str) -> Token:
    """The token of that id. Raises UnknownToken."""
    token = day.sheet.find_token(token_id)
    if token is None:
        raise UnknownToken
    return token


def _reason(token: Token, command: ChangeStatus) -> StatusReason:
    if command.status is Status.CHECKED_IN:
        if token.status in AWAY:
            return CameBack(command.to or ReturnTo.SAME)
        if token.status is Status.NO_SHOW:
            return CameLate()
    if command.end_code is EndCode.LEFT:
        return WentHome()
    return _REASONS[command.status]


def _refuse_before_its_day(day: Day, command: ChangeStatus) -> None:
    """Nobody is here, called or seen before the token's date; afterwards nothing is refused.

    A slip of the date at the desk would spoil another day's queue. Who means it says so.
    """
    early = command.status in ON_ITS_DAY and day.today < day.sheet.date
    if early and not command.any_day:
        raise WrongDay(day.sheet.date, day.today)


def _refuse_early(day: Day, token: Token) -> None:
    start = day.timed_slot(token.slot_id).slot.start
    opens_at = start - timedelta(minutes=day.policy.early_minutes)
    if day.now < opens_at:
        raise TooEarly(opens_at.astimezone(day.sheet.zone))


def _stamped(day: Day, token: Token, command: ChangeStatus) -> Token:
    status, now = command.status, day.now
    match status:
        case Status.CHECKED_IN if token.status in AWAY:
            return _back(token, command.to, now)
        case Status.CHECKED_IN:
            waits = token.status is Status.WAITLISTED
            return token.stepped(
                now,
                status=token.status if waits else status,
                checked_in_at=now,
                arrival=virtual_arrival(day, token),
                called_at=None,
                ended_at=None,
                end_code=None,
                front_at=None,
                away_at=None,
                room=None,
                served_by=None,
            )
        case Status.CALLED:
            return token.stepped(
                now, status=status, called_at=now, front_at=None, room=command.room, recalls=0
            )
        case Status.IN_CONSULTATION:
            room = command.room or token.room
            return token.stepped(now, status=status, started_at=now, front_at=None, room=room)
        case Status.PARKED:
            return token.stepped(now, status=status, front_at=None, away_at=now)
        case Status.MISSED:
            return replace(token, status=status, front_at=None, away_at=now, last_step=None)
        case Status.CANCELLED:
            return token.stepped(
                now,
                status=status,
                ended_at=now,
                cancel_reason=command.note,
                end_code=command.end_code,
            )
        case _:
            return token.stepped(now, status=status, ended_at=now)


def _back(token: Token, to: ReturnTo | None, now: datetime) -> Token:
    """In line again; `same` keeps the virtual arrival."""
    back = replace(
        token,
        status=Status.CHECKED_IN,
        called_at=None,
        away_at=None,
        room=None,
        served_by=None,
        last_step=None,
    )
    if to is ReturnTo.FIRST:
        return replace(back, front_at=now)
    if to is ReturnTo.LAST:
        return replace(back, arrival=now)
    return back


def _refuse_return(day: Day, token: Token) -> None:
    """A late return holds until the end of the day, and keeps one overflow seat for an emergency."""
    if day.now >= day.ends_at:
        raise DayOver
    if other := day.live_token_of(token.patient.id, token.slot_id):
        raise AlreadyBooked(day.sheet.refer_to(other))
    if not day.has_overflow(day.timed_slot(token.slot_id), kept_back=1):
        raise SlotFull(find_alternatives(day, token.patient.id, token.source, token.slot_id))
