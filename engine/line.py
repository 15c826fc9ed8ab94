"""Who is called next: those who are here and wait, of all slots of the day. Rule 15."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum, auto

from engine.arrival import due_times
from engine.day import Day
from models.line import Order
from models.policy import Policy
from models.slot import SlotStatus
from models.token import Status, Token

_POINTS_OF_SCORE = 10
"""So much score is one point."""
_POINTS_A_MINUTE = 0.5
_MOST_POINTS_OF_WAIT = 50.0
_NEAR = ((timedelta(minutes=30), 30.0), (timedelta(minutes=60), 15.0))
"""So near the appointment, so many points; the nearest counts."""

_EMERGENCY, _AT_THE_FRONT, _IN_TURN = range(3)

LineKey = tuple[float, ...]
"""The group, the turn in it, then the rank."""


class WhyNext(StrEnum):
    """Why somebody is called before all others: what tells them from the one behind."""

    ALONE = auto()
    EMERGENCY = auto()
    AT_THE_FRONT = auto()
    EARLIER_SLOT = auto()
    EARLIEST = auto()
    HEAD_START = auto()
    POINTS = auto()
    HIGHER_SCORE = auto()
    MARKED = auto()
    EARLIER_NUMBER = auto()
    NO_SEAT = auto()


_WHY_BY_RANK = (WhyNext.HIGHER_SCORE, WhyNext.MARKED, WhyNext.EARLIER_NUMBER)


def next_in_line(day: Day) -> Token | None:
    """Who is called next; one without a seat when nobody with one is there."""
    line = waiting_line(day)
    return line[0] if line else next_of_waitlist(day)


def why_before(
    order: Order, first: tuple[Token, LineKey], second: tuple[Token, LineKey]
) -> WhyNext:
    """Why one is called before another, of whatever day, each with its key."""
    pairs = enumerate(zip(first[1], second[1], strict=True))
    differing = next((place for place, (one, other) in pairs if one != other), len(first[1]))
    if differing == 0:
        return WhyNext.EMERGENCY if first[0].source.row.emergency else WhyNext.AT_THE_FRONT
    if differing == 1:
        return _why_in_turn(order, first[0], second[0])
    return _WHY_BY_RANK[min(differing - 2, len(_WHY_BY_RANK) - 1)]


def _why_in_turn(order: Order, first: Token, second: Token) -> WhyNext:
    in_turn = not first.source.row.emergency and first.front_at is None
    if in_turn and order is Order.STRICT:
        return WhyNext.EARLIER_SLOT
    if in_turn and order is Order.WEIGHTED:
        return WhyNext.POINTS
    earlier = first.queued_from < second.queued_from
    return WhyNext.EARLIEST if earlier or not in_turn else WhyNext.HEAD_START


def waiting_line(day: Day) -> list[Token]:
    """Those who are checked in, who is next first. Total, since each key ends in the rank."""
    return sorted(waiting(day), key=line_key(day, day.policy))


def next_of_waitlist(day: Day) -> Token | None:
    """Who is here without a seat and comes next when nobody with one waits; None for nobody."""
    return min(without_seat(day), key=line_key(day, day.policy), default=None)


def without_seat(day: Day) -> list[Token]:
    """Those who are here without a seat and may be called.

    None once the last slot has ended: the doctor has no time left.
    """
    ends = max(
        (timed.expected_end for timed in day.timed_slots if timed.slot.status is SlotStatus.OPEN),
        default=day.now,
    )
    if day.now >= ends or day.sheet.tenure.retired:
        return []
    return [
        token
        for timed in day.timed_slots
        for token in day.roster(timed.slot.id).waiting
        if token.checked_in_at is not None
    ]


def place_in_line(day: Day, token: Token) -> int | None:
    """The place of one who was called or waits, 1 first; those called stand before all others."""
    if token.status is Status.CALLED:
        called_own = called_key(day, token)
        return 1 + sum(called_key(day, other) < called_own for other in called(day))
    if token.status is Status.CHECKED_IN:
        key = line_key(day, day.policy)
        own = key(token)
        before = sum(key(other) < own for other in waiting(day))
        return 1 + sum(1 for _ in called(day)) + before
    return None


def called(day: Day) -> Iterator[Token]:
    """Those who were called and have not come in yet."""
    return _of_status(day, Status.CALLED)


def called_key(day: Day, token: Token) -> LineKey:
    """Emergencies first, then slot by slot in order of time; all by rank."""
    order = day.timed_slot(token.slot_id).order
    return (-1 if token.source.row.emergency else order, -token.score, token.number)


def line_key(day: Day, policy: Policy) -> Callable[[Token], LineKey]:
    """Who has the lower one is called first: emergencies, who is to stand in front, all others.

    Those of different days can be compared, under one policy.
    """
    in_turn = _IN_TURN_BY[policy.order](day, policy)

    def key(token: Token) -> LineKey:
        if token.source.row.emergency:
            return (_EMERGENCY, _seconds(token.urgent_from), *_rest(token))
        if token.front_at is not None:
            return (_AT_THE_FRONT, _seconds(token.front_at), *_rest(token))
        return (_IN_TURN, in_turn(token), *_rest(token))

    return key


def _rest(token: Token) -> LineKey:
    """Ties go by rank; of one score the marked are first."""
    return (-token.score, -token.mark_minutes, token.number)


def _strict(day: Day, policy: Policy) -> Callable[[Token], float]:  # noqa: ARG001  # as the others
    return lambda token: _seconds(day.timed_slot(token.slot_id).slot.start)


def _by_head_start(day: Day, policy: Policy) -> Callable[[Token], float]:  # noqa: ARG001  # the same
    minutes = policy.head_starts
    return lambda token: (
        _seconds(token.queued_from) - 60 * (minutes.get(token.source, 0) + token.mark_minutes)
    )


def _by_points(day: Day, policy: Policy) -> Callable[[Token], float]:
    weights, dues = policy.weights, due_times(day)

    def key(token: Token) -> float:
        waited = max(0.0, (day.now - token.queued_from).total_seconds() / 60)
        points = weights.source * token.score / _POINTS_OF_SCORE + weights.waiting * min(
            _MOST_POINTS_OF_WAIT, _POINTS_A_MINUTE * waited
        )
        if token.source.row.appointment:
            apart = abs(day.now - dues[token.number])
            near = next((points for within, points in _NEAR if apart <= within), 0.0)
            points += weights.appointment * near
        return -points - token.mark_minutes

    return key


_IN_TURN_BY: Mapping[Order, Callable[[Day, Policy], Callable[[Token], float]]] = {
    Order.STRICT: _strict,
    Order.HEAD_START: _by_head_start,
    Order.WEIGHTED: _by_points,
}


def waiting(day: Day) -> Iterator[Token]:
    """Those who are checked in and hold a seat, in no order."""
    return _of_status(day, Status.CHECKED_IN)


def _of_status(day: Day, status: Status) -> Iterator[Token]:
    for timed in day.timed_slots:
        roster = day.roster(timed.slot.id)
        if roster.present:
            yield from (token for token in roster.seated if token.status is status)


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
