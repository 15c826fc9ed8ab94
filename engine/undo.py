"""The last step of a token is taken back, soon after it. Rule 20."""

from datetime import datetime, timedelta

from msgspec.structs import asdict, replace

from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.seating import is_bumpable
from engine.status import find_token
from models.commands import Undo
from models.errors import AlreadyBooked, SeatGone, UndoExpired
from models.reasons import StepUndone
from models.token import Status, Token

WITHIN = timedelta(minutes=2)


def undo_until(token: Token) -> datetime | None:
    """Until when its last step may be taken back; None if that can't be."""
    step = token.last_step
    return None if step is None else step.at + WITHIN


def undo(edit: Editor, command: Undo) -> Outcome:
    """Put a token back to where it stood before the step that brought it to `command.status`.

    Raises UnknownToken; UndoExpired, also when something newer happened to it; of a seat that it had
    given up AlreadyBooked, SeatGone.
    """
    day = edit.day
    token = find_token(day, command.token_id)
    step, until = token.last_step, undo_until(token)
    if step is None or until is None or token.status is not command.status or day.now > until:
        raise UndoExpired
    fields = asdict(step)
    del fields["at"]
    before = replace(token, **fields, cancel_reason=None, last_step=None)
    if token.status in (Status.CANCELLED, Status.NO_SHOW):
        _refuse_without_place(day, before)
    edit.put_token(before)
    edit.record.undone(token, before, StepUndone(token.status))
    return Outcome(slot_id=before.slot_id, number=before.number)


def _refuse_without_place(day: Day, token: Token) -> None:
    """Nobody gives up a seat to one who gave it up: neither who has it since, nor who came after."""
    if other := day.live_token_of(token.patient.id, token.slot_id):
        raise AlreadyBooked(day.sheet.refer_to(other))
    timed = day.timed_slot(token.slot_id)
    seated = day.roster(token.slot_id).seated
    if token.status is not Status.WAITLISTED:
        has_seat = len(seated) < timed.slot.max_capacity
        if not has_seat and not (token.source.row.emergency and day.has_overflow(timed)):
            raise SeatGone
    elif any(
        other.score < token.score and is_bumpable(day, other, timed, token.source)
        for other in seated
    ):
        raise SeatGone
