"""What is written once for many is given to those alone who see the same, and while it is true."""

import sys
from datetime import datetime

import msgspec
import pytest
from msgspec.structs import replace

from answers.sight import Sight
from answers.slots import SlotOut, write_free_slots
from answers.tokens import QueueOut, write_queue
from answers.written import MOST_WRITTEN
from engine.day import Day
from engine.queue import queue_of
from models.access import Principal, Role
from models.sheet import Sheet
from models.token import Status
from services.views import Queue, view_slot
from tests.factories import at, make_policy, make_sheet, make_slot, make_token
from tests.principals import make_principal

BEFORE, DURING, AFTER = at("08:00"), at("09:30"), at("11:00")
DESK, OTHER_DESK = (make_principal(name, Role.RECEPTIONIST) for name in ("desk", "other desk"))
BOARD = make_principal("board", Role.DISPLAY)
PORTAL, OTHER_PORTAL = (make_principal(name, Role.PORTAL) for name in ("portal", "other portal"))


@pytest.fixture
def sheet() -> Sheet:
    tokens = (replace(make_token(1), booked_by="portal"), make_token(2))
    return make_sheet(make_slot("09:00", seats=5), tokens=tokens)


def _ask(sheet: Sheet, who: Principal = DESK, now: datetime = BEFORE) -> QueueOut:
    day = Day(sheet, make_policy(), now)
    (timed,) = day.timed_slots
    view = Queue(slot=view_slot(day, timed), queue=queue_of(day, timed), waitlist=[])
    return msgspec.json.decode(write_queue(view, Sight(who, now)), type=QueueOut)


def test_who_sees_less_is_not_given_what_was_written_for_who_sees_more(sheet: Sheet) -> None:
    seen = {
        who.id: [token.patient_name for token in _ask(sheet, who).queue]
        for who in (DESK, PORTAL, OTHER_PORTAL, BOARD, OTHER_DESK, PORTAL)
    }
    name = sheet.tokens[0].patient.name
    assert seen == {
        "desk": [name, name],
        "portal": [name, None],
        "other portal": [None, None],
        "board": [None, None],
        "other desk": [name, name],
    }


def test_all_who_see_names_are_given_what_was_written_once(sheet: Sheet) -> None:
    _ask(sheet, DESK)
    _ask(sheet, OTHER_DESK)
    assert len(sheet.written) == 1


def test_what_goes_by_the_time_is_written_anew(sheet: Sheet) -> None:
    told = [_ask(sheet, now=now) for now in (BEFORE, DURING, AFTER)]
    assert [each.queue[0].estimated_time for each in told] == [at("09:00"), DURING, AFTER]


def test_a_slot_in_which_nobody_is_ends_all_the_same() -> None:
    sheet = make_sheet(make_slot("09:00"))
    assert [_ask(sheet, now=now).slot.over for now in (BEFORE, AFTER)] == [False, True]


def test_a_changed_sheet_has_nothing_written_of_the_one_before(sheet: Sheet) -> None:
    _ask(sheet)
    moved_on = sheet.with_token(replace(sheet.tokens[0], status=Status.CHECKED_IN))
    assert [token.status for token in _ask(moved_on).queue] == [Status.CHECKED_IN, Status.BOOKED]
    larger = sheet.with_slot(replace(sheet.slots[0], max_capacity=9))
    assert _ask(larger).slot.max_capacity == 9
    assert _ask(sheet).slot.max_capacity == 5


def test_free_slots_are_those_of_now() -> None:
    sheet = make_sheet(make_slot("09:00"), make_slot("12:00"))

    def free(sheet: Sheet, now: datetime) -> list[str]:
        day = Day(sheet, make_policy(), now)
        views = [view_slot(day, each) for each in day.timed_slots if day.has_free_seat(each)]
        told = msgspec.json.decode(write_free_slots(views), type=list[SlotOut])
        return [each.start_time for each in told]

    assert [free(sheet, now) for now in (BEFORE, AFTER, at("14:00"))] == [
        ["09:00", "12:00"],
        ["12:00"],
        [],
    ]
    assert free(sheet.with_token(make_token(1)), BEFORE) == ["12:00"]


def test_a_sheet_keeps_no_more_than_some(sheet: Sheet) -> None:
    for number in range(3 * MOST_WRITTEN):
        _ask(sheet, make_principal(f"portal {number}", Role.PORTAL))
        assert len(sheet.written) <= MOST_WRITTEN


def test_what_was_written_does_not_hold_its_sheet(sheet: Sheet) -> None:
    """Nothing would ever let go of the two: the garbage collector does not look into views."""
    before = sys.getrefcount(sheet)
    _ask(sheet)
    assert sheet.written
    assert sys.getrefcount(sheet) == before
