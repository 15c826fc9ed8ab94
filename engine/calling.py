"""The next patient is called, or one who did not come is called again. Rules 16 and 17."""

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.doctor_session import begin_session
from engine.editor import Editor
from engine.line import waiting_line
from engine.repeats import token_called_by
from engine.status import ALLOWED, change_status, find_token
from models.commands import CallNext, ChangeStatus, Recall
from models.errors import BadTransition, StillIn, WrongDay
from models.reasons import CalledAgain, DidNotCome, WasCalled
from models.token import Status

MOST_RECALLS = 3
"""Who does not come after so many is MISSED."""


def call_next(edit: Editor, command: CallNext) -> Outcome:
    """Complete who is to be finished, and call whoever is first in line; an empty outcome if nobody.

    Raises IdempotencyMismatch, then WrongDay, what completing raises, StillIn.
    """
    day = edit.day
    if (earlier := token_called_by(day.sheet, command.request)) is not None:
        return Outcome(slot_id=earlier.slot_id, number=earlier.number, replayed=True)
    if day.today < day.sheet.date:
        raise WrongDay(day.sheet.date, day.today)
    if command.finish is not None:
        finish = ChangeStatus(actor=command.actor, token_id=command.finish, status=Status.COMPLETED)
        change_status(edit, finish)
    _refuse_still_in(edit.day, command.room)
    begin_session(edit)
    line = waiting_line(edit.day)
    if not line:
        return Outcome()
    called = line[0].stepped(
        edit.day.now,
        status=Status.CALLED,
        called_at=edit.day.now,
        front_at=None,
        room=command.room,
        recalls=0,
        call=command.request or line[0].call,
    )
    edit.put_token(called)
    edit.record.status_changed(line[0], called, WasCalled(), None)
    return Outcome(slot_id=called.slot_id, number=called.number)


def recall(edit: Editor, command: Recall) -> Outcome:
    """Call once more who was called; one recall too many, and the patient counts as missed.

    Raises UnknownToken, BadTransition.
    """
    token = find_token(edit.day, command.token_id)
    if token.status is not Status.CALLED:
        raise BadTransition(token.status, ALLOWED[token.status])
    if token.recalls < MOST_RECALLS:
        again = replace(token, recalls=token.recalls + 1, last_step=None)
        edit.put_token(again)
        edit.record.recalled(again, CalledAgain(again.recalls))
    else:
        missed = replace(token, status=Status.MISSED, away_at=edit.day.now, last_step=None)
        edit.put_token(missed)
        edit.record.status_changed(token, missed, DidNotCome(), None)
    return Outcome(slot_id=token.slot_id, number=token.number)


def _refuse_still_in(day: Day, room: str | None) -> None:
    for timed in day.timed_slots:
        roster = day.roster(timed.slot.id)
        for token in roster.seated if roster.in_consultation else ():
            if token.status is Status.IN_CONSULTATION and token.room == room:
                raise StillIn(day.sheet.refer_to(token))
