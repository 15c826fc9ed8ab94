"""Who is there without a seat: checked in, promoted, called; walk-ins checked in at once. Rule 21."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from models.commands import CallNext, ChangeStatus, Undo
from models.doctor import Tenure
from models.errors import SlotOver, TooEarly, WrongDay
from models.events import Booked, Promoted, SlotChanged, StatusChanged
from models.line import Order
from models.reasons import Arrived, SeatAdded
from models.source import Source
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_book, make_policy, make_slot, make_token

W, O, E = Source.WALKIN, Source.ONLINE, Source.EMERGENCY  # noqa: E741  # as booked


def full_house() -> tuple[OpdDay, Token, Token]:
    """One with the only seat, and one who waits for it and is there; it is nine."""
    opd_day = OpdDay()
    seated, waiting = opd_day.book(source=O), opd_day.book(source=O)
    opd_day.now = at("09:00")
    return opd_day, seated, opd_day.set(waiting, Status.CHECKED_IN)


def call(opd_day: OpdDay) -> Token | None:
    number = opd_day.do(CallNext(actor=ACTOR)).outcome.number
    return None if number is None else opd_day.sheet.tokens[number - 1]


# Checked in without a seat


def test_who_waits_for_a_seat_and_is_there_goes_on_waiting() -> None:
    _, _, waiting = full_house()
    assert waiting.status is Status.WAITLISTED
    assert waiting.checked_in_at == at("09:00")
    assert waiting.arrival == at("09:10")


def test_checking_in_again_changes_nothing() -> None:
    opd_day, _, waiting = full_house()
    opd_day.now += timedelta(minutes=1)
    assert opd_day.set(waiting, Status.CHECKED_IN) is waiting
    assert opd_day.events() == []


def test_a_seat_makes_who_is_there_checked_in() -> None:
    opd_day, seated, waiting = full_house()
    opd_day.set(seated, Status.CANCELLED)
    (promoted,) = opd_day.told(Promoted)
    assert promoted.after.status is Status.CHECKED_IN
    assert opd_day.standing(waiting).queue_position == 1


def test_so_does_a_seat_in_another_slot() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    opd_day.book(source=O)
    waiting = opd_day.set(opd_day.book(source=O), Status.CHECKED_IN)
    opd_day.reallocate("09:00", close=False)
    assert opd_day.state(waiting) == ("10:00", Status.CHECKED_IN)


def test_the_check_in_of_who_waits_can_be_undone() -> None:
    opd_day, _, waiting = full_house()
    opd_day.do(Undo(actor=ACTOR, token_id=waiting.id, status=Status.WAITLISTED))
    assert opd_day[waiting].checked_in_at is None
    assert opd_day[waiting].status is Status.WAITLISTED


# Called without a seat


def test_who_is_there_without_a_seat_is_called_when_nobody_with_one_waits() -> None:
    opd_day, seated, waiting = full_house()
    called = call(opd_day)
    assert called is not None
    assert (called.number, called.status, called.seated_at) == (
        waiting.number,
        Status.CALLED,
        at("09:00"),
    )
    (change,) = opd_day.told(SlotChanged)
    assert (change.slot_before.max_capacity, change.slot_after.max_capacity) == (1, 2)
    assert change.reason == SeatAdded(waiting.number)
    assert opd_day[seated].status is Status.BOOKED


def test_who_has_a_seat_and_is_there_goes_first() -> None:
    opd_day, seated, _ = full_house()
    opd_day.set(seated, Status.CHECKED_IN)
    assert call(opd_day) == opd_day[seated]


def test_who_waits_and_is_not_there_is_not_called() -> None:
    opd_day = OpdDay()
    opd_day.book(), opd_day.book()
    opd_day.now = at("09:00")
    assert call(opd_day) is None


@pytest.mark.parametrize("order", Order)
def test_of_those_without_a_seat_the_line_says_who_is_called(order: Order) -> None:
    opd_day = OpdDay(policy=make_policy(order=order))
    opd_day.book(source=O)
    later, sooner = opd_day.book(), opd_day.book(source=O)
    opd_day.now = at("09:20")
    for token in (later, sooner):
        opd_day.set(token, Status.CHECKED_IN)
    assert call(opd_day) == opd_day[sooner]


def test_a_seat_that_nobody_may_be_given_is_taken_before_one_is_added() -> None:
    opd_day, seated, waiting = full_house()
    opd_day.close("09:00")
    opd_day.set(seated, Status.CANCELLED)
    opd_day.sheet = opd_day.sheet.with_slot(make_slot("10:00"))
    assert call(opd_day) == opd_day[waiting]
    assert opd_day.told(SlotChanged) == []


@pytest.mark.parametrize("end", ["over", "closed", "retired"])
def test_nobody_without_a_seat_is_called_when_no_time_is_left(end: str) -> None:
    opd_day, _, _ = full_house()
    if end == "over":
        opd_day.now = at("10:00")
    elif end == "closed":
        opd_day.close("09:00")
    else:
        opd_day.sheet = opd_day.sheet.changed(tenure=Tenure(retired=True, change=1))
    assert call(opd_day) is None


# Booked and checked in at once


def test_a_walk_in_is_booked_and_checked_in_at_once() -> None:
    opd_day = OpdDay()
    opd_day.do(replace(make_book(), check_in=True))
    token = opd_day.sheet.tokens[0]
    assert (token.status, token.arrival) == (Status.CHECKED_IN, at("08:00"))
    assert [event.after.status for event in opd_day.told(Booked)] == [Status.BOOKED]
    assert [event.reason for event in opd_day.told(StatusChanged)] == [Arrived()]


def test_without_a_seat_the_walk_in_waits_and_is_there() -> None:
    opd_day = OpdDay()
    opd_day.book(source=O)
    opd_day.do(replace(make_book(2), check_in=True))
    token = opd_day.sheet.tokens[1]
    assert (token.status, token.checked_in_at) == (Status.WAITLISTED, at("08:00"))


def test_before_its_day_nobody_is_checked_in_and_so_not_booked() -> None:
    opd_day = OpdDay()
    opd_day.now = at("20:00", days=-1)
    before = opd_day.sheet
    with pytest.raises(WrongDay):
        opd_day.do(replace(make_book(), check_in=True))
    assert opd_day.sheet is before


# At a kiosk


def test_a_kiosk_checks_in_from_an_hour_before_the_slot_on() -> None:
    opd_day = OpdDay(make_slot("10:00"))
    token = opd_day.book("10:00")
    ask = ChangeStatus(actor=ACTOR, token_id=token.id, status=Status.CHECKED_IN, at_kiosk=True)
    opd_day.now = at("09:00") - timedelta(milliseconds=1)
    with pytest.raises(TooEarly) as refused:
        opd_day.do(ask)
    assert refused.value.opens_at == at("09:00")
    assert f"{refused.value.opens_at:%H:%M}" == "09:00"
    opd_day.now = at("09:00")
    opd_day.do(ask)
    assert opd_day[token].status is Status.CHECKED_IN


# Emergencies in a slot that is over


@pytest.mark.parametrize("status", [Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION])
def test_an_emergency_enters_a_slot_that_is_over_while_its_patients_are_seen(
    status: Status,
) -> None:
    opd_day = OpdDay(tokens=(make_token(1, status=status),))
    opd_day.now = at("10:00")
    assert opd_day.book(source=E).status is Status.BOOKED
    with pytest.raises(SlotOver):
        opd_day.book(source=O)


@pytest.mark.parametrize("status", [Status.BOOKED, Status.PARKED, Status.COMPLETED])
def test_it_does_not_once_nobody_of_the_slot_is_to_be_seen(status: Status) -> None:
    opd_day = OpdDay(tokens=(make_token(1, status=status),))
    opd_day.now = at("10:00")
    with pytest.raises(SlotOver):
        opd_day.book(source=E)
