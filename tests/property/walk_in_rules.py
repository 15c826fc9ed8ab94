"""Whether a line takes a walk-in: rule 24 read a second time."""

from models.commands import Book
from models.errors import NotAccepting, QueueFull, Refusal
from models.source import Source
from models.token import Status
from tests.property.reading import Reading


def walk_in_refusal(day: Reading, command: Book) -> type[Refusal] | None:
    """By what this newcomer is refused; none but walk-ins are."""
    if command.source is not Source.WALKIN:
        return None
    if not day.policy.accepting:
        return NotAccepting
    return QueueFull if _is_long(day) else None


def _is_long(day: Reading) -> bool:
    """As many are there as may be in line."""
    there = 0
    for token in day.sheet.tokens:
        seen_next = token.status in (Status.CALLED, Status.CHECKED_IN)
        to_come = token.status in (Status.BOOKED, Status.WAITLISTED)
        here = token.source is Source.WALKIN or token.checked_in_at is not None
        there += seen_next or (to_come and here)
    return day.policy.max_size is not None and there >= day.policy.max_size
