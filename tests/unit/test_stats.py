"""The figures of one slot."""

from datetime import timedelta

import pytest

from engine.stats import SlotStats, mean_consultation, mean_wait, stats_of
from models.source import Source
from models.token import EndCode, Status
from tests.factories import OpdDay, at, make_slot, slot_id

E, P, W = Source.EMERGENCY, Source.PRIORITY, Source.WALKIN


def _stats(opd_day: OpdDay, clock: str = "09:00") -> SlotStats:
    return stats_of(opd_day.day, opd_day.day.timed_slot(slot_id(clock)))


def test_an_empty_slot_counts_nothing() -> None:
    assert _stats(OpdDay(make_slot(seats=4))) == SlotStats(
        by_status=dict.fromkeys(Status, 0),
        by_end=dict.fromkeys(EndCode, 0),
        by_source=dict.fromkeys(Source, 0),
        max_capacity=4,
        taken=0,
        fill_rate=0.0,
        waitlisted=0,
        bumped=0,
        overflow=0,
        mean_wait=None,
        mean_consultation=None,
    )


def test_tokens_are_counted_by_status_and_source_in_their_slot_alone() -> None:
    opd_day = OpdDay(make_slot("09:00", seats=2), make_slot("10:00"))
    opd_day.set(opd_day.book(source=W), Status.CANCELLED)
    opd_day.book(source=P)
    opd_day.set(opd_day.book(source=P), Status.CHECKED_IN)
    opd_day.book("10:00", W)
    opd_day.book(source=W)

    stats = _stats(opd_day)

    assert {status: n for status, n in stats.by_status.items() if n} == {
        Status.CANCELLED: 1,
        Status.BOOKED: 1,
        Status.CHECKED_IN: 1,
        Status.WAITLISTED: 1,
    }
    assert {source: n for source, n in stats.by_source.items() if n} == {W: 2, P: 2}
    assert (stats.taken, stats.waitlisted, stats.fill_rate) == (2, 1, 1.0)


@pytest.mark.parametrize(
    ("emergencies", "fill_rate", "overflow"), [(0, 0.5, 0), (1, 1.0, 0), (3, 2.0, 2)]
)
def test_fill_rate_and_overflow_go_beyond_capacity(
    emergencies: int, fill_rate: float, overflow: int
) -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.book()
    for _ in range(emergencies):
        opd_day.book(source=E)
    stats = _stats(opd_day)
    assert (stats.max_capacity, stats.fill_rate, stats.overflow) == (2, fill_rate, overflow)


def test_a_bump_counts_where_it_happened() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    opd_day.book(source=W)
    opd_day.book(source=P)
    assert (_stats(opd_day).bumped, _stats(opd_day, "10:00").bumped) == (1, 0)
    opd_day.book("10:00", P)
    assert (_stats(opd_day).bumped, _stats(opd_day, "10:00").bumped) == (1, 1)


def test_wait_runs_from_check_in_to_the_start_and_consultation_from_there_to_the_end() -> None:
    opd_day = OpdDay(make_slot(seats=4))
    first, second, third = opd_day.book(), opd_day.book(), opd_day.book()
    for clock, token, status in [
        ("08:50", first, Status.CHECKED_IN),
        ("08:55", second, Status.CHECKED_IN),
        ("09:00", first, Status.IN_CONSULTATION),
        ("09:00", third, Status.CHECKED_IN),
        ("09:12", first, Status.COMPLETED),
        ("09:15", second, Status.CALLED),
        ("09:15", second, Status.IN_CONSULTATION),
    ]:
        opd_day.now = at(clock)
        opd_day.set(token, status)

    stats = _stats(opd_day)

    assert stats.mean_wait == timedelta(minutes=15)
    assert mean_wait(opd_day.day) == timedelta(minutes=15)
    assert mean_wait(OpdDay().day) is None
    assert stats.mean_consultation == timedelta(minutes=12)
    assert mean_consultation(opd_day.sheet.tokens) == timedelta(minutes=12)
    assert mean_consultation([]) is None


def test_who_leaves_unseen_has_no_consultation() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.set(opd_day.bring(opd_day.book(), Status.CHECKED_IN), Status.NO_SHOW)
    stats = _stats(opd_day)
    assert (stats.mean_wait, stats.mean_consultation) == (None, None)
