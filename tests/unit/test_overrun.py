"""Rule 25: what becomes of walk-ins once a day should end too late."""

import pytest

from engine.allocation import choose_slot, why_none
from engine.walk_ins import is_accepting, overrun, soonest
from models.commands import Book, SetConfig, SetSession
from models.doctor_session import SessionState
from models.errors import DayOverruns, NotAccepting, SlotFull
from models.keyed_request import KeyedRequest
from models.line_config import LineConfig, Overflow
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import (
    ACTOR,
    DAY,
    OpdDay,
    at,
    make_patient,
    make_policy,
    make_slot,
    slot_id,
    token_id,
)

WALKIN = Source.WALKIN


def a_day(overflow: Overflow = Overflow.TELL, *, booked: int = 9) -> OpdDay:
    """An hour of so many bookings of ten minutes, half an hour of which may be too late."""
    opd_day = OpdDay(make_slot(seats=30))
    opd_day.do(SetConfig(actor=ACTOR, config=LineConfig(change=1, overflow=overflow)))
    for _ in range(booked):
        opd_day.book(source=Source.ONLINE)
    return opd_day


def insist(opd_day: OpdDay) -> None:
    number = len(opd_day.sheet.tokens) + 1
    opd_day.do(
        Book(
            actor=ACTOR,
            slot_id=slot_id("09:00"),
            token_id=token_id(number),
            patient=make_patient(f"patient{number}"),
            source=WALKIN,
            insists=True,
        )
    )


def test_a_walk_in_is_told_when_the_day_ends_too_late_with_this_one() -> None:
    opd_day = a_day(booked=8)
    opd_day.book()
    assert opd_day.last.outcome.overruns_until is None  # at 10:30, which is not yet too late
    request = KeyedRequest(key="k", fingerprint="f")
    opd_day.book(request=request)
    assert opd_day.last.outcome.overruns_until == at("10:40")
    opd_day.book(request=request)
    assert opd_day.last.outcome.overruns_until == at("10:40")
    opd_day.book(source=Source.ONLINE)
    assert opd_day.last.outcome.overruns_until is None


def test_a_line_may_refuse_walk_ins_then_and_takes_all_others() -> None:
    opd_day = a_day(Overflow.REFUSE)
    assert not is_accepting(opd_day.day)
    with pytest.raises(NotAccepting):
        opd_day.book()
    with pytest.raises(NotAccepting):
        insist(opd_day)
    opd_day.book(source=Source.FOLLOWUP)
    assert is_accepting(a_day(Overflow.REFUSE, booked=8).day)


def test_a_line_may_offer_another_doctor_but_to_who_insists() -> None:
    opd_day = a_day(Overflow.OFFER)
    assert is_accepting(opd_day.day)
    with pytest.raises(DayOverruns) as refusal:
        opd_day.book()
    assert refusal.value.ends_at == at("10:40")
    insist(opd_day)
    assert opd_day.last.outcome.overruns_until == at("10:40")


@pytest.mark.parametrize(
    ("status", "late"),
    [
        (Status.CHECKED_IN, True),
        (Status.IN_CONSULTATION, True),
        (Status.PARKED, True),
        (Status.MISSED, True),
        (Status.COMPLETED, False),
        (Status.CANCELLED, False),
    ],
)
def test_who_is_yet_to_be_seen_takes_a_consultation(status: Status, *, late: bool) -> None:
    opd_day = a_day()
    opd_day.bring(opd_day.sheet.tokens[0], status)
    assert (overrun(opd_day.day, opd_day.day.timed_slots[0]) is not None) == late


def test_time_that_passes_a_break_and_a_delay_make_the_end_later() -> None:
    opd_day = a_day(booked=3)
    assert overrun(opd_day.day) is None
    opd_day.change("09:00", delay=65)
    assert overrun(opd_day.day) == at("10:35")
    opd_day.change("09:00", delay=0)
    opd_day.now = at("10:01")
    assert overrun(opd_day.day) == at("10:31")
    opd_day.now = at("09:00")
    pause = SetSession(actor=ACTOR, state=SessionState.ON_BREAK, until=at("10:10"))
    opd_day.do(pause)
    assert overrun(opd_day.day) == at("10:40")


def test_a_later_slot_takes_up_what_an_earlier_one_has_too_much() -> None:
    opd_day = OpdDay(make_slot(seats=20), make_slot("11:00", seats=9))
    for _ in range(15):
        opd_day.book(source=Source.ONLINE)
    assert overrun(opd_day.day) is None
    opd_day.close("11:00")
    assert overrun(opd_day.day) == at("11:30")


def test_who_sits_in_a_closed_slot_is_seen_too_and_a_day_without_slots_ends_never_late() -> None:
    opd_day = OpdDay(make_slot(seats=20), make_slot("11:00", seats=20))
    for _ in range(15):
        opd_day.book("11:00", Source.ONLINE)
    opd_day.close("11:00")
    opd_day.now = at("08:05")
    assert overrun(opd_day.day) == at("10:35")
    opd_day.close("09:00")
    assert overrun(opd_day.day) is None
    assert is_accepting(opd_day.day)


def test_a_late_return_is_offered_no_slot_that_would_offer_another_doctor() -> None:
    opd_day = OpdDay(make_slot(), make_slot("10:00", seats=30))
    opd_day.policy = make_policy(emergency_overflow=0)
    walk_in = opd_day.book()
    opd_day.now = at("09:00")
    opd_day.set(walk_in, Status.NO_SHOW)
    opd_day.book(source=Source.ONLINE)
    for _ in range(9):
        opd_day.book("10:00", source=Source.ONLINE)
    opd_day.do(SetConfig(actor=ACTOR, config=LineConfig(change=1, overflow=Overflow.OFFER)))
    with pytest.raises(SlotFull) as refusal:
        opd_day.set(walk_in, Status.CHECKED_IN)
    assert refusal.value.alternatives == ()


def test_the_soonest_is_where_a_walk_in_begins_first() -> None:
    long, short = a_day(booked=4).day, a_day(booked=2).day
    late = OpdDay(make_slot("09:30", seats=5)).day
    found = soonest([long, late, short], WALKIN, None)
    assert found is not None
    assert (found.day, found.begins) == (short, at("09:20"))


def test_left_out_are_full_slots_lines_that_take_none_and_where_the_patient_has_a_token() -> None:
    full = OpdDay()
    full.book(source=Source.ONLINE)
    known = OpdDay(make_slot(seats=9))
    known.book(patient="meera")
    over = a_day(Overflow.REFUSE)
    sheet_full = OpdDay(make_slot(seats=9), policy=make_policy(max_tokens_per_sheet=0))
    days = [full.day, known.day, over.day, sheet_full.day]
    assert soonest(days, WALKIN, "meera") is None
    found = soonest(days, WALKIN, None)
    assert found is not None
    assert found.day.sheet is known.sheet


def test_a_choice_goes_to_a_day_that_does_not_overrun_if_there_is_one() -> None:
    over, later = a_day(Overflow.OFFER).day, OpdDay(make_slot("11:00")).day
    choice = choose_slot([over, later], WALKIN, None)
    assert choice is not None
    assert choice.slot_id == slot_id("11:00")
    choice = choose_slot([over], WALKIN, None)
    assert choice is not None
    assert choice.slot_id == slot_id("09:00")
    assert choose_slot([a_day(Overflow.REFUSE).day], WALKIN, None) is None
    why = why_none([a_day(Overflow.REFUSE).day], WALKIN, DAY)
    assert isinstance(why, NotAccepting)


def test_closed_slots_alone_make_no_end() -> None:
    assert overrun(OpdDay(make_slot(status=SlotStatus.CLOSED)).day) is None
