"""Whether a line takes a walk-in: rules 24 and 25 read a second time."""

from datetime import datetime, timedelta

from models.commands import Book
from models.errors import DayOverruns, NotAccepting, QueueFull, Refusal
from models.line_config import Overflow
from models.source import Source
from models.token import Status
from tests.property.reading import HOLDS_SEAT, Reading


def walk_in_refusal(day: Reading, command: Book) -> type[Refusal] | None:
    """By what this newcomer is refused; none but walk-ins are."""
    if command.source is not Source.WALKIN:
        return None
    if not day.policy.accepting:
        return NotAccepting
    if _is_long(day):
        return QueueFull
    if day.policy.overflow is Overflow.TELL or not overruns(day, command.slot_id):
        return None
    if day.policy.overflow is Overflow.REFUSE:
        return NotAccepting
    return None if command.insists else DayOverruns


def overruns(day: Reading, newcomer: str | None) -> bool:
    """Whether all who are yet to be seen are seen too late, with one more in the newcomer's slot."""
    open_ = [slot.end for slot in day.sheet.slots if day.is_open(slot.id)]
    if not open_:
        return False
    ends = max([day.now, *filter(None, [day.sheet.session.until])])
    for slot_id in day.in_order:
        ends = _after_slot(day, slot_id, newcomer, ends)
    return ends > max(open_) + timedelta(minutes=day.policy.overflow_minutes)


def _after_slot(day: Reading, slot_id: str, newcomer: str | None, free: datetime) -> datetime:
    to_see = [
        token
        for token in day.sheet.tokens
        if token.slot_id == slot_id and token.status in HOLDS_SEAT - {Status.COMPLETED}
    ]
    count = len(to_see) + (slot_id == newcomer)
    if count == 0:
        return free
    begins = max(free, day.expected(slot_id)[0]) if day.is_open(slot_id) else free
    return begins + timedelta(minutes=day.policy.consultation_minutes * count)


def _is_long(day: Reading) -> bool:
    """As many are there as may be in line."""
    there = 0
    for token in day.sheet.tokens:
        seen_next = token.status in (Status.CALLED, Status.CHECKED_IN)
        to_come = token.status in (Status.BOOKED, Status.WAITLISTED)
        booked_as = token.raised.source if token.raised else token.source
        here = booked_as is Source.WALKIN or token.checked_in_at is not None
        there += seen_next or (to_come and here)
    return day.policy.max_size is not None and there >= day.policy.max_size
