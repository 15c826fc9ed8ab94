"""Rule 12: the time is told, never goes back, and decides what a slot still does."""

from datetime import UTC

import pytest

from models.commands import IfFull
from models.errors import BadTransition, SlotFull, SlotOver
from models.sheet import Sheet
from models.source import Source
from models.token import Status
from tests.factories import FACILITY, SHEET_ID, OpdDay, at, make_slot


@pytest.mark.parametrize("now", ["07:00", "09:00", "09:30", "09:59:59"])
def test_a_slot_takes_bookings_before_it_starts_and_while_it_runs(now: str) -> None:
    opd_day = OpdDay()
    opd_day.now = at(now)
    assert opd_day.book().status is Status.BOOKED


@pytest.mark.parametrize("now", ["10:00", "10:00:01", "17:00"])
def test_a_slot_is_over_from_its_end_on(now: str) -> None:
    opd_day = OpdDay()
    opd_day.now = at(now)
    with pytest.raises(SlotOver):
        opd_day.book()


@pytest.mark.parametrize(("now", "over"), [("10:29:59", False), ("10:30", True)])
def test_a_delayed_slot_is_over_from_its_expected_end_on(now: str, *, over: bool) -> None:
    opd_day = OpdDay(make_slot(delay=30))
    opd_day.now = at(now)
    if over:
        with pytest.raises(SlotOver):
            opd_day.book()
    else:
        assert opd_day.book().status is Status.BOOKED


def test_the_delay_of_an_earlier_slot_keeps_a_later_one_open_longer() -> None:
    opd_day = OpdDay(make_slot("09:00", delay=60), make_slot("10:00"))
    opd_day.now = at("11:30")
    assert opd_day.book("10:00").status is Status.BOOKED


def test_an_emergency_finds_no_way_into_a_slot_that_is_over() -> None:
    opd_day = OpdDay()
    opd_day.book()
    opd_day.now = at("10:00")
    with pytest.raises(SlotOver):
        opd_day.book(source=Source.EMERGENCY)


def test_check_in_calls_and_no_shows_go_on_after_the_slot() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    seen, absent = opd_day.book(), opd_day.book()
    opd_day.now = at("15:00")
    assert opd_day.bring(seen, Status.CALLED).status is Status.CALLED
    assert opd_day.set(seen, Status.IN_CONSULTATION).status is Status.IN_CONSULTATION
    assert opd_day.set(seen, Status.COMPLETED).status is Status.COMPLETED
    assert opd_day.set(absent, Status.NO_SHOW).status is Status.NO_SHOW


def test_a_new_sheet_has_seen_no_time_yet() -> None:
    sheet = Sheet.new(SHEET_ID, FACILITY)
    assert sheet.time.tzinfo is UTC
    assert sheet.time.year == 1


def test_a_sheet_remembers_the_time_of_its_last_command() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.now = at("08:30")
    opd_day.book()
    assert opd_day.sheet.time == at("08:30")


def test_a_sheets_time_never_goes_back() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.now = at("09:30")
    opd_day.book()
    opd_day.now = at("08:00")

    late = opd_day.book()

    assert opd_day.sheet.time == late.booked_at == at("09:30")
    assert [event.at for event in opd_day.events()] == [at("09:30")]


def test_a_slot_that_was_over_stays_over_for_a_clock_behind() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    opd_day.now = at("10:00")
    opd_day.book("10:00")
    opd_day.now = at("09:59")
    with pytest.raises(SlotOver):
        opd_day.book("09:00")


def test_a_command_that_changes_nothing_leaves_the_sheets_time() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    opd_day.now = at("09:30")
    opd_day.set(token, Status.BOOKED)
    assert opd_day.sheet.time == at("08:00")


def test_a_refused_command_leaves_the_sheet_as_it_was() -> None:
    opd_day = OpdDay()
    token = opd_day.bring(opd_day.book(), Status.IN_CONSULTATION)
    before, tokens = opd_day.sheet, list(opd_day.sheet.tokens)
    opd_day.now = at("09:30")

    with pytest.raises(SlotFull):
        opd_day.book(if_full=IfFull.REJECT)
    with pytest.raises(BadTransition):
        opd_day.set(token, Status.CANCELLED)

    assert opd_day.sheet is before
    assert list(before.tokens) == tokens
    assert before.time == at("08:00")
