"""The figures of one slot."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from engine.day import Day
from models.source import Source
from models.timeline import TimedSlot
from models.token import EndCode, Status, Token


class SlotStats(Struct, frozen=True, kw_only=True):
    """Counts of a slot's tokens. `fill_rate` is taken seats over `max_capacity`, 1.0 is full.

    `bumped` counts the times a token gave up its seat in this slot; `overflow` the seats taken
    beyond capacity; `by_end` those that ended in some way beside their status; `mean_wait` runs from check-in to the start of the consultation.
    """

    by_status: dict[Status, int]
    by_source: dict[Source, int]
    by_end: dict[EndCode, int]
    max_capacity: int
    taken: int
    fill_rate: float
    waitlisted: int
    bumped: int
    overflow: int
    mean_wait: timedelta | None
    mean_consultation: timedelta | None


def stats_of(day: Day, timed: TimedSlot) -> SlotStats:
    """The figures of one slot as they are now."""
    slot = timed.slot
    tokens = [token for token in day.sheet.tokens if token.slot_id == slot.id]
    roster = day.roster(slot.id)
    taken = len(roster.seated)
    by_status = Counter(token.status for token in tokens)
    by_source = Counter(token.source for token in tokens)
    by_end = Counter(token.end_code for token in tokens)
    return SlotStats(
        by_status={status: by_status[status] for status in Status},
        by_source={source: by_source[source] for source in Source},
        by_end={code: by_end[code] for code in EndCode},
        max_capacity=slot.max_capacity,
        taken=taken,
        fill_rate=taken / slot.max_capacity,
        waitlisted=len(roster.waiting),
        bumped=sum(bump.slot_id == slot.id for token in day.sheet.tokens for bump in token.bumps),
        overflow=max(0, taken - slot.max_capacity),
        mean_wait=_mean(_waits(tokens)),
        mean_consultation=_mean(_consultations(tokens)),
    )


def mean_wait(day: Day) -> timedelta | None:
    """From check-in to the consultation, of all who were seen on the day; None without any."""
    return _mean(_waits(day.sheet.tokens))


def mean_consultation(tokens: Iterable[Token]) -> timedelta | None:
    """How long each lasted of those that are over; None without any."""
    return _mean(_consultations(tokens))


def _waits(tokens: Iterable[Token]) -> list[timedelta]:
    return [
        token.started_at - token.checked_in_at
        for token in tokens
        if token.started_at is not None and token.checked_in_at is not None
    ]


def _consultations(tokens: Iterable[Token]) -> list[timedelta]:
    return [
        token.ended_at - token.started_at
        for token in tokens
        if token.ended_at is not None and token.started_at is not None and token.seen_to_end
    ]


def _mean(spans: list[timedelta]) -> timedelta | None:
    return sum(spans, timedelta()) / len(spans) if spans else None
