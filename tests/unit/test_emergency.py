"""Rule 3: an emergency is seated beyond capacity, then bumps, and never waits."""

import pytest

from models.commands import IfFull
from models.errors import SlotFull
from models.events import EventType
from models.source import Source
from models.token import Status
from tests.factories import OpdDay, at, make_policy, make_slot, slot_id


def test_an_emergency_takes_a_free_seat_first() -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.EMERGENCY)
    assert [event.type for event in opd_day.events()] == [EventType.BOOKED]


def test_an_emergency_is_seated_beyond_capacity() -> None:
    opd_day = OpdDay()
    walk_in = opd_day.book(source=Source.WALKIN)
    emergency = opd_day.book(source=Source.EMERGENCY)

    assert emergency.status is Status.BOOKED
    assert emergency.seated_at == opd_day.now
    assert opd_day[walk_in].status is Status.BOOKED
    assert opd_day.last.outcome.bumped is None
    assert [event.type for event in opd_day.events()] == [EventType.BOOKED_BEYOND_CAPACITY]


@pytest.mark.parametrize("overflow", [0, 1, 3])
def test_emergencies_fill_the_overflow_before_they_bump(overflow: int) -> None:
    opd_day = OpdDay(policy=make_policy(emergency_overflow=overflow))
    walk_in = opd_day.book(source=Source.WALKIN)
    for _ in range(overflow):
        opd_day.book(source=Source.EMERGENCY)
        assert opd_day.last.outcome.bumped is None

    last = opd_day.book(source=Source.EMERGENCY)

    assert last.status is Status.BOOKED
    assert opd_day[walk_in].status is Status.WAITLISTED
    bumped = opd_day.last.outcome.bumped
    assert bumped is not None
    assert bumped.number == walk_in.number


def test_an_emergency_with_nobody_to_bump_is_refused_and_told_where_else() -> None:
    opd_day = OpdDay(
        make_slot("09:00"),
        make_slot("10:00"),
        make_slot("11:00"),
        policy=make_policy(emergency_overflow=1),
    )
    for clock in ("09:00", "09:00", "10:00", "10:00", "11:00"):
        opd_day.book(clock, Source.EMERGENCY)

    with pytest.raises(SlotFull) as refused:
        opd_day.book("09:00", Source.EMERGENCY)

    assert [one.slot_id for one in refused.value.alternatives] == [slot_id("11:00")]


@pytest.mark.parametrize("if_full", IfFull)
def test_an_emergency_is_never_waitlisted(if_full: IfFull) -> None:
    opd_day = OpdDay(policy=make_policy(emergency_overflow=0))
    opd_day.book(source=Source.EMERGENCY)
    with pytest.raises(SlotFull):
        opd_day.book(source=Source.EMERGENCY, if_full=if_full)


@pytest.mark.parametrize("source", [Source.PRIORITY, Source.FOLLOWUP, Source.ONLINE, Source.WALKIN])
def test_only_an_emergency_is_seated_beyond_capacity(source: Source) -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.EMERGENCY)
    assert opd_day.book(source=source).status is Status.WAITLISTED


def test_the_overflow_shrinks_back_before_anyone_is_promoted() -> None:
    opd_day = OpdDay()
    first = opd_day.book(source=Source.PRIORITY)
    second = opd_day.book(source=Source.EMERGENCY)
    waiting = opd_day.book(source=Source.PRIORITY)

    opd_day.set(first, Status.CANCELLED)
    assert opd_day[waiting].status is Status.WAITLISTED
    opd_day.set(second, Status.CANCELLED)
    assert opd_day[waiting].status is Status.BOOKED


@pytest.mark.parametrize(("there", "named"), [(True, ["09:00"]), (False, [])])
def test_a_slot_that_is_over_is_another_place_while_its_patients_are_seen(
    there: bool, named: list[str]
) -> None:
    opd_day = OpdDay(
        make_slot("09:00"), make_slot("10:00"), policy=make_policy(emergency_overflow=1)
    )
    walk_in = opd_day.book("09:00")
    for _ in range(2):
        opd_day.book("10:00", Source.EMERGENCY)
    if there:
        opd_day.set(walk_in, Status.CHECKED_IN)
    opd_day.now = at("10:00")
    with pytest.raises(SlotFull) as refusal:
        opd_day.book("10:00", Source.EMERGENCY)
    assert [each.start_time for each in refusal.value.alternatives] == named
