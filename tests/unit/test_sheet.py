"""The day sheet: who sits and who waits in each slot, and a new day's sheet."""

import pytest

from models.doctor import WEEK, Doctor, Weekday, in_order
from models.sheet import EMPTY_ROSTER, Sheet, roster_of
from models.token import AWAY, LIVE, PRESENT, QUEUED, SEATED, Status
from tests.factories import (
    DAY,
    FACILITY,
    SHEET_ID,
    OpdDay,
    make_sheet,
    make_slot,
    make_token,
    slot_id,
)


def test_a_new_sheet_has_nothing_planned_and_nothing_told() -> None:
    sheet = Sheet.new(SHEET_ID, FACILITY)
    assert (sheet.id, sheet.resource_id, sheet.date) == (SHEET_ID, "asha", DAY)
    assert (sheet.facility_id, sheet.timezone) == (FACILITY.id, FACILITY.timezone)
    assert (sheet.version, sheet.next_event) == (0, 1)
    assert (sheet.slots, sheet.tokens) == ((), ())
    assert sheet.rosters == {}
    assert sheet.timeline.timed_slots == ()


def test_the_statuses_fall_into_live_present_seated_and_queued() -> None:
    assert {Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION} == PRESENT
    assert {Status.PARKED, Status.MISSED} == AWAY
    assert {Status.WAITLISTED, Status.BOOKED} | PRESENT | AWAY == LIVE
    assert {Status.BOOKED, Status.COMPLETED} | PRESENT | AWAY == SEATED
    assert {Status.BOOKED, Status.CHECKED_IN, Status.CALLED} == QUEUED


@pytest.mark.parametrize("status", Status)
def test_a_roster_holds_who_sits_and_who_waits(status: Status) -> None:
    token = make_token(status=status)
    seated = (token,) if status in SEATED else ()
    waiting = (token,) if status is Status.WAITLISTED else ()

    assert EMPTY_ROSTER.joined_by(token) == roster_of(seated, waiting)
    rosters = make_sheet(make_slot(), tokens=(token,)).rosters
    assert rosters.get(slot_id("09:00"), EMPTY_ROSTER) == roster_of(seated, waiting)


def test_rosters_stand_by_slot() -> None:
    tokens = (
        make_token(1, clock="10:00"),
        make_token(2, clock="09:00", status=Status.WAITLISTED),
        make_token(3, clock="10:00", status=Status.WAITLISTED),
        make_token(4, clock="10:00", status=Status.CALLED),
        make_token(5, clock="11:00", status=Status.CANCELLED),
    )
    assert make_sheet(tokens=tokens).rosters == {
        slot_id("09:00"): roster_of((), (tokens[1],)),
        slot_id("10:00"): roster_of((tokens[0], tokens[3]), (tokens[2],)),
    }


def test_a_token_leaves_a_roster_by_its_number() -> None:
    seated, waiting = make_token(1), make_token(2, status=Status.WAITLISTED)
    roster = roster_of((seated,), (waiting,))
    assert roster.without(seated) == roster_of((), (waiting,))
    assert roster.without(waiting) == roster_of((seated,), ())
    assert roster.without(make_token(3, status=Status.CANCELLED)) == roster


@pytest.mark.parametrize("status", Status)
def test_a_roster_that_a_token_joined_and_left_is_as_before(status: Status) -> None:
    roster = roster_of((make_token(1, status=Status.CALLED),))
    token = make_token(2, status=status)
    assert roster.joined_by(token).without(token) == roster


def test_a_roster_counts_who_is_in_the_house_and_who_is_with_the_doctor() -> None:
    seated = tuple(
        make_token(number, status=status)
        for number, status in enumerate(
            (
                Status.BOOKED,
                Status.CHECKED_IN,
                Status.CALLED,
                Status.IN_CONSULTATION,
                Status.IN_CONSULTATION,
                Status.COMPLETED,
            ),
            start=1,
        )
    )
    roster = roster_of(seated)
    assert (roster.present, roster.in_consultation) == (4, 2)


def test_a_decision_never_touches_the_sheet_it_was_given() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    first = opd_day.book()
    before = opd_day.sheet
    seated = before.rosters[slot_id("09:00")].seated
    opd_day.set(first, Status.CANCELLED)
    assert before.tokens == (first,)
    assert before.rosters[slot_id("09:00")].seated is seated
    assert opd_day.sheet.rosters[slot_id("09:00")].seated == ()


def test_a_changed_sheet_keeps_what_was_worked_out_from_fields_that_stay() -> None:
    sheet = make_sheet(make_slot(), tokens=(make_token(),))
    rosters, timeline = sheet.rosters, sheet.timeline

    renewed = sheet.changed(version=7)

    assert (sheet.version, renewed.version) == (0, 7)
    assert renewed.tokens is sheet.tokens
    assert renewed.rosters is rosters
    assert renewed.timeline is timeline


def test_a_changed_sheet_works_out_anew_what_its_new_fields_tell() -> None:
    sheet = make_sheet(make_slot(), tokens=(make_token(),))
    rosters, timeline = sheet.rosters, sheet.timeline

    assert sheet.changed(tokens=()).rosters == {}
    assert sheet.changed(tokens=()).timeline is timeline
    assert sheet.changed(slots=()).timeline.timed_slots == ()
    assert sheet.changed(slots=()).rosters is rosters


def test_a_sheet_takes_in_a_new_token_or_puts_it_where_its_number_stood() -> None:
    first, second = make_token(1), make_token(2, clock="10:00")
    sheet = make_sheet(make_slot(), make_slot("10:00")).with_token(first).with_token(second)
    assert sheet.tokens == (first, second)
    timeline = sheet.timeline

    moved = make_token(1, clock="10:00")
    changed = sheet.with_token(moved)
    assert changed.tokens == (moved, second)
    assert changed.rosters[slot_id("09:00")] == EMPTY_ROSTER
    assert changed.rosters[slot_id("10:00")] == roster_of((second, moved))
    assert sheet.rosters[slot_id("09:00")] == roster_of((first,))
    assert changed.timeline is timeline


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_who_was_called_and_has_not_come_in_is_known_after_each_change(
    before: Status, after: Status
) -> None:
    sheet = make_sheet(make_slot(), tokens=(make_token(status=before),))
    assert len(sheet.called) == (before in {Status.CALLED, Status.MISSED})

    changed = sheet.with_token(make_token(status=after)).with_token(make_token(2))

    assert changed.called == (changed.tokens[:1] if after in {Status.CALLED, Status.MISSED} else ())


def test_a_sheet_takes_in_a_new_slot_or_puts_it_where_its_id_stood() -> None:
    early, late = make_slot(), make_slot("10:00")
    sheet = make_sheet(early, tokens=(make_token(),))
    rosters = sheet.rosters
    sheet = sheet.with_slot(late)
    assert sheet.slots == (early, late)

    delayed = make_slot(delay=30)
    changed = sheet.with_slot(delayed)
    assert changed.slots == (delayed, late)
    assert [timed.slot for timed in changed.timeline.timed_slots] == [delayed, late]
    assert changed.rosters is rosters


def test_weekdays_stand_in_pythons_order() -> None:
    assert WEEK[DAY.weekday()] is Weekday.MONDAY
    assert len(WEEK) == 7
    assert (
        Doctor(id="asha", facility_id="main", name="Asha Rao", specialization="ENT").opd_days == ()
    )


def test_two_writes_to_one_version_leave_two_states() -> None:
    sheet = make_sheet(make_slot("09:00"))

    one = sheet.changed(version=3, last_write="here.1")
    other = sheet.changed(version=3, last_write="there.1")

    assert one.stamp == (3, "here.1")
    assert one.stamp != other.stamp


def test_the_days_of_a_doctor_stand_once_each_in_the_order_of_the_week() -> None:
    days = [Weekday.FRIDAY, Weekday.MONDAY, Weekday.FRIDAY]

    assert in_order(days) == (Weekday.MONDAY, Weekday.FRIDAY)
