"""Rule 12: the time is told, never goes back, and decides what a slot still does."""

from datetime import UTC

import pytest

from models.commands import IfFull
from models.errors import BadTransition, SlotFull, SlotOver
from models.sheet import Sheet
from models.source import Source
from models.token import Status
from tests.factories import SHEET_ID, ZONE, Desk, at, make_slot


@pytest.mark.parametrize("now", ["07:00", "09:00", "09:30", "09:59:59"])
def test_a_slot_takes_bookings_before_it_starts_and_while_it_runs(now: str) -> None:
    desk = Desk()
    desk.now = at(now)
    assert desk.book().status is Status.BOOKED


@pytest.mark.parametrize("now", ["10:00", "10:00:01", "17:00"])
def test_a_slot_is_over_from_its_end_on(now: str) -> None:
    desk = Desk()
    desk.now = at(now)
    with pytest.raises(SlotOver):
        desk.book()


@pytest.mark.parametrize(("now", "over"), [("10:29:59", False), ("10:30", True)])
def test_a_delayed_slot_is_over_from_its_expected_end_on(now: str, *, over: bool) -> None:
    desk = Desk(make_slot(delay=30))
    desk.now = at(now)
    if over:
        with pytest.raises(SlotOver):
            desk.book()
    else:
        assert desk.book().status is Status.BOOKED


def test_the_delay_of_an_earlier_slot_keeps_a_later_one_open_longer() -> None:
    desk = Desk(make_slot("09:00", delay=60), make_slot("10:00"))
    desk.now = at("11:30")
    assert desk.book("10:00").status is Status.BOOKED


def test_an_emergency_finds_no_way_into_a_slot_that_is_over() -> None:
    desk = Desk()
    desk.book()
    desk.now = at("10:00")
    with pytest.raises(SlotOver):
        desk.book(source=Source.EMERGENCY)


def test_check_in_calls_and_no_shows_go_on_after_the_slot() -> None:
    desk = Desk(make_slot(seats=2))
    seen, absent = desk.book(), desk.book()
    desk.now = at("15:00")
    assert desk.bring(seen, Status.CALLED).status is Status.CALLED
    assert desk.set(seen, Status.IN_CONSULTATION).status is Status.IN_CONSULTATION
    assert desk.set(seen, Status.COMPLETED).status is Status.COMPLETED
    assert desk.set(absent, Status.NO_SHOW).status is Status.NO_SHOW


def test_a_new_sheet_has_seen_no_time_yet() -> None:
    sheet = Sheet.new(SHEET_ID, ZONE)
    assert sheet.time.tzinfo is UTC
    assert sheet.time.year == 1


def test_a_sheet_remembers_the_time_of_its_last_command() -> None:
    desk = Desk(make_slot(seats=2))
    desk.now = at("08:30")
    desk.book()
    assert desk.sheet.time == at("08:30")


def test_a_sheets_time_never_goes_back() -> None:
    desk = Desk(make_slot(seats=2))
    desk.now = at("09:30")
    desk.book()
    desk.now = at("08:00")

    late = desk.book()

    assert desk.sheet.time == late.booked_at == at("09:30")
    assert [event.at for event in desk.events()] == [at("09:30")]


def test_a_slot_that_was_over_stays_over_for_a_clock_behind() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    desk.now = at("10:00")
    desk.book("10:00")
    desk.now = at("09:59")
    with pytest.raises(SlotOver):
        desk.book("09:00")


def test_a_command_that_changes_nothing_leaves_the_sheets_time() -> None:
    desk = Desk()
    token = desk.book()
    desk.now = at("09:30")
    desk.set(token, Status.BOOKED)
    assert desk.sheet.time == at("08:00")


def test_a_refused_command_leaves_the_sheet_as_it_was() -> None:
    desk = Desk()
    token = desk.bring(desk.book(), Status.IN_CONSULTATION)
    before, tokens = desk.sheet, list(desk.sheet.tokens)
    desk.now = at("09:30")

    with pytest.raises(SlotFull):
        desk.book(if_full=IfFull.REJECT)
    with pytest.raises(BadTransition):
        desk.set(token, Status.CANCELLED)

    assert desk.sheet is before
    assert list(before.tokens) == tokens
    assert before.time == at("08:00")
