"""Whether a doctor's line takes walk-ins. Rule 24."""

from engine.day import Day
from models.errors import NotAccepting, QueueFull
from models.source import Source
from models.token import Status, Token

_IN_LINE = frozenset({Status.CALLED, Status.CHECKED_IN})
_TO_CHECK_IN = frozenset({Status.BOOKED, Status.WAITLISTED})


def size_of_line(day: Day) -> int:
    """How many are there and yet to be seen: called, checked in, or a walk-in who holds a token."""
    return sum(map(_is_there, day.sheet.tokens))


def is_accepting(day: Day) -> bool:
    """Whether walk-ins are taken, as long as there is room in the line."""
    return day.policy.accepting and not day.sheet.tenure.retired


def may_walk_in(day: Day, source: Source) -> bool:
    """Whether the line takes a newcomer of this source; it refuses none but walk-ins."""
    if not source.row.walk_in:
        return True
    return is_accepting(day) and not _is_long(day)


def refuse_walk_in(day: Day, source: Source) -> None:
    """Raises NotAccepting, QueueFull."""
    if may_walk_in(day, source):
        return
    if not is_accepting(day):
        raise NotAccepting
    raise QueueFull(size_of_line(day))


def _is_long(day: Day) -> bool:
    most = day.policy.max_size
    return most is not None and size_of_line(day) >= most


def _is_there(token: Token) -> bool:
    if token.status in _IN_LINE:
        return True
    here = token.source.row.walk_in or token.checked_in_at is not None
    return here and token.status in _TO_CHECK_IN
