"""One line of several doctors' days: who of them all is called next. Rule 29.

A day that is read knows the `others` with whose lines its own is one; without any this is its own line.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from engine.day import Day
from engine.line import (
    LineKey,
    WhyNext,
    called,
    called_key,
    line_key,
    waiting,
    why_before,
    without_seat,
)
from models.token import Status, Token


class InLine(Struct, frozen=True):
    """Somebody in a shared line, the day on whose sheet the token stands, and what puts it there."""

    day: Day
    token: Token
    key: LineKey


def is_shared(day: Day) -> bool:
    """Whether other doctors may call from this line."""
    return day.policy.pool and not day.sheet.tenure.retired


def waits(day: Day, token: Token) -> bool:
    """Whether this one is here and may be called."""
    return token.status is Status.CHECKED_IN or token in without_seat(day)


def shared_line(days: Sequence[Day]) -> list[InLine]:
    """Those who are checked in on any of these days, who is next first, by the order of the first day."""
    return _in_order(days, waiting)


def next_of_shared(days: Sequence[Day]) -> InLine | None:
    """Who of all is called next; one without a seat when nobody with one is there."""
    line = shared_line(days) or _in_order(days, without_seat)
    return line[0] if line else None


def why_next(days: Sequence[Day]) -> WhyNext:
    """Why the next in line, whom there is, is the next."""
    line = shared_line(days)
    if not line:
        return WhyNext.NO_SEAT
    if len(line) == 1:
        return WhyNext.ALONE
    first, second = line[:2]
    return why_before(days[0].policy.order, (first.token, first.key), (second.token, second.key))


def called_and_waiting(day: Day) -> list[InLine]:
    """Those called, then those here, as they are seen, of the day and those that share its line."""
    days = (day, *day.others)
    in_front = [
        InLine(each, token, called_key(each, token)) for each in days for token in called(each)
    ]
    return sorted(in_front, key=_place) + shared_line(days)


def _in_order(days: Sequence[Day], found: Callable[[Day], Iterable[Token]]) -> list[InLine]:
    """Ties, which only two of different days can make, go by the doctor's id."""
    entries: list[InLine] = []
    for day in days:
        key = line_key(day, days[0].policy)
        entries += [InLine(day, token, key(token)) for token in found(day)]
    return sorted(entries, key=_place)


def _place(entry: InLine) -> tuple[LineKey, str]:
    return entry.key, entry.day.sheet.resource_id
