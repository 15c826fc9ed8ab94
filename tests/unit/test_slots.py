"""Rule 13 and the planning of slots: seats, status and delay change, slots never overlap."""

import pytest

from models.commands import AddSlot, ChangeSlot
from models.errors import SeatsTaken, SlotOver, SlotOverlap, UnknownSlot
from models.events import SlotAdded, SlotChanged, SlotState
from models.keyed_request import KeyedRequest
from models.reasons import SlotPlanned, SlotSet
from models.slot import Slot, SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import (
    ACTOR,
    OpdDay,
    at,
    make_add_slot,
    make_slot,
    make_token,
    slot_id,
)

OPEN, CLOSED = SlotStatus.OPEN, SlotStatus.CLOSED


def test_an_added_slot_is_as_asked_and_open() -> None:
    opd_day = OpdDay(make_slot("09:00"))
    request = KeyedRequest(key="key", fingerprint="body")
    opd_day.do(make_add_slot("10:00", minutes=30, seats=4, request=request))

    assert opd_day.sheet.slots[1] == Slot(
        id=slot_id("10:00"),
        start=at("10:00"),
        end=at("10:30"),
        max_capacity=4,
        delay_minutes=0,
        status=OPEN,
        request=request,
    )
    assert opd_day.last.outcome.slot_id == slot_id("10:00")
    (event,) = opd_day.told(SlotAdded)
    assert (event.slot_after, event.reason) == (SlotState(4, OPEN, 0), SlotPlanned())


def test_an_added_slot_takes_bookings() -> None:
    opd_day = OpdDay(make_slot("09:00"))
    opd_day.do(make_add_slot("10:00"))
    assert opd_day.book("10:00").status is Status.BOOKED


@pytest.mark.parametrize(
    ("clock", "minutes", "overlaps"),
    [
        pytest.param("09:00", 60, True, id="the same"),
        pytest.param("09:30", 10, True, id="inside"),
        pytest.param("08:00", 180, True, id="around"),
        pytest.param("08:30", 31, True, id="into its start"),
        pytest.param("09:59", 60, True, id="out of its end"),
        pytest.param("08:00", 60, False, id="up to its start"),
        pytest.param("10:00", 60, False, id="from its end"),
        pytest.param("15:00", 60, False, id="later"),
    ],
)
def test_slots_of_a_sheet_never_overlap(clock: str, minutes: int, *, overlaps: bool) -> None:
    opd_day = OpdDay(make_slot("09:00"))
    if overlaps:
        with pytest.raises(SlotOverlap) as refused:
            opd_day.do(make_add_slot(clock, minutes=minutes))
        assert refused.value.help == {"slotId": slot_id("09:00")}
    else:
        opd_day.do(make_add_slot(clock, minutes=minutes))
        assert len(opd_day.sheet.slots) == 2


@pytest.mark.parametrize(("now", "over"), [("10:59:59", False), ("11:00", True), ("12:00", True)])
def test_a_slot_that_has_ended_is_not_added(now: str, *, over: bool) -> None:
    opd_day = OpdDay(make_slot("09:00"))
    opd_day.now = at(now)
    if over:
        with pytest.raises(SlotOver):
            opd_day.do(make_add_slot("10:00"))
        assert len(opd_day.sheet.slots) == 1
    else:
        opd_day.do(make_add_slot("10:00"))
        assert len(opd_day.sheet.slots) == 2


def test_a_slot_that_has_ended_is_over_before_it_overlaps() -> None:
    opd_day = OpdDay(make_slot("09:00"))
    opd_day.now = at("11:00")
    with pytest.raises(SlotOver):
        opd_day.do(make_add_slot("09:00"))


def test_a_closed_slot_still_stands_in_the_way_of_another() -> None:
    with pytest.raises(SlotOverlap):
        OpdDay(make_slot("09:00", status=CLOSED)).do(make_add_slot("09:30"))


@pytest.mark.parametrize("stored", [None, KeyedRequest(key="another", fingerprint="body")])
@pytest.mark.parametrize("asked", [None, KeyedRequest(key="key", fingerprint="body")])
def test_the_same_slot_again_is_an_overlap_unless_it_is_the_same_request(
    stored: KeyedRequest | None, asked: KeyedRequest | None
) -> None:
    with pytest.raises(SlotOverlap):
        OpdDay(make_slot("09:00", request=stored)).do(make_add_slot("09:00", request=asked))


def test_a_slot_never_takes_the_place_of_another_of_its_id() -> None:
    """An id is a local hour: in another zone it may name hours that are free."""
    opd_day = OpdDay(make_slot("09:00"))
    token = opd_day.book("09:00")
    elsewhere = AddSlot(
        actor=ACTOR, slot_id=slot_id("09:00"), start=at("14:30"), end=at("15:30"), max_capacity=1
    )
    with pytest.raises(SlotOverlap) as refused:
        opd_day.do(elsewhere)
    assert refused.value.slot_id == slot_id("09:00")
    assert opd_day.day.timed_slot(opd_day[token].slot_id).slot.start == at("09:00")


# Changes


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(UnknownSlot):
        OpdDay().change("12:00", seats=2)


def test_seats_are_raised_at_will() -> None:
    assert OpdDay().change("09:00", seats=40).max_capacity == 40


@pytest.mark.parametrize(("seats", "fits"), [(3, True), (2, True), (1, False)])
def test_seats_are_lowered_to_what_is_taken_and_not_below(seats: int, *, fits: bool) -> None:
    opd_day = OpdDay(make_slot(seats=4))
    walk_in, priority = opd_day.book(), opd_day.book(source=Source.PRIORITY)
    opd_day.set(opd_day.book(), Status.CANCELLED)
    if fits:
        assert opd_day.change("09:00", seats=seats).max_capacity == seats
    else:
        with pytest.raises(SeatsTaken) as refused:
            opd_day.change("09:00", seats=seats)
        assert [each.id for each in refused.value.taken] == [priority.id, walk_in.id]


def test_seats_may_be_raised_to_fewer_than_sit_there_beyond_capacity() -> None:
    opd_day = OpdDay()
    for _ in range(4):
        opd_day.book(source=Source.EMERGENCY)
    assert opd_day.change("09:00", seats=2).max_capacity == 2


def test_who_waits_does_not_hold_seats_against_lowering() -> None:
    tokens = (make_token(1), *(make_token(n, status=Status.WAITLISTED) for n in (2, 3)))
    opd_day = OpdDay(make_slot(seats=2, status=CLOSED), tokens=tokens)
    assert opd_day.change("09:00", seats=1).max_capacity == 1


def test_one_change_may_name_all_three() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.do(
        ChangeSlot(
            actor=ACTOR,
            slot_id=slot_id("09:00"),
            max_capacity=3,
            status=CLOSED,
            delay_minutes=15,
        )
    )
    (event,) = opd_day.told(SlotChanged)
    assert event.slot_before == SlotState(2, OPEN, 0)
    assert event.slot_after == SlotState(3, CLOSED, 15)
    assert event.reason == SlotSet(3, CLOSED, 15)


def test_the_ways_back_are_told_too() -> None:
    opd_day = OpdDay(make_slot(delay=15, status=CLOSED))
    opd_day.change("09:00", status=OPEN, delay=0)
    (event,) = opd_day.events()
    assert event.reason == SlotSet(None, OPEN, 0)


def test_a_change_to_what_is_already_so_changes_nothing() -> None:
    opd_day = OpdDay(make_slot(seats=2, delay=15))
    before = opd_day.sheet
    opd_day.change("09:00", seats=2, status=OPEN, delay=15)
    assert opd_day.sheet is before
    assert opd_day.last.events == ()
    assert opd_day.last.outcome.slot_id == slot_id("09:00")


def test_a_change_touches_no_other_slot() -> None:
    opd_day = OpdDay(make_slot("10:00"), make_slot("09:00"), make_slot("11:00"))
    opd_day.change("09:00", seats=2)
    assert [slot.id for slot in opd_day.sheet.slots] == [
        slot_id("10:00"),
        slot_id("09:00"),
        slot_id("11:00"),
    ]
    assert [slot.max_capacity for slot in opd_day.sheet.slots] == [1, 2, 1]
