"""Rules 2, 6 and 11: a free seat, a full slot without a way in, and one live token per patient."""

from collections.abc import Callable
from itertools import combinations

import pytest

from models.commands import IfFull
from models.errors import (
    AlreadyBooked,
    Refusal,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
    UnknownSlot,
)
from models.events import Booked, EventType
from models.slot import Alternative, SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, OpdDay, at, make_patient, make_policy, make_slot, slot_id


def test_a_free_seat_is_booked() -> None:
    opd_day = OpdDay()
    token = opd_day.book(source=Source.ONLINE, patient="meera")

    assert (token.number, token.status, token.slot_id) == (1, Status.BOOKED, slot_id("09:00"))
    assert (token.patient, token.source) == (make_patient("meera"), Source.ONLINE)
    assert token.booked_at == token.seated_at == at("08:00")
    assert opd_day.last.outcome.number == 1
    assert opd_day.last.outcome.slot_id == slot_id("09:00")
    assert opd_day.last.outcome.bumped is None
    assert [event.type for event in opd_day.events()] == [EventType.BOOKED]


def test_a_slot_seats_as_many_as_it_has_seats() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    statuses = [opd_day.book().status for _ in range(3)]
    assert statuses == [Status.BOOKED, Status.BOOKED, Status.WAITLISTED]


def test_numbers_follow_the_order_of_issue_over_all_slots() -> None:
    opd_day = OpdDay(make_slot("09:00", seats=2), make_slot("10:00", seats=2))
    tokens = [opd_day.book(clock) for clock in ("10:00", "09:00", "10:00")]
    assert [token.label for token in tokens] == ["T001", "T002", "T003"]


def test_a_number_is_never_given_twice() -> None:
    opd_day = OpdDay()
    opd_day.set(opd_day.book(), Status.CANCELLED)
    assert opd_day.book().number == 2


def test_a_full_slot_waitlists() -> None:
    opd_day = OpdDay()
    opd_day.book()
    late = opd_day.book()

    assert late.status is Status.WAITLISTED
    assert late.seated_at is None
    assert [event.type for event in opd_day.events()] == [EventType.WAITLISTED]


@pytest.mark.parametrize(
    "status", [Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION, Status.COMPLETED]
)
def test_a_seat_stays_taken_by_who_is_present_or_has_been_seen(status: Status) -> None:
    opd_day = OpdDay()
    opd_day.bring(opd_day.book(), status)
    assert opd_day.book().status is Status.WAITLISTED


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_a_cancelled_or_absent_token_holds_no_seat(status: Status) -> None:
    opd_day = OpdDay()
    opd_day.bring(opd_day.book(), status)
    assert opd_day.book().status is Status.BOOKED


# Refusals


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(UnknownSlot):
        OpdDay().book("11:00")


def _over(opd_day: OpdDay) -> None:
    opd_day.now = at("10:00")


def _closed(opd_day: OpdDay) -> None:
    opd_day.close("09:00")


def _already_booked(opd_day: OpdDay) -> None:
    opd_day.book(patient="meera")


def _sheet_full(opd_day: OpdDay) -> None:
    opd_day.policy = make_policy(max_tokens_per_sheet=len(opd_day.sheet.tokens))


def _slot_full(opd_day: OpdDay) -> None:
    opd_day.book(source=Source.PRIORITY)


# In the order in which the refusals win; each is brought about without undoing another.
CASES: list[tuple[Callable[[OpdDay], None], type[Refusal]]] = [
    (_over, SlotOver),
    (_closed, SlotClosed),
    (_already_booked, AlreadyBooked),
    (_sheet_full, SheetFull),
    (_slot_full, SlotFull),
]
BROUGHT_ABOUT = [_already_booked, _slot_full, _sheet_full, _closed, _over]


@pytest.mark.parametrize(
    "present",
    [set(cases) for size in (1, 2, 5) for cases in combinations(range(5), size)],
    ids=lambda present: "+".join(CASES[case][1].code for case in sorted(present)),
)
def test_refusals_come_in_their_order(present: set[int]) -> None:
    opd_day = OpdDay(make_slot(seats=1))
    wanted = [CASES[case][0] for case in present]
    for bring_about in BROUGHT_ABOUT:
        if bring_about in wanted:
            bring_about(opd_day)

    with pytest.raises(Refusal) as refused:
        opd_day.book(patient="meera", if_full=IfFull.REJECT)

    assert type(refused.value) is CASES[min(present)][1]


@pytest.mark.parametrize(
    "status",
    [Status.BOOKED, Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION],
)
def test_a_patient_has_one_live_token_in_a_slot(status: Status) -> None:
    opd_day = OpdDay(make_slot(seats=3))
    first = opd_day.bring(opd_day.book(patient="meera"), status)

    with pytest.raises(AlreadyBooked) as refused:
        opd_day.book(patient="meera")

    assert (refused.value.other.id, refused.value.other.label) == (first.id, "T001")


def test_a_patient_does_not_wait_twice_for_a_slot() -> None:
    opd_day = OpdDay()
    opd_day.book()
    waiting = opd_day.book(patient="meera")

    with pytest.raises(AlreadyBooked) as refused:
        opd_day.book(patient="meera")

    assert refused.value.other.id == waiting.id


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW])
def test_a_patient_whose_token_is_done_may_book_again(status: Status) -> None:
    opd_day = OpdDay(make_slot(seats=2))
    opd_day.bring(opd_day.book(patient="meera"), status)
    assert opd_day.book(patient="meera").status is Status.BOOKED


def test_a_patient_may_have_tokens_in_two_slots() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    opd_day.book("09:00", patient="meera")
    assert opd_day.book("10:00", patient="meera").status is Status.BOOKED


def test_a_sheet_takes_tokens_up_to_its_limit() -> None:
    opd_day = OpdDay(make_slot(seats=5), policy=make_policy(max_tokens_per_sheet=2))
    opd_day.book()
    opd_day.book()
    with pytest.raises(SheetFull) as refused:
        opd_day.book()
    assert refused.value.limit == 2


# A newcomer who wants a seat or nothing


def test_who_rejects_the_waitlist_is_told_the_slots_that_would_seat_them() -> None:
    opd_day = OpdDay(
        make_slot("08:00", minutes=30),  # over at 09:00
        make_slot("09:00"),  # the slot asked for
        make_slot("10:00", status=SlotStatus.CLOSED),
        make_slot("11:00"),  # full
        make_slot("12:00", seats=2),  # has a token of this patient already
        make_slot("13:00"),  # has a free seat
        make_slot("14:00"),  # would bump
    )
    opd_day.book("09:00", Source.PRIORITY)
    opd_day.book("11:00", Source.PRIORITY)
    opd_day.book("12:00", patient="meera")
    opd_day.book("14:00", Source.WALKIN)
    opd_day.now = at("09:00")
    asked = opd_day.sheet

    with pytest.raises(SlotFull) as refused:
        opd_day.book("09:00", Source.ONLINE, patient="meera", if_full=IfFull.REJECT)

    assert refused.value.alternatives == (
        Alternative(slot_id("13:00"), "13:00", "14:00"),
        Alternative(slot_id("14:00"), "14:00", "15:00"),
    )
    assert opd_day.sheet is asked


def test_the_asked_slot_is_no_alternative_to_itself() -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.WALKIN)
    with pytest.raises(SlotFull) as refused:
        opd_day.book(source=Source.PRIORITY, if_full=IfFull.FREE_SEAT)
    assert refused.value.alternatives == ()


def test_who_rejects_the_waitlist_still_bumps() -> None:
    opd_day = OpdDay()
    walk_in = opd_day.book(source=Source.WALKIN)
    assert opd_day.book(source=Source.PRIORITY, if_full=IfFull.REJECT).status is Status.BOOKED
    assert opd_day[walk_in].status is Status.WAITLISTED


@pytest.mark.parametrize("source", [Source.PRIORITY, Source.EMERGENCY])
def test_who_wants_a_free_seat_takes_none_from_others_and_none_beyond_capacity(
    source: Source,
) -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.WALKIN)
    with pytest.raises(SlotFull):
        opd_day.book(source=source, if_full=IfFull.FREE_SEAT)


@pytest.mark.parametrize("if_full", IfFull)
def test_a_free_seat_is_booked_whatever_is_wanted_of_a_full_slot(if_full: IfFull) -> None:
    assert OpdDay().book(if_full=if_full).status is Status.BOOKED


def test_the_event_of_a_booking_names_who_asked() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    (event,) = opd_day.events()
    assert isinstance(event, Booked)
    assert (event.actor, event.token_id, event.number) == (ACTOR, token.id, 1)
