"""A token is marked at the desk, so that its patient is called earlier. Rule 22."""

from msgspec.structs import replace

from engine.decision import Outcome
from engine.editor import Editor
from engine.status import ALLOWED, find_token
from models.commands import SetMark
from models.errors import BadTransition
from models.reasons import MarkSet
from models.token import LIVE


def set_mark(edit: Editor, command: SetMark) -> Outcome:
    """Mark a live token; the same mark again changes nothing. Raises UnknownToken, BadTransition."""
    token = find_token(edit.day, command.token_id)
    if token.status not in LIVE:
        raise BadTransition(token.status, ALLOWED[token.status])
    if token.mark is not command.mark:
        marked = replace(token, mark=command.mark)
        edit.put_token(marked)
        edit.record.marked(marked, MarkSet(command.mark), command.note)
    return Outcome(slot_id=token.slot_id, number=token.number)
