"""Rule 7: a seat that falls free goes to the best-ranked of those who wait for it."""

from collections.abc import Callable

import pytest

from models.events import Promoted
from models.reasons import FirstOnWaitlist, LaterSeatFree
from models.slot import SlotStatus
from models.source import Source
from models.token import Status, Token
from tests.factories import Desk, at, make_policy, make_slot, make_token, slot_id

E, P, F, W = Source.EMERGENCY, Source.PRIORITY, Source.FOLLOWUP, Source.WALKIN


def _cancels(desk: Desk, seated: Token) -> None:
    desk.set(seated, Status.CANCELLED)


def _stays_away(desk: Desk, seated: Token) -> None:
    desk.set(seated, Status.NO_SHOW)


def _leaves_after_check_in(desk: Desk, seated: Token) -> None:
    desk.bring(seated, Status.CHECKED_IN)
    desk.set(seated, Status.CANCELLED)


def _misses_the_call(desk: Desk, seated: Token) -> None:
    desk.bring(seated, Status.CALLED)
    desk.set(seated, Status.NO_SHOW)


def _more_seats(desk: Desk, _: Token) -> None:
    desk.change("09:00", seats=2)


@pytest.mark.parametrize(
    "free_a_seat", [_cancels, _stays_away, _leaves_after_check_in, _misses_the_call, _more_seats]
)
def test_a_seat_that_falls_free_goes_to_who_waits(
    free_a_seat: Callable[[Desk, Token], None],
) -> None:
    desk = Desk()
    seated, waiting = desk.book(), desk.book()
    desk.now = at("08:30")

    free_a_seat(desk, seated)

    assert desk[waiting].status is Status.BOOKED
    assert desk[waiting].seated_at == at("08:30")
    assert desk[waiting].booked_at == at("08:00")
    (promoted,) = desk.told(Promoted)
    assert (promoted.number, promoted.reason) == (waiting.number, FirstOnWaitlist())


def test_a_reopened_slot_seats_who_waits() -> None:
    desk = Desk()
    seated, waiting = desk.book(), desk.book()
    desk.close("09:00")
    desk.set(seated, Status.CANCELLED)
    assert desk[waiting].status is Status.WAITLISTED

    desk.reopen("09:00")

    assert desk[waiting].status is Status.BOOKED


def test_a_delay_that_brings_a_slot_back_seats_who_waits() -> None:
    desk = Desk()
    seated, waiting = desk.book(), desk.book()
    desk.now = at("10:00")
    desk.set(seated, Status.NO_SHOW)
    assert desk[waiting].status is Status.WAITLISTED

    desk.change("09:00", delay=30)

    assert desk[waiting].status is Status.BOOKED


@pytest.mark.parametrize(
    ("waiting", "promoted"),
    [
        pytest.param([W, W], 1, id="of equal scores the earlier number"),
        pytest.param([W, F], 2, id="the higher score"),
        pytest.param([W, F, F], 2, id="the higher score, then the earlier number"),
    ],
)
def test_the_best_ranked_waiter_is_promoted(waiting: list[Source], promoted: int) -> None:
    desk = Desk()
    seated = desk.book(source=P)
    waiters = [desk.book(source=source) for source in waiting]

    desk.set(seated, Status.CANCELLED)

    assert [w.number for w in waiters if desk[w].status is Status.BOOKED] == [promoted + 1]


def test_as_many_are_promoted_as_there_are_seats() -> None:
    desk = Desk()
    tokens = [desk.book() for _ in range(5)]
    desk.change("09:00", seats=3)
    assert [desk[token].status for token in tokens] == [Status.BOOKED] * 3 + [Status.WAITLISTED] * 2


def test_a_closed_slot_promotes_nobody() -> None:
    desk = Desk()
    seated, waiting = desk.book(), desk.book()
    desk.close("09:00")
    desk.set(seated, Status.CANCELLED)
    assert desk[waiting].status is Status.WAITLISTED


@pytest.mark.parametrize(
    ("now", "status"),
    [("09:00", Status.BOOKED), ("09:59:59", Status.BOOKED), ("10:00", Status.WAITLISTED)],
)
def test_a_slot_that_runs_promotes_and_one_that_is_over_does_not(now: str, status: Status) -> None:
    desk = Desk()
    seated, waiting = desk.book(), desk.book()
    desk.now = at(now)
    desk.set(seated, Status.NO_SHOW)
    assert desk[waiting].status is status


# Waiters of earlier slots that once held a seat


def _displaced(desk: Desk, clock: str = "09:00", *, patient: str | None = None) -> Token:
    """A walk-in that was bumped in this slot and found no later seat."""
    token = desk.book(clock, W, patient=patient)
    desk.book(clock, P)
    assert desk.place(token) == (clock, Status.WAITLISTED)
    return token


def test_who_was_bumped_also_waits_for_later_slots() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    later = desk.book("10:00", P)
    displaced = _displaced(desk)
    desk.now = at("08:30")

    desk.set(later, Status.CANCELLED)

    assert desk.place(displaced) == ("10:00", Status.BOOKED)
    assert desk[displaced].seated_at == at("08:00")
    (event,) = desk.told(Promoted)
    assert (event.after.slot_id, event.reason) == (slot_id("10:00"), LaterSeatFree())


def test_who_lost_a_seat_to_a_closure_also_waits_for_later_slots() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    later = desk.book("10:00", P)
    displaced = desk.book("09:00", W)
    desk.reallocate("09:00")
    assert desk.place(displaced) == ("09:00", Status.WAITLISTED)

    desk.set(later, Status.CANCELLED)

    assert desk.place(displaced) == ("10:00", Status.BOOKED)


def test_who_never_held_a_seat_waits_for_its_own_slot_alone() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    later = desk.book("10:00", P)
    desk.book("09:00", P)
    waiting = desk.book("09:00", F)

    desk.set(later, Status.CANCELLED)

    assert desk.place(waiting) == ("09:00", Status.WAITLISTED)


def test_who_never_held_a_seat_does_not_follow_one_who_did() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    later = desk.book("10:00", P)
    displaced = _displaced(desk)
    better = desk.book("09:00", F)

    desk.set(later, Status.CANCELLED)

    assert desk.place(displaced) == ("10:00", Status.BOOKED)
    assert desk.place(better) == ("09:00", Status.WAITLISTED)


def test_who_was_bumped_does_not_wait_for_earlier_slots() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    earlier = desk.book("09:00", P)
    displaced = _displaced(desk, "10:00")

    desk.set(earlier, Status.CANCELLED)

    assert desk.place(displaced) == ("10:00", Status.WAITLISTED)


def test_who_was_bumped_still_waits_for_its_own_slot() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    desk.book("10:00", P)
    displaced = _displaced(desk)
    desk.change("09:00", seats=2)
    assert desk.place(displaced) == ("09:00", Status.BOOKED)


def test_a_displaced_waiter_of_better_rank_passes_the_slots_own() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    later = desk.book("10:00", P)
    displaced = desk.book("09:00", F)
    desk.book("09:00", P)
    own = desk.book("10:00", W)

    desk.set(later, Status.CANCELLED)

    assert desk.place(displaced) == ("10:00", Status.BOOKED)
    assert desk.place(own) == ("10:00", Status.WAITLISTED)


def test_a_displaced_waiter_of_lower_rank_lets_the_slots_own_pass() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00"))
    later = desk.book("10:00", P)
    displaced = _displaced(desk)
    own = desk.book("10:00", F)

    desk.set(later, Status.CANCELLED)

    assert desk.place(displaced) == ("09:00", Status.WAITLISTED)
    assert desk.place(own) == ("10:00", Status.BOOKED)


def test_a_slot_where_the_patient_has_a_token_is_no_place_for_a_displaced_waiter() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00", seats=2), make_slot("11:00"))
    desk.book("10:00", P, patient="meera")
    later = desk.book("10:00", P)
    last = desk.book("11:00", P)
    displaced = _displaced(desk, patient="meera")

    desk.set(later, Status.CANCELLED)
    assert desk.place(displaced) == ("09:00", Status.WAITLISTED)
    desk.set(last, Status.CANCELLED)
    assert desk.place(displaced) == ("11:00", Status.BOOKED)


def test_a_displaced_waiter_passed_over_for_its_patient_does_not_hold_up_the_next() -> None:
    desk = Desk(make_slot("09:00", seats=2), make_slot("10:00", seats=2))
    desk.book("10:00", P, patient="meera")
    later = desk.book("10:00", P)
    blocked = desk.book("09:00", W, patient="meera")
    next_one = desk.book("09:00", W)
    desk.book("09:00", P)
    desk.book("09:00", P)

    desk.set(later, Status.CANCELLED)

    assert desk.place(blocked) == ("09:00", Status.WAITLISTED)
    assert desk.place(next_one) == ("10:00", Status.BOOKED)


def test_the_patients_other_token_done_lets_the_displaced_waiter_in() -> None:
    desk = Desk(make_slot("09:00"), make_slot("10:00", seats=2))
    other = desk.book("10:00", W, patient="meera")
    displaced = _displaced(desk, patient="meera")
    assert desk.place(displaced) == ("09:00", Status.WAITLISTED)

    desk.bring(other, Status.COMPLETED)

    assert desk.place(displaced) == ("10:00", Status.BOOKED)


def test_free_seats_are_given_in_order_of_time() -> None:
    both_over = (make_slot("09:00"), make_slot("10:00"), make_slot("11:00"))
    waiting = make_token(1, clock="09:00", status=Status.WAITLISTED, seated_at=at("08:00"))
    desk = Desk(*both_over, tokens=(waiting,))
    desk.close("09:00")
    assert desk.place(waiting) == ("10:00", Status.BOOKED)


def test_slots_are_served_in_order_of_time_whatever_their_order_on_the_sheet() -> None:
    slots = (make_slot("11:00"), make_slot("10:00"), make_slot("09:00", status=SlotStatus.CLOSED))
    waiting = make_token(1, clock="09:00", status=Status.WAITLISTED, seated_at=at("08:00"))
    desk = Desk(*slots, tokens=(waiting,))
    desk.change("11:00", seats=2)
    assert desk.place(waiting) == ("10:00", Status.BOOKED)


def test_an_added_slot_takes_displaced_waiters() -> None:
    desk = Desk(make_slot("09:00"))
    displaced = _displaced(desk)
    desk.sheet = Desk(*desk.sheet.slots, make_slot("10:00"), tokens=desk.sheet.tokens).sheet
    desk.change("10:00", delay=5)
    assert desk.place(displaced) == ("10:00", Status.BOOKED)


def test_a_slot_beyond_its_capacity_promotes_nobody() -> None:
    desk = Desk(policy=make_policy(emergency_overflow=1))
    walk_in = desk.book(source=W)
    desk.book(source=E)
    waiting = desk.book(source=W)
    desk.set(walk_in, Status.CANCELLED)
    assert desk[waiting].status is Status.WAITLISTED
