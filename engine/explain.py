"""Why a token stands where it does: its score, who is ahead, and what would change it."""

from enum import StrEnum, auto
from itertools import takewhile

from msgspec import Struct

from engine.day import Day
from engine.queue import Standing, queue_of, standing_of
from engine.seating import is_bumpable
from models.rank import ranked
from models.slot import SlotStatus
from models.source import Source
from models.timeline import TimedSlot
from models.token import PRESENT, QUEUED, Status, Token


class WhyAhead(StrEnum):
    """Why another one goes first."""

    CALLED = auto()
    HIGHER_SCORE = auto()
    EARLIER_NUMBER = auto()
    WITH_THE_DOCTOR = auto()
    OF_AN_EARLIER_SLOT = auto()


class Prospect(StrEnum):
    """What would move a token, for the better or the worse."""

    NEXT_FREE_SEAT = auto()
    A_FREE_SEAT_IN_TURN = auto()
    A_LATER_SEAT = auto()
    FEWER_AHEAD = auto()
    A_DELAY = auto()
    A_HIGHER_SCORE = auto()
    A_BUMP = auto()
    CHECKING_IN = auto()
    NEVER_A_BUMP = auto()
    REOPENING = auto()


class Ahead(Struct, frozen=True):
    """One who is served earlier, by number and source alone, and why."""

    number: int
    source: Source
    score: int
    status: Status
    why: WhyAhead


class Explanation(Struct, frozen=True, kw_only=True):
    """`ahead` stand before the token in its queue or on its waitlist, in order.

    `served_first` are others who take the doctor's time before: in consultation, or present in an
    earlier slot. `would_change` says what would move the token.
    """

    standing: Standing
    ahead: list[Ahead]
    served_first: list[Ahead]
    would_change: list[Prospect]


def explain(day: Day, token: Token) -> Explanation:
    """Why this token stands where it does now."""
    timed = day.timed_slot(token.slot_id)
    standing = standing_of(day, token)
    ahead = []
    placed = standing.position is not None
    if placed or standing.waitlist_position is not None:
        earlier = takewhile(lambda entry: entry[0].number != token.number, queue_of(day, timed))
        ahead = [
            _ahead(other, _why_ahead(other, token))
            for other, theirs in earlier
            if (theirs.position is not None) is placed
        ]
    return Explanation(
        standing=standing,
        ahead=ahead,
        served_first=_served_first(day, timed) if placed else [],
        would_change=_would_change(day, timed, token, ahead),
    )


def _ahead(token: Token, why: WhyAhead) -> Ahead:
    return Ahead(token.number, token.source, token.score, token.status, why)


def _why_ahead(other: Token, token: Token) -> WhyAhead:
    if other.status is Status.CALLED and (token.status is not Status.CALLED):
        return WhyAhead.CALLED
    higher = other.score > token.score
    return WhyAhead.HIGHER_SCORE if higher else WhyAhead.EARLIER_NUMBER


def _served_first(day: Day, timed: TimedSlot) -> list[Ahead]:
    found = []
    for other in day.timed_slots:
        for token in ranked(day.roster(other.slot.id).seated):
            if token.status is Status.IN_CONSULTATION:
                found.append(_ahead(token, WhyAhead.WITH_THE_DOCTOR))
            elif other.order < timed.order and token.status in PRESENT:
                found.append(_ahead(token, WhyAhead.OF_AN_EARLIER_SLOT))
    return found


def _would_change(day: Day, timed: TimedSlot, token: Token, ahead: list[Ahead]) -> list[Prospect]:
    closed = timed.slot.status is SlotStatus.CLOSED
    if token.status is Status.WAITLISTED:
        prospects = [Prospect.A_FREE_SEAT_IN_TURN if ahead else Prospect.NEXT_FREE_SEAT]
        if closed:
            prospects = [Prospect.REOPENING]
        if token.seated_at is not None:
            prospects.append(Prospect.A_LATER_SEAT)
        return prospects
    if token.status not in QUEUED:
        return []
    prospects = [Prospect.REOPENING] if closed else []
    if ahead:
        prospects.append(Prospect.FEWER_AHEAD)
    if not closed:
        prospects += _while_open(day, timed, token)
    return prospects


def _while_open(day: Day, timed: TimedSlot, token: Token) -> list[Prospect]:
    """What newcomers, a delay and the token's own check-in would change."""
    prospects = []
    if day.now < timed.expected_start:
        prospects.append(Prospect.A_DELAY)
    if any(score > token.score for score in day.policy.scores.values()):
        prospects.append(Prospect.A_HIGHER_SCORE)
    if is_bumpable(day, token, timed, Source.PRIORITY):
        prospects.append(Prospect.A_BUMP)
    if token.source.row.emergency:
        prospects.append(Prospect.NEVER_A_BUMP)
    elif token.status is Status.BOOKED:
        prospects.append(Prospect.CHECKING_IN)
    return prospects
