"""Rule 7: a seat that falls free goes to the best-ranked of those who wait for it."""

from collections.abc import Callable

import pytest

from models.events import Promoted
from models.reasons import FirstOnWaitlist, LaterSeatFree
from models.slot import SlotStatus
from models.source import Source
from models.token import Status, Token
from tests.factories import OpdDay, at, make_policy, make_slot, make_token, slot_id

E, P, F, W = Source.EMERGENCY, Source.PRIORITY, Source.FOLLOWUP, Source.WALKIN


def _cancels(opd_day: OpdDay, seated: Token) -> None:
    opd_day.set(seated, Status.CANCELLED)


def _stays_away(opd_day: OpdDay, seated: Token) -> None:
    opd_day.set(seated, Status.NO_SHOW)


def _leaves_after_check_in(opd_day: OpdDay, seated: Token) -> None:
    opd_day.bring(seated, Status.CHECKED_IN)
    opd_day.set(seated, Status.CANCELLED)


def _misses_the_call(opd_day: OpdDay, seated: Token) -> None:
    opd_day.bring(seated, Status.CALLED)
    opd_day.set(seated, Status.NO_SHOW)


def _more_seats(opd_day: OpdDay, _: Token) -> None:
    opd_day.change("09:00", seats=2)


@pytest.mark.parametrize(
    "free_a_seat", [_cancels, _stays_away, _leaves_after_check_in, _misses_the_call, _more_seats]
)
def test_a_seat_that_falls_free_goes_to_who_waits(
    free_a_seat: Callable[[OpdDay, Token], None],
) -> None:
    opd_day = OpdDay()
    seated, waiting = opd_day.book(), opd_day.book()
    opd_day.now = at("08:30")

    free_a_seat(opd_day, seated)

    assert opd_day[waiting].status is Status.BOOKED
    assert opd_day[waiting].seated_at == at("08:30")
    assert opd_day[waiting].booked_at == at("08:00")
    (promoted,) = opd_day.told(Promoted)
    assert (promoted.number, promoted.reason) == (waiting.number, FirstOnWaitlist())


def test_a_reopened_slot_seats_who_waits() -> None:
    opd_day = OpdDay()
    seated, waiting = opd_day.book(), opd_day.book()
    opd_day.close("09:00")
    opd_day.set(seated, Status.CANCELLED)
    assert opd_day[waiting].status is Status.WAITLISTED

    opd_day.reopen("09:00")

    assert opd_day[waiting].status is Status.BOOKED


def test_a_delay_that_brings_a_slot_back_seats_who_waits() -> None:
    opd_day = OpdDay()
    seated, waiting = opd_day.book(), opd_day.book()
    opd_day.now = at("10:00")
    opd_day.set(seated, Status.NO_SHOW)
    assert opd_day[waiting].status is Status.WAITLISTED

    opd_day.change("09:00", delay=30)

    assert opd_day[waiting].status is Status.BOOKED


@pytest.mark.parametrize(
    ("waiting", "promoted"),
    [
        pytest.param([W, W], 1, id="of equal scores the earlier number"),
        pytest.param([W, F], 2, id="the higher score"),
        pytest.param([W, F, F], 2, id="the higher score, then the earlier number"),
    ],
)
def test_the_best_ranked_waiter_is_promoted(waiting: list[Source], promoted: int) -> None:
    opd_day = OpdDay()
    seated = opd_day.book(source=P)
    waiters = [opd_day.book(source=source) for source in waiting]

    opd_day.set(seated, Status.CANCELLED)

    assert [w.number for w in waiters if opd_day[w].status is Status.BOOKED] == [promoted + 1]


def test_as_many_are_promoted_as_there_are_seats() -> None:
    opd_day = OpdDay()
    tokens = [opd_day.book() for _ in range(5)]
    opd_day.change("09:00", seats=3)
    assert [opd_day[token].status for token in tokens] == [Status.BOOKED] * 3 + [
        Status.WAITLISTED
    ] * 2


def test_a_closed_slot_promotes_nobody() -> None:
    opd_day = OpdDay()
    seated, waiting = opd_day.book(), opd_day.book()
    opd_day.close("09:00")
    opd_day.set(seated, Status.CANCELLED)
    assert opd_day[waiting].status is Status.WAITLISTED


@pytest.mark.parametrize(
    ("now", "status"),
    [("09:00", Status.BOOKED), ("09:59:59", Status.BOOKED), ("10:00", Status.WAITLISTED)],
)
def test_a_slot_that_runs_promotes_and_one_that_is_over_does_not(now: str, status: Status) -> None:
    opd_day = OpdDay()
    seated, waiting = opd_day.book(), opd_day.book()
    opd_day.now = at(now)
    opd_day.set(seated, Status.NO_SHOW)
    assert opd_day[waiting].status is status


# Waiters of earlier slots that once held a seat


def _displaced(opd_day: OpdDay, clock: str = "09:00", *, patient: str | None = None) -> Token:
    """A walk-in that was bumped in this slot and found no later seat."""
    token = opd_day.book(clock, W, patient=patient)
    opd_day.book(clock, P)
    assert opd_day.state(token) == (clock, Status.WAITLISTED)
    return token


def test_who_was_bumped_also_waits_for_later_slots() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    later = opd_day.book("10:00", P)
    displaced = _displaced(opd_day)
    opd_day.now = at("08:30")

    opd_day.set(later, Status.CANCELLED)

    assert opd_day.state(displaced) == ("10:00", Status.BOOKED)
    assert opd_day[displaced].seated_at == at("08:00")
    (event,) = opd_day.told(Promoted)
    assert (event.after.slot_id, event.reason) == (slot_id("10:00"), LaterSeatFree())


def test_who_lost_a_seat_to_a_closure_also_waits_for_later_slots() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    later = opd_day.book("10:00", P)
    displaced = opd_day.book("09:00", W)
    opd_day.reallocate("09:00")
    assert opd_day.state(displaced) == ("09:00", Status.WAITLISTED)

    opd_day.set(later, Status.CANCELLED)

    assert opd_day.state(displaced) == ("10:00", Status.BOOKED)


def test_who_never_held_a_seat_waits_for_its_own_slot_alone() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    later = opd_day.book("10:00", P)
    opd_day.book("09:00", P)
    waiting = opd_day.book("09:00", F)

    opd_day.set(later, Status.CANCELLED)

    assert opd_day.state(waiting) == ("09:00", Status.WAITLISTED)


def test_who_never_held_a_seat_does_not_follow_one_who_did() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    later = opd_day.book("10:00", P)
    displaced = _displaced(opd_day)
    better = opd_day.book("09:00", F)

    opd_day.set(later, Status.CANCELLED)

    assert opd_day.state(displaced) == ("10:00", Status.BOOKED)
    assert opd_day.state(better) == ("09:00", Status.WAITLISTED)


def test_who_was_bumped_does_not_wait_for_earlier_slots() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    earlier = opd_day.book("09:00", P)
    displaced = _displaced(opd_day, "10:00")

    opd_day.set(earlier, Status.CANCELLED)

    assert opd_day.state(displaced) == ("10:00", Status.WAITLISTED)


def test_who_was_bumped_still_waits_for_its_own_slot() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    opd_day.book("10:00", P)
    displaced = _displaced(opd_day)
    opd_day.change("09:00", seats=2)
    assert opd_day.state(displaced) == ("09:00", Status.BOOKED)


def test_a_displaced_waiter_of_better_rank_passes_the_slots_own() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    later = opd_day.book("10:00", P)
    displaced = opd_day.book("09:00", F)
    opd_day.book("09:00", P)
    own = opd_day.book("10:00", W)

    opd_day.set(later, Status.CANCELLED)

    assert opd_day.state(displaced) == ("10:00", Status.BOOKED)
    assert opd_day.state(own) == ("10:00", Status.WAITLISTED)


def test_a_displaced_waiter_of_lower_rank_lets_the_slots_own_pass() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    later = opd_day.book("10:00", P)
    displaced = _displaced(opd_day)
    own = opd_day.book("10:00", F)

    opd_day.set(later, Status.CANCELLED)

    assert opd_day.state(displaced) == ("09:00", Status.WAITLISTED)
    assert opd_day.state(own) == ("10:00", Status.BOOKED)


def test_a_slot_where_the_patient_has_a_token_is_no_place_for_a_displaced_waiter() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00", seats=2), make_slot("11:00"))
    opd_day.book("10:00", P, patient="meera")
    later = opd_day.book("10:00", P)
    last = opd_day.book("11:00", P)
    displaced = _displaced(opd_day, patient="meera")

    opd_day.set(later, Status.CANCELLED)
    assert opd_day.state(displaced) == ("09:00", Status.WAITLISTED)
    opd_day.set(last, Status.CANCELLED)
    assert opd_day.state(displaced) == ("11:00", Status.BOOKED)


def test_a_displaced_waiter_passed_over_for_its_patient_does_not_hold_up_the_next() -> None:
    opd_day = OpdDay(make_slot("09:00", seats=2), make_slot("10:00", seats=2))
    opd_day.book("10:00", P, patient="meera")
    later = opd_day.book("10:00", P)
    blocked = opd_day.book("09:00", W, patient="meera")
    next_one = opd_day.book("09:00", W)
    opd_day.book("09:00", P)
    opd_day.book("09:00", P)

    opd_day.set(later, Status.CANCELLED)

    assert opd_day.state(blocked) == ("09:00", Status.WAITLISTED)
    assert opd_day.state(next_one) == ("10:00", Status.BOOKED)


def test_the_patients_other_token_done_lets_the_displaced_waiter_in() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00", seats=2))
    other = opd_day.book("10:00", W, patient="meera")
    displaced = _displaced(opd_day, patient="meera")
    assert opd_day.state(displaced) == ("09:00", Status.WAITLISTED)

    opd_day.bring(other, Status.COMPLETED)

    assert opd_day.state(displaced) == ("10:00", Status.BOOKED)


def test_free_seats_are_given_in_order_of_time() -> None:
    both_over = (make_slot("09:00"), make_slot("10:00"), make_slot("11:00"))
    waiting = make_token(1, clock="09:00", status=Status.WAITLISTED, seated_at=at("08:00"))
    opd_day = OpdDay(*both_over, tokens=(waiting,))
    opd_day.close("09:00")
    assert opd_day.state(waiting) == ("10:00", Status.BOOKED)


def test_slots_are_served_in_order_of_time_whatever_their_order_on_the_sheet() -> None:
    slots = (make_slot("11:00"), make_slot("10:00"), make_slot("09:00", status=SlotStatus.CLOSED))
    waiting = make_token(1, clock="09:00", status=Status.WAITLISTED, seated_at=at("08:00"))
    opd_day = OpdDay(*slots, tokens=(waiting,))
    opd_day.change("11:00", seats=2)
    assert opd_day.state(waiting) == ("10:00", Status.BOOKED)


def test_an_added_slot_takes_displaced_waiters() -> None:
    opd_day = OpdDay(make_slot("09:00"))
    displaced = _displaced(opd_day)
    opd_day.sheet = OpdDay(
        *opd_day.sheet.slots, make_slot("10:00"), tokens=opd_day.sheet.tokens
    ).sheet
    opd_day.change("10:00", delay=5)
    assert opd_day.state(displaced) == ("10:00", Status.BOOKED)


def test_a_slot_beyond_its_capacity_promotes_nobody() -> None:
    opd_day = OpdDay(policy=make_policy(emergency_overflow=1))
    walk_in = opd_day.book(source=W)
    opd_day.book(source=E)
    waiting = opd_day.book(source=W)
    opd_day.set(walk_in, Status.CANCELLED)
    assert opd_day[waiting].status is Status.WAITLISTED
