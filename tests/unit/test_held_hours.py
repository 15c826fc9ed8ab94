"""Hours that a slot of the day before, past midnight, takes of this day (DESIGN §9)."""

import pytest

from models.commands import FreeHours, HoldHours
from models.errors import SlotOverlap
from models.events import HoursFreed, HoursHeld
from models.reasons import RunsPastMidnight, SlotNotAdded
from models.slot import HeldHours
from tests.factories import ACTOR, Desk, at, make_add_slot, make_slot, slot_id

NIGHT = "asha-20260308-2330"
OTHER = "asha-20260308-2200"


def _hold(desk: Desk, slot: str = NIGHT, *, until: str = "00:30", start: str = "23:30") -> None:
    days = -1 if start > until else 0
    desk.do(HoldHours(actor=ACTOR, slot_id=slot, start=at(start, days=days), end=at(until)))


def _free(desk: Desk, *, held_by: str = "08:00") -> None:
    desk.do(FreeHours(actor=ACTOR, slot_id=NIGHT, held_by=at(held_by)))


def test_held_hours_are_kept_and_told() -> None:
    desk = Desk()
    _hold(desk)

    assert desk.sheet.held == (
        HeldHours(slot_id=NIGHT, start=at("23:30", days=-1), end=at("00:30"), at=at("08:00")),
    )
    (event,) = desk.told(HoursHeld)
    assert (event.slot_id, event.reason) == (NIGHT, RunsPastMidnight())
    assert desk.last.outcome.slot_id == NIGHT


@pytest.mark.parametrize(
    ("clock", "overlaps"), [("00:00", True), ("00:29", True), ("00:30", False)]
)
def test_no_slot_is_planned_into_held_hours(clock: str, *, overlaps: bool) -> None:
    desk = Desk()
    desk.now = at("22:00", days=-1)
    _hold(desk)
    if overlaps:
        with pytest.raises(SlotOverlap) as refused:
            desk.do(make_add_slot(clock))
        assert refused.value.slot_id == NIGHT
    else:
        desk.do(make_add_slot(clock))
        assert len(desk.sheet.slots) == 2


@pytest.mark.parametrize(("until", "overlaps"), [("00:30", True), ("00:15", False)])
def test_no_hours_are_held_where_a_slot_is(until: str, *, overlaps: bool) -> None:
    desk = Desk(make_slot("00:15"))
    if overlaps:
        with pytest.raises(SlotOverlap) as refused:
            _hold(desk, until=until)
        assert refused.value.slot_id == slot_id("00:15")
        assert desk.sheet.held == ()
    else:
        _hold(desk, until=until)
        assert len(desk.sheet.held) == 1


def test_no_hours_are_held_twice() -> None:
    desk = Desk()
    _hold(desk)
    with pytest.raises(SlotOverlap):
        _hold(desk, OTHER, start="22:00", until="00:10")


def test_hours_held_again_for_the_same_slot_change_nothing() -> None:
    desk = Desk()
    _hold(desk)
    before = desk.sheet
    _hold(desk)
    assert desk.sheet is before
    assert desk.last.outcome.slot_id == NIGHT


@pytest.mark.parametrize(
    ("start", "until"),
    [("23:30", "00:29"), ("23:30", "06:00"), ("23:29", "00:30")],
)
def test_hours_of_another_span_for_the_same_slot_are_refused_and_change_nothing(
    start: str, until: str
) -> None:
    desk = Desk()
    _hold(desk)
    before = desk.sheet
    with pytest.raises(SlotOverlap) as refused:
        _hold(desk, start=start, until=until)
    assert refused.value.slot_id == NIGHT
    assert desk.sheet is before


def test_hours_of_another_span_may_be_held_once_the_first_are_freed() -> None:
    desk = Desk(make_slot("02:00"))
    _hold(desk)
    _free(desk)
    with pytest.raises(SlotOverlap) as refused:
        _hold(desk, until="06:00")
    assert refused.value.slot_id == slot_id("02:00")
    _hold(desk, until="02:00")
    assert [hours.end for hours in desk.sheet.held] == [at("02:00")]


def test_freed_hours_may_be_planned() -> None:
    desk = Desk()
    desk.now = at("00:10")
    _hold(desk)
    _free(desk)
    assert desk.sheet.held == ()
    (event,) = desk.told(HoursFreed)
    assert (event.slot_id, event.reason) == (NIGHT, SlotNotAdded())
    desk.do(make_add_slot("00:00"))
    assert len(desk.sheet.slots) == 2


@pytest.mark.parametrize(("held_by", "freed"), [("08:29", False), ("08:30", True), ("09:00", True)])
def test_only_hours_held_long_enough_are_freed(held_by: str, *, freed: bool) -> None:
    desk = Desk()
    desk.now = at("08:30")
    _hold(desk)
    _free(desk, held_by=held_by)
    assert (desk.sheet.held == ()) is freed


def test_hours_of_another_slot_stay_held() -> None:
    desk = Desk()
    _hold(desk)
    _hold(desk, OTHER, start="02:00", until="03:00")
    _free(desk)
    assert [hours.slot_id for hours in desk.sheet.held] == [OTHER]


def test_freeing_what_is_not_held_changes_nothing() -> None:
    desk = Desk()
    before = desk.sheet
    _free(desk)
    assert desk.sheet is before
    assert desk.last.outcome.slot_id == NIGHT


def test_other_commands_leave_held_hours_alone() -> None:
    desk = Desk()
    _hold(desk)
    held = desk.sheet.held
    desk.book()
    assert desk.sheet.held is held
