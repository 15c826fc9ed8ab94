"""Rule 10: a slot can't be held, so its tokens take other places of the day."""

import pytest

from models.commands import Reallocate
from models.errors import OtherSheet, SameSlot, SlotClosed, SlotOver, UnknownSlot
from models.events import EventType, Reallocated, SlotChanged, Stayed
from models.reasons import (
    AlreadyCalled,
    ClosedToReallocate,
    NoOtherPlace,
    NoOtherPlaceYet,
    SlotNotHeld,
)
from models.slot import Slot, SlotStatus
from models.source import Source
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_policy, make_slot, make_token, slot_id

E, P, F, W = Source.EMERGENCY, Source.PRIORITY, Source.FOLLOWUP, Source.WALKIN
CLOSED = SlotStatus.CLOSED


def _token(number: int, source: Source, status: Status, patient: str | None = None) -> Token:
    return make_token(number, source=source, status=status, patient=patient)


def test_a_slot_that_cant_be_held_is_closed_and_its_tokens_move_to_the_next_free_seats() -> None:
    opd_day = OpdDay(make_slot("09:00", seats=2), make_slot("10:00"), make_slot("11:00", seats=2))
    first, second = opd_day.book(), opd_day.book()

    opd_day.reallocate("09:00")

    assert opd_day.day.timed_slot(slot_id("09:00")).slot.status is CLOSED
    assert opd_day.state(first) == ("10:00", Status.BOOKED)
    assert opd_day.state(second) == ("11:00", Status.BOOKED)
    assert opd_day.last.outcome.slot_id == slot_id("09:00")
    closed, *moves = opd_day.events()
    assert isinstance(closed, SlotChanged)
    assert (closed.slot_id, closed.reason) == (slot_id("09:00"), ClosedToReallocate())
    assert [event.type for event in moves] == [EventType.REALLOCATED] * 2
    assert [(event.after.slot_id, event.reason) for event in opd_day.told(Reallocated)] == [
        (slot_id("10:00"), SlotNotHeld()),
        (slot_id("11:00"), SlotNotHeld()),
    ]


def test_emergencies_then_the_checked_in_then_the_booked_then_the_waiting_each_by_rank() -> None:
    tokens = (
        _token(1, P, Status.WAITLISTED),
        _token(2, W, Status.WAITLISTED),
        _token(3, W, Status.BOOKED),
        _token(4, P, Status.BOOKED),
        _token(5, W, Status.CHECKED_IN),
        _token(6, F, Status.CHECKED_IN),
        _token(7, E, Status.BOOKED),
        _token(8, E, Status.CHECKED_IN),
    )
    hours = [make_slot(f"{hour}:00") for hour in range(10, 18)]
    opd_day = OpdDay(make_slot("09:00"), *hours, tokens=tokens)

    opd_day.reallocate("09:00")

    moved = sorted(opd_day.sheet.tokens, key=lambda token: token.slot_id)
    assert [token.number for token in moved] == [7, 8, 6, 5, 4, 3, 1, 2]
    assert [token.status for token in moved] == [
        Status.BOOKED,
        Status.CHECKED_IN,
        Status.CHECKED_IN,
        Status.CHECKED_IN,
        Status.BOOKED,
        Status.BOOKED,
        Status.BOOKED,
        Status.BOOKED,
    ]
    assert [event.number for event in opd_day.told(Reallocated)] == [
        7,
        8,
        6,
        5,
        4,
        3,
        1,
        2,
    ]


@pytest.mark.parametrize("status", [Status.CALLED, Status.IN_CONSULTATION])
@pytest.mark.parametrize("source", [W, E])
def test_who_is_called_or_with_the_doctor_stays(status: Status, source: Source) -> None:
    token = _token(1, source, status)
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"), tokens=(token,))

    opd_day.reallocate("09:00")

    assert opd_day.state(token) == ("09:00", status)
    (stayed,) = opd_day.told(Stayed)
    assert (stayed.number, stayed.before, stayed.after) == (1, stayed.after, stayed.before)
    assert stayed.reason == AlreadyCalled()


@pytest.mark.parametrize(
    "status", [Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW, Status.MOVED]
)
def test_who_is_done_is_left_alone(status: Status) -> None:
    token = _token(1, W, status)
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"), tokens=(token,))
    opd_day.reallocate("09:00")
    assert opd_day.state(token) == ("09:00", status)
    assert [event.type for event in opd_day.events()] == [EventType.SLOT_CHANGED]


@pytest.mark.parametrize(
    ("source", "status", "kept"),
    [
        (E, Status.BOOKED, Status.BOOKED),
        (E, Status.CHECKED_IN, Status.CHECKED_IN),
        (W, Status.CHECKED_IN, Status.CHECKED_IN),
        (P, Status.BOOKED, Status.WAITLISTED),
        (W, Status.BOOKED, Status.WAITLISTED),
        (W, Status.WAITLISTED, Status.WAITLISTED),
    ],
)
def test_who_finds_no_place_stays(source: Source, status: Status, kept: Status) -> None:
    token = _token(1, source, status)
    opd_day = OpdDay(make_slot("09:00"), tokens=(token,))

    opd_day.reallocate("09:00")

    assert opd_day.state(token) == ("09:00", kept)
    (stayed,) = opd_day.told(Stayed)
    assert (stayed.before.status, stayed.after.status) == (status, kept)
    assert stayed.reason == (NoOtherPlace() if kept is status else NoOtherPlaceYet())


def test_a_move_keeps_the_time_of_the_first_seat_and_counts_as_no_bump() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00", seats=2))
    seated, waiting = opd_day.book(), opd_day.book()
    opd_day.now = at("08:30")
    opd_day.reallocate("09:00")
    assert (opd_day[seated].seated_at, opd_day[waiting].seated_at) == (at("08:00"), at("08:30"))
    assert opd_day[seated].bumps == ()


def test_nobody_is_bumped_by_a_reallocation() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    priority = opd_day.book("09:00", P)
    walk_in = opd_day.book("10:00", W)
    opd_day.reallocate("09:00")
    assert opd_day.state(priority) == ("09:00", Status.WAITLISTED)
    assert opd_day.state(walk_in) == ("10:00", Status.BOOKED)


def test_earlier_slots_are_no_place_unless_named() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    token = opd_day.book("10:00")
    opd_day.reallocate("10:00")
    assert opd_day.state(token) == ("10:00", Status.WAITLISTED)


@pytest.mark.parametrize("target", ["08:00", "11:00"])
def test_the_named_slot_comes_first_then_the_earliest_later_ones(target: str) -> None:
    opd_day = OpdDay(
        make_slot("09:00", seats=2),
        make_slot("08:00"),
        make_slot("10:00"),
        make_slot("11:00"),
    )
    first, second = opd_day.book("09:00"), opd_day.book("09:00")
    opd_day.reallocate("09:00", target)
    assert opd_day.state(first) == (target, Status.BOOKED)
    assert opd_day.state(second) == ("10:00", Status.BOOKED)


def test_slots_that_are_closed_full_or_hold_the_patient_already_are_no_place() -> None:
    opd_day = OpdDay(
        make_slot("09:00"),
        make_slot("10:00", status=CLOSED),
        make_slot("11:00"),
        make_slot("12:00", seats=2),
        make_slot("13:00"),
    )
    opd_day.book("11:00", P)
    opd_day.book("12:00", P, patient="meera")
    token = opd_day.book("09:00", patient="meera")
    opd_day.reallocate("09:00")
    assert opd_day.state(token) == ("13:00", Status.BOOKED)


# Emergencies


def test_an_emergency_takes_a_later_free_seat_before_an_earlier_overflow() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"), make_slot("11:00"))
    opd_day.book("10:00", P)
    emergency = opd_day.book("09:00", E)
    opd_day.reallocate("09:00")
    assert opd_day.state(emergency) == ("11:00", Status.BOOKED)


@pytest.mark.parametrize(
    ("target", "place"), [(None, "10:00"), ("11:00", "11:00"), ("08:00", "08:00")]
)
def test_an_emergency_without_a_free_seat_takes_overflow_the_named_slot_first(
    target: str | None, place: str
) -> None:
    opd_day = OpdDay(*(make_slot(clock) for clock in ("08:00", "09:00", "10:00", "11:00")))
    for clock in ("08:00", "10:00", "11:00"):
        opd_day.book(clock, P)
    emergency = opd_day.book("09:00", E)
    opd_day.reallocate("09:00", target)
    assert opd_day.state(emergency) == (place, Status.BOOKED)


def test_an_emergency_passes_over_overflow_that_is_full_closed_or_its_own_patients() -> None:
    opd_day = OpdDay(
        *(make_slot(clock) for clock in ("09:00", "10:00", "11:00", "12:00", "13:00")),
        policy=make_policy(emergency_overflow=1),
    )
    for clock in ("10:00", "10:00", "11:00", "13:00"):
        opd_day.book(clock, E)
    opd_day.close("11:00")
    opd_day.book("12:00", P, patient="meera")
    emergency = opd_day.book("09:00", E, patient="meera")

    opd_day.reallocate("09:00")

    assert opd_day.state(emergency) == ("13:00", Status.BOOKED)


def test_only_an_emergency_moves_into_overflow() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    opd_day.book("10:00", P)
    checked_in = opd_day.bring(opd_day.book("09:00", P), Status.CHECKED_IN)
    opd_day.reallocate("09:00")
    assert opd_day.state(checked_in) == ("09:00", Status.CHECKED_IN)


# Closing


def test_closing_alone_moves_nobody() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    seated, waiting = opd_day.book("09:00", P), opd_day.book("09:00", W)
    opd_day.close("09:00")
    assert opd_day.state(seated) == ("09:00", Status.BOOKED)
    assert opd_day.state(waiting) == ("09:00", Status.WAITLISTED)


def test_an_open_slot_moves_its_waitlist_alone() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    seated, waiting, stays = opd_day.book(source=P), opd_day.book(source=P), opd_day.book(source=W)

    opd_day.reallocate("09:00", close=False)

    assert opd_day.day.timed_slot(slot_id("09:00")).slot.status is SlotStatus.OPEN
    assert opd_day.state(seated) == ("09:00", Status.BOOKED)
    assert opd_day.state(waiting) == ("10:00", Status.BOOKED)
    assert opd_day.state(stays) == ("09:00", Status.WAITLISTED)
    moved, kept = opd_day.events()
    assert isinstance(moved, Reallocated)
    assert isinstance(kept, Stayed)
    assert (moved.number, kept.number) == (waiting.number, stays.number)


def test_a_slot_closed_before_is_reallocated_without_closing_it_again() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    token = opd_day.book()
    opd_day.close("09:00")
    opd_day.reallocate("09:00")
    assert opd_day.state(token) == ("10:00", Status.BOOKED)
    assert [event.type for event in opd_day.events()] == [EventType.REALLOCATED]


def test_an_empty_closed_slot_reallocated_changes_nothing() -> None:
    opd_day = OpdDay(make_slot("09:00", status=CLOSED))
    before = opd_day.sheet
    opd_day.reallocate("09:00")
    assert opd_day.sheet is before


# Refusals


@pytest.mark.parametrize("close", [True, False])
def test_an_unknown_slot_is_refused(*, close: bool) -> None:
    with pytest.raises(UnknownSlot):
        OpdDay().reallocate("12:00", close=close)


def test_the_slot_itself_is_no_target() -> None:
    with pytest.raises(SameSlot):
        OpdDay().reallocate("09:00", "09:00")


@pytest.mark.parametrize(
    ("target", "refusal"),
    [
        pytest.param(slot_id("10:00", "asha-20260310"), OtherSheet, id="another day"),
        pytest.param(slot_id("10:00", "ravi-20260309"), OtherSheet, id="another doctor"),
        pytest.param(slot_id("15:00"), UnknownSlot, id="no slot of this day"),
        pytest.param("10:00", UnknownSlot, id="no slot id"),
    ],
)
def test_a_target_elsewhere_is_refused(target: str, refusal: type[Exception]) -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    with pytest.raises(refusal):
        opd_day.do(Reallocate(actor=ACTOR, slot_id=slot_id("09:00"), target_slot_id=target))


@pytest.mark.parametrize(
    ("target", "refusal"),
    [
        pytest.param(make_slot("08:00", minutes=30), SlotOver, id="over"),
        pytest.param(make_slot("10:00", status=CLOSED), SlotClosed, id="closed"),
        pytest.param(make_slot("08:00", minutes=30, status=CLOSED), SlotOver, id="over and closed"),
    ],
)
def test_a_target_that_takes_nobody_is_refused(target: Slot, refusal: type[Exception]) -> None:
    opd_day = OpdDay(make_slot("09:00"), target)
    opd_day.book("09:00")
    opd_day.now = at("08:30")
    before = opd_day.sheet
    with pytest.raises(refusal):
        opd_day.do(Reallocate(actor=ACTOR, slot_id=slot_id("09:00"), target_slot_id=target.id))
    assert opd_day.sheet is before
