"""Hours that a slot of the day before, past midnight, takes of this day (DESIGN §9)."""

import pytest

from models.commands import ReleaseHours, ReserveHours
from models.errors import SlotOverlap
from models.events import HoursReleased, HoursReserved
from models.reasons import RunsPastMidnight, SlotNotAdded
from models.slot import ReservedHours
from tests.factories import ACTOR, OpdDay, at, make_add_slot, make_slot, slot_id

NIGHT = "asha-20260308-2330"
OTHER = "asha-20260308-2200"


def _reserve(
    opd_day: OpdDay, slot: str = NIGHT, *, until: str = "00:30", start: str = "23:30"
) -> None:
    days = -1 if start > until else 0
    opd_day.do(ReserveHours(actor=ACTOR, slot_id=slot, start=at(start, days=days), end=at(until)))


def _release(opd_day: OpdDay, *, reserved_by: str = "08:00") -> None:
    opd_day.do(ReleaseHours(actor=ACTOR, slot_id=NIGHT, reserved_by=at(reserved_by)))


def test_reserved_hours_are_kept_and_told() -> None:
    opd_day = OpdDay()
    _reserve(opd_day)

    assert opd_day.sheet.reserved_hours == (
        ReservedHours(slot_id=NIGHT, start=at("23:30", days=-1), end=at("00:30"), at=at("08:00")),
    )
    (event,) = opd_day.told(HoursReserved)
    assert (event.slot_id, event.reason) == (NIGHT, RunsPastMidnight())
    assert opd_day.last.outcome.slot_id == NIGHT


@pytest.mark.parametrize(
    ("clock", "overlaps"), [("00:00", True), ("00:29", True), ("00:30", False)]
)
def test_no_slot_is_planned_into_reserved_hours(clock: str, *, overlaps: bool) -> None:
    opd_day = OpdDay()
    opd_day.now = at("22:00", days=-1)
    _reserve(opd_day)
    if overlaps:
        with pytest.raises(SlotOverlap) as refused:
            opd_day.do(make_add_slot(clock))
        assert refused.value.slot_id == NIGHT
    else:
        opd_day.do(make_add_slot(clock))
        assert len(opd_day.sheet.slots) == 2


@pytest.mark.parametrize(("until", "overlaps"), [("00:30", True), ("00:15", False)])
def test_no_hours_are_reserved_where_a_slot_is(until: str, *, overlaps: bool) -> None:
    opd_day = OpdDay(make_slot("00:15"))
    if overlaps:
        with pytest.raises(SlotOverlap) as refused:
            _reserve(opd_day, until=until)
        assert refused.value.slot_id == slot_id("00:15")
        assert opd_day.sheet.reserved_hours == ()
    else:
        _reserve(opd_day, until=until)
        assert len(opd_day.sheet.reserved_hours) == 1


def test_no_hours_are_reserved_twice() -> None:
    opd_day = OpdDay()
    _reserve(opd_day)
    with pytest.raises(SlotOverlap):
        _reserve(opd_day, OTHER, start="22:00", until="00:10")


def test_hours_reserved_again_for_the_same_slot_change_nothing() -> None:
    opd_day = OpdDay()
    _reserve(opd_day)
    before = opd_day.sheet
    _reserve(opd_day)
    assert opd_day.sheet is before
    assert opd_day.last.outcome.slot_id == NIGHT


@pytest.mark.parametrize(
    ("start", "until"),
    [("23:30", "00:29"), ("23:30", "06:00"), ("23:29", "00:30")],
)
def test_hours_of_another_span_for_the_same_slot_are_refused_and_change_nothing(
    start: str, until: str
) -> None:
    opd_day = OpdDay()
    _reserve(opd_day)
    before = opd_day.sheet
    with pytest.raises(SlotOverlap) as refused:
        _reserve(opd_day, start=start, until=until)
    assert refused.value.slot_id == NIGHT
    assert opd_day.sheet is before


def test_hours_of_another_span_may_be_reserved_once_the_first_are_freed() -> None:
    opd_day = OpdDay(make_slot("02:00"))
    _reserve(opd_day)
    _release(opd_day)
    with pytest.raises(SlotOverlap) as refused:
        _reserve(opd_day, until="06:00")
    assert refused.value.slot_id == slot_id("02:00")
    _reserve(opd_day, until="02:00")
    assert [hours.end for hours in opd_day.sheet.reserved_hours] == [at("02:00")]


def test_freed_hours_may_be_planned() -> None:
    opd_day = OpdDay()
    opd_day.now = at("00:10")
    _reserve(opd_day)
    _release(opd_day)
    assert opd_day.sheet.reserved_hours == ()
    (event,) = opd_day.told(HoursReleased)
    assert (event.slot_id, event.reason) == (NIGHT, SlotNotAdded())
    opd_day.do(make_add_slot("00:00"))
    assert len(opd_day.sheet.slots) == 2


@pytest.mark.parametrize(
    ("reserved_by", "freed"), [("08:29", False), ("08:30", True), ("09:00", True)]
)
def test_only_hours_reserved_long_enough_are_freed(reserved_by: str, *, freed: bool) -> None:
    opd_day = OpdDay()
    opd_day.now = at("08:30")
    _reserve(opd_day)
    _release(opd_day, reserved_by=reserved_by)
    assert (opd_day.sheet.reserved_hours == ()) is freed


def test_hours_of_another_slot_stay_reserved() -> None:
    opd_day = OpdDay()
    _reserve(opd_day)
    _reserve(opd_day, OTHER, start="02:00", until="03:00")
    _release(opd_day)
    assert [hours.slot_id for hours in opd_day.sheet.reserved_hours] == [OTHER]


def test_freeing_what_is_not_reserved_changes_nothing() -> None:
    opd_day = OpdDay()
    before = opd_day.sheet
    _release(opd_day)
    assert opd_day.sheet is before
    assert opd_day.last.outcome.slot_id == NIGHT


def test_other_commands_leave_reserved_hours_alone() -> None:
    opd_day = OpdDay()
    _reserve(opd_day)
    reserved = opd_day.sheet.reserved_hours
    opd_day.book()
    assert opd_day.sheet.reserved_hours is reserved
