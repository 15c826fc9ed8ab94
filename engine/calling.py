"""The next patient is called, or one who did not come is called again. Rules 16 and 17."""

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.doctor_session import begin_session
from engine.editor import Editor
from engine.line import next_in_line
from engine.repeats import token_called_by
from engine.status import ALLOWED, change_status, find_token
from models.commands import CallNext, ChangeStatus, Recall
from models.errors import BadTransition, StillIn, WrongDay
from models.reasons import CalledAgain, DidNotCome, SeatAdded, WasCalled
from models.token import Status, Token

MOST_RECALLS = 3
"""Who does not come after so many is MISSED."""


def call_next(edit: Editor, command: CallNext) -> Outcome:
    """Complete who is to be finished, and call whoever is first in line; an empty outcome if nobody.

    When nobody with a seat is there, one of the waitlist who is.

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
    first = next_in_line(edit.day)
    if first is None:
        return Outcome()
    if first.status is Status.WAITLISTED:
        _give_seat(edit, first)
    now = edit.day.now
    called = first.stepped(
        now,
        status=Status.CALLED,
        seated_at=first.seated_at or now,
        called_at=now,
        front_at=None,
        room=command.room,
        recalls=0,
        call=command.request or first.call,
    )
    edit.put_token(called)
    edit.record.status_changed(first, called, WasCalled(), None)
    return Outcome(slot_id=called.slot_id, number=called.number)


def _give_seat(edit: Editor, token: Token) -> None:
    """One more in the slot that it waits for, unless one is free that nobody may be given."""
    slot = edit.day.timed_slot(token.slot_id).slot
    if len(edit.day.roster(slot.id).seated) >= slot.max_capacity:
        larger = replace(slot, max_capacity=slot.max_capacity + 1)
        edit.put_slot(larger)
        edit.record.slot_changed(slot, larger, SeatAdded(token.number), None)


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
