"""The next patient is called, or one who did not come is called again. Rules 16, 17 and 29."""

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.doctor_session import begin_session
from engine.editor import Editor
from engine.line import next_in_line
from engine.repeats import token_called_by
from engine.shared_line import is_shared, waits
from engine.status import ALLOWED, change_status, find_token
from models.commands import CallNext, CallShared, ChangeStatus, Recall
from models.doctor import Colleague
from models.errors import BadTransition, KeyDeclined, StillIn, WrongDay
from models.reasons import CalledAgain, CalledByColleague, DidNotCome, SeatAdded, WasCalled
from models.token import Status, Token

MOST_RECALLS = 3
"""Who does not come after so many is MISSED."""


def call_next(edit: Editor, command: CallNext) -> Outcome:
    """Complete who is to be finished, and call whoever is first in line; an empty outcome if nobody.

    When nobody with a seat is there, one of the waitlist who is.

    Raises IdempotencyMismatch and KeyDeclined, then WrongDay, what completing raises, StillIn.
    """
    sheet = edit.day.sheet
    if (earlier := token_called_by(sheet, command.request)) is not None:
        return Outcome(slot_id=earlier.slot_id, number=earlier.number, replayed=True)
    if command.request is not None and command.request.key in sheet.declined:
        raise KeyDeclined
    _make_room(edit, command, served_by=None)
    begin_session(edit)
    first = next_in_line(edit.day)
    return Outcome() if first is None else _call(edit, first, command, None)


def call_shared(edit: Editor, command: CallShared) -> Outcome:
    """The same with the one who is first in a shared line, whom the command names; see rule 29.

    An empty outcome, and the key declined, when that one does not wait here any more, or this line is
    no longer shared: the caller looks at all lines again. Another doctor's session is left as it is.

    Raises IdempotencyMismatch, then UnknownToken, WrongDay, what completing raises, StillIn.
    """
    sheet = edit.day.sheet
    if command.request is not None and command.request.key in sheet.declined:
        return Outcome()
    if (earlier := token_called_by(sheet, command.request)) is not None:
        return Outcome(slot_id=earlier.slot_id, number=earlier.number, replayed=True)
    token = find_token(edit.day, command.token_id)
    if not waits(edit.day, token) or (command.by is not None and not is_shared(edit.day)):
        if command.request is not None:
            edit.decline(command.request.key)
            edit.record.key_declined()
        return Outcome()
    _make_room(edit, command, served_by=None if command.by is None else command.by.id)
    if command.by is None:
        begin_session(edit)
    return _call(edit, edit.day.sheet.tokens[token.number - 1], command, command.by)


def _make_room(edit: Editor, command: CallNext | CallShared, served_by: str | None) -> None:
    """Complete who is to be finished; then nobody may be in the room with this doctor."""
    day = edit.day
    if day.today < day.sheet.date:
        raise WrongDay(day.sheet.date, day.today)
    if command.finish is not None:
        finish = ChangeStatus(actor=command.actor, token_id=command.finish, status=Status.COMPLETED)
        change_status(edit, finish)
    if (other := inside(edit.day, command.room, served_by)) is not None:
        raise StillIn(day.sheet.refer_to(other))


def _call(
    edit: Editor, token: Token, command: CallNext | CallShared, by: Colleague | None
) -> Outcome:
    if token.status is Status.WAITLISTED:
        _give_seat(edit, token)
    now = edit.day.now
    called = token.stepped(
        now,
        status=Status.CALLED,
        seated_at=token.seated_at or now,
        called_at=now,
        front_at=None,
        room=command.room,
        served_by=None if by is None else by.id,
        recalls=0,
        call=command.request or token.call,
    )
    edit.put_token(called)
    reason = WasCalled() if by is None else CalledByColleague(by.id, by.name)
    edit.record.status_changed(token, called, reason, None)
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


def inside(
    day: Day, room: str | None, served_by: str | None, *, besides: str | None = None
) -> Token | None:
    """Who is in consultation in that room with this doctor, None for the line's own.

    `besides` the token of that id.
    """
    for timed in day.timed_slots:
        roster = day.roster(timed.slot.id)
        for token in roster.seated if roster.in_consultation else ():
            with_them = token.room == room and token.served_by == served_by
            if token.status is Status.IN_CONSULTATION and with_them and token.id != besides:
                return token
    return None
