"""A token is marked at the desk, so that its patient is called earlier. Rules 22 and 26."""

from msgspec.structs import replace

from engine.bumping import give_way
from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.seating import Bumping, find_alternatives, find_seating, is_bumpable
from engine.status import ALLOWED, find_token
from models.commands import SetMark
from models.errors import BadTransition, SlotFull
from models.keyed_request import Displacement
from models.line import Mark
from models.rank import rank
from models.reasons import MarkSet
from models.token import LIVE, Raised, Status, Token


def set_mark(edit: Editor, command: SetMark) -> Outcome:
    """Mark a live token; the same mark again changes nothing.

    Raises UnknownToken, BadTransition, SlotFull for an emergency without a seat.
    """
    token = find_token(edit.day, command.token_id)
    if token.status not in LIVE:
        raise BadTransition(token.status, ALLOWED[token.status])
    if token.mark is command.mark:
        return Outcome(slot_id=token.slot_id, number=token.number)
    marked = _marked(edit.day, token, command.mark)
    bumped = None
    anew = marked.raised is not None and marked.source is not token.source
    if marked.status is Status.WAITLISTED and anew:
        marked, bumped = _seated(edit, marked)
    edit.put_token(marked)
    edit.record.marked(token, marked, MarkSet(command.mark), command.note)
    if bumped is None and marked.score < token.score:
        bumped = _yield_to_who_waits(edit, marked)
    return Outcome(slot_id=marked.slot_id, number=marked.number, bumped=bumped)


def _marked(day: Day, token: Token, mark: Mark | None) -> Token:
    """The token as it was booked, with this mark and what the mark makes of it.

    One that was booked with as high a score stays what it is.
    """
    was = token.raised
    if was is not None:
        token = replace(token, source=was.source, score=was.score)
    token = replace(token, mark=mark, raised=None)
    source = None if mark is None else mark.source
    if source is None or day.score(source) <= token.score:
        return token
    raised = Raised(at=day.now, source=token.source, score=token.score)
    return replace(token, source=source, score=day.score(source), raised=raised)


def _seated(edit: Editor, token: Token) -> tuple[Token, Displacement | None]:
    """A waiting token that was raised, by rules 3 and 4 as if it came now; else it waits on."""
    day = edit.day
    timed = day.timed_slot(token.slot_id)
    seating = find_seating(day, timed, token.source)
    if seating is None:
        if token.source.row.emergency:
            raise SlotFull(find_alternatives(day, token.patient.id, token.source, token.slot_id))
        return token, None
    bumped = None
    if isinstance(seating, Bumping):
        bumped = give_way(edit, seating.loser, timed, token.number, token.source)
    seated = replace(
        token,
        status=token.status_with_seat,
        seated_at=token.seated_at or day.now,
        last_step=None,
    )
    return seated, bumped


def _yield_to_who_waits(edit: Editor, token: Token) -> Displacement | None:
    """One that scores lower again gives up its seat, if somebody waits there who outranks it."""
    day = edit.day
    timed = day.timed_slot(token.slot_id)
    best = min(day.roster(token.slot_id).waiting, key=rank, default=None)
    if best is None or best.score <= token.score or not is_bumpable(day, token, timed, best.source):
        return None
    return give_way(edit, token, timed, best.number, best.source)
