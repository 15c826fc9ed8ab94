"""Whether a doctor's line takes walk-ins, and how late a day should end. Rules 24 and 25."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from engine.day import Day
from models.errors import DayOverruns, NotAccepting, QueueFull
from models.line_config import Overflow
from models.slot import SlotStatus
from models.source import Source
from models.timeline import TimedSlot
from models.token import AWAY, PRESENT, Status, Token

_IN_LINE = frozenset({Status.CALLED, Status.CHECKED_IN})
_TO_CHECK_IN = frozenset({Status.BOOKED, Status.WAITLISTED})
_TO_BE_SEEN = PRESENT | AWAY | {Status.BOOKED}

Obstacle = NotAccepting | QueueFull | DayOverruns


def size_of_line(day: Day) -> int:
    """How many are there and yet to be seen: called, checked in, or a walk-in who holds a token."""
    return sum(map(_is_there, day.sheet.tokens))


def is_accepting(day: Day) -> bool:
    """Whether one more walk-in is taken, as long as there is room in the line."""
    refuses = day.policy.overflow is Overflow.REFUSE and overrun(day, _last_open(day)) is not None
    return day.policy.accepting and not day.sheet.tenure.retired and not refuses


def obstacle(day: Day, timed: TimedSlot, source: Source) -> Obstacle | None:
    """What stands against a newcomer of this source in this slot; against walk-ins alone anything.

    Not whether the slot has a seat. DayOverruns does not stand against who insists.
    """
    if not source.row.walk_in:
        return None
    policy = day.policy
    if not policy.accepting:
        return NotAccepting()
    if policy.max_size is not None and (size := size_of_line(day)) >= policy.max_size:
        return QueueFull(size)
    if policy.overflow is Overflow.TELL or (ends := overrun(day, timed)) is None:
        return None
    return NotAccepting() if policy.overflow is Overflow.REFUSE else DayOverruns(ends)


def overrun(day: Day, newcomer: TimedSlot | None = None) -> datetime | None:
    """When the day should end, if that is too late; with one more patient in a slot.

    By the arithmetic of consultation minutes alone, never by what was learned: the same commands
    give the same sheet.
    """
    last = _last_open(day)
    if last is None:
        return None
    ends = max(free for _, free in _frees(day, newcomer))
    late = last.slot.end + timedelta(minutes=day.policy.overflow_minutes)
    return ends if ends > late else None


class Soonest(Struct, frozen=True):
    """A slot, and when a walk-in in it should begin."""

    day: Day
    timed: TimedSlot
    begins: datetime


def soonest(days: Sequence[Day], source: Source, patient_id: str | None) -> Soonest | None:
    """Of these days of one date the slot with a free seat in which a walk-in begins first.

    Ties go by the doctor's id. Left out is what stands against one, and where the patient has a token.
    """
    found = [
        Soonest(day, timed, max(free, timed.expected_start))
        for day in days
        if not day.is_full
        for timed, free in _frees(day)
        if day.has_free_seat(timed)
        and obstacle(day, timed, source) is None
        and (patient_id is None or day.live_token_of(patient_id, timed.slot.id) is None)
    ]
    return min(found, key=lambda each: (each.begins, each.day.sheet.resource_id), default=None)


def _frees(day: Day, newcomer: TimedSlot | None = None) -> Iterator[tuple[TimedSlot, datetime]]:
    """Of each slot in order of time when all who hold a seat in it or an earlier one were seen.

    From now, or the end of a break, a consultation for each, in an OPEN slot from its expected
    start on; `newcomer` is the slot of one more.
    """
    free = max(day.now, day.sheet.session.until or day.now)
    for timed in day.timed_slots:
        seated = day.roster(timed.slot.id).seated
        count = sum(token.status in _TO_BE_SEEN for token in seated) + (timed is newcomer)
        if count and timed.slot.status is SlotStatus.OPEN:
            free = max(free, timed.expected_start)
        free += count * day.consultation
        yield timed, free


def _last_open(day: Day) -> TimedSlot | None:
    """The OPEN slot that should end last by the plan."""
    open_ = (timed for timed in day.timed_slots if timed.slot.status is SlotStatus.OPEN)
    return max(open_, key=lambda timed: timed.slot.end, default=None)


def _is_there(token: Token) -> bool:
    if token.status in _IN_LINE:
        return True
    here = token.booked_source.row.walk_in or token.checked_in_at is not None
    return here and token.status in _TO_CHECK_IN
