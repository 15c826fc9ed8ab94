"""Who is called next: those who are here and wait, of all slots of the day. Rule 15."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.arrival import due_time
from engine.day import Day
from models.line import Order
from models.token import Status, Token

_POINTS_OF_SCORE = 10
"""So much score is one point."""
_POINTS_A_MINUTE = 0.5
_MOST_POINTS_OF_WAIT = 50.0
_NEAR = ((timedelta(minutes=30), 30.0), (timedelta(minutes=60), 15.0))
"""So near the appointment, so many points; the nearest counts."""

_EMERGENCY, _AT_THE_FRONT, _IN_TURN = range(3)

LineKey = tuple[float, ...]


def waiting_line(day: Day) -> list[Token]:
    """Those who are checked in, who is next first. Total, since each key ends in the rank."""
    return sorted(_waiting(day), key=lambda token: line_key(day, token))


def place_in_line(day: Day, token: Token) -> int | None:
    """The place of one who was called or waits, 1 first; those called stand before all others."""
    if token.status is Status.CALLED:
        key = called_key(day, token)
        return 1 + sum(called_key(day, other) < key for other in called(day))
    if token.status is Status.CHECKED_IN:
        own = line_key(day, token)
        before = sum(line_key(day, other) < own for other in _waiting(day))
        return 1 + sum(1 for _ in called(day)) + before
    return None


def called(day: Day) -> Iterator[Token]:
    """Those who were called and have not come in yet."""
    return _of_status(day, Status.CALLED)


def called_key(day: Day, token: Token) -> LineKey:
    """Emergencies first, then slot by slot in order of time; all by rank."""
    order = day.timed_slot(token.slot_id).order
    return (-1 if token.source.row.emergency else order, -token.score, token.number)


def line_key(day: Day, token: Token) -> LineKey:
    """Who has the lower one is called first: emergencies, who is to stand in front, all others."""
    if token.source.row.emergency:
        return (_EMERGENCY, _seconds(token.queued_from), -token.score, token.number)
    if token.front_at is not None:
        return (_AT_THE_FRONT, _seconds(token.front_at), -token.score, token.number)
    return (_IN_TURN, *_in_turn(day, token), -token.score, token.number)


def _in_turn(day: Day, token: Token) -> LineKey:
    order = day.policy.order
    if order is Order.STRICT:
        return (day.timed_slot(token.slot_id).order,)
    if order is Order.WEIGHTED:
        return (-_points(day, token),)
    head_start = day.policy.head_starts.get(token.source, 0)
    return (_seconds(token.queued_from) - 60 * head_start,)


def _points(day: Day, token: Token) -> float:
    waited = max(0.0, (day.now - token.queued_from).total_seconds() / 60)
    weights = day.policy.weights
    return (
        weights.source * token.score / _POINTS_OF_SCORE
        + weights.wait * min(_MOST_POINTS_OF_WAIT, _POINTS_A_MINUTE * waited)
        + weights.appointment * _nearness(day, token)
    )


def _nearness(day: Day, token: Token) -> float:
    if not token.source.row.appointment:
        return 0.0
    apart = abs(day.now - due_time(day, token))
    return next((points for within, points in _NEAR if apart <= within), 0.0)


def _waiting(day: Day) -> Iterator[Token]:
    return _of_status(day, Status.CHECKED_IN)


def _of_status(day: Day, status: Status) -> Iterator[Token]:
    for timed in day.timed_slots:
        roster = day.roster(timed.slot.id)
        if roster.present:
            yield from (token for token in roster.seated if token.status is status)


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
