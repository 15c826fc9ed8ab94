"""Why a token stands where it does, in words for the patient and without names."""

import pytest

from engine.explain import Ahead, Explanation, explain
from engine.queue import Standing
from models.token import Source, Status, Token
from tests.factories import Desk, at, make_slot, make_token

E, P, W = Source.EMERGENCY, Source.PRIORITY, Source.WALKIN


def _explain(desk: Desk, token: Token) -> Explanation:
    return explain(desk.day, desk[token])


def _why(aheads: list[Ahead]) -> list[tuple[int, str]]:
    return [(ahead.number, ahead.why) for ahead in aheads]


def test_who_is_ahead_is_named_by_number_in_order_with_the_reason() -> None:
    desk = Desk(make_slot(seats=5))
    earlier, called, me, _later = (desk.book(source=W) for _ in range(4))
    priority = desk.book(source=P)
    desk.bring(called, Status.CALLED)

    explanation = _explain(desk, me)

    assert explanation.standing == desk.standing(me)
    assert explanation.ahead == [
        Ahead(called.number, W, 100, Status.CALLED, "called already"),
        Ahead(priority.number, P, 500, Status.BOOKED, "higher score"),
        Ahead(earlier.number, W, 100, Status.BOOKED, "same score, earlier number"),
    ]


@pytest.mark.parametrize(
    ("source", "why"), [(P, "higher score"), (W, "same score, earlier number")]
)
def test_of_two_called_the_rank_is_the_reason(source: Source, why: str) -> None:
    tokens = (
        make_token(1, source=source, status=Status.CALLED),
        make_token(2, status=Status.CALLED),
    )
    desk = Desk(make_slot(seats=2), tokens=tokens)
    assert _why(_explain(desk, tokens[1]).ahead) == [(1, why)]


def test_on_the_waitlist_only_who_waits_is_ahead() -> None:
    desk = Desk()
    desk.bring(desk.book(source=P), Status.IN_CONSULTATION)
    first, me = desk.book(source=W), desk.book(source=W)
    desk.book(source=W)

    explanation = _explain(desk, me)

    assert _why(explanation.ahead) == [(first.number, "same score, earlier number")]
    assert explanation.served_first == []
    assert explanation.standing == Standing(waitlist_position=2)


def test_the_doctors_time_goes_first_to_consultations_and_the_present_of_earlier_slots() -> None:
    tokens = (
        make_token(1, clock="09:00", status=Status.CHECKED_IN),
        make_token(2, clock="09:00", status=Status.BOOKED),
        make_token(3, clock="09:00", source=P, status=Status.CALLED),
        make_token(4, clock="10:00", status=Status.IN_CONSULTATION),
        make_token(5, clock="10:00", status=Status.CHECKED_IN),
        make_token(6, clock="11:00", status=Status.IN_CONSULTATION),
        make_token(7, clock="11:00", status=Status.CHECKED_IN),
        make_token(8, clock="09:00", status=Status.COMPLETED),
        make_token(9, clock="10:00", status=Status.BOOKED),
    )
    desk = Desk(
        *(make_slot(clock, seats=9) for clock in ("09:00", "10:00", "11:00")), tokens=tokens
    )

    explanation = _explain(desk, tokens[8])

    assert _why(explanation.served_first) == [
        (3, "present, of an earlier slot"),
        (1, "present, of an earlier slot"),
        (4, "with the doctor now"),
        (6, "with the doctor now"),
    ]
    position, estimate = explanation.standing.position, explanation.standing.estimated_time
    assert position is not None
    assert estimate is not None
    ahead = len(explanation.ahead) + len(explanation.served_first)
    assert (len(explanation.ahead), estimate - at("10:00")) == (
        position - 1,
        ahead * (at("00:10") - at("00:00")),
    )


@pytest.mark.parametrize(
    "status", [Status.IN_CONSULTATION, Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW]
)
def test_who_is_not_queued_has_nothing_to_explain(status: Status) -> None:
    desk = Desk(make_slot(seats=9), tokens=(make_token(1), make_token(2, status=status)))
    assert _explain(desk, make_token(2)) == Explanation(
        standing=Standing(), ahead=[], served_first=[], would_change=[]
    )


# What would change it


AHEAD = "Whoever is ahead being served, cancelling or not coming moves it up."
DELAY = "A delay of the doctor, or its end, shifts the estimated time."
NEWCOMER = "A newcomer with a higher score goes before it."
BUMP = "If the slot is full, such a newcomer may take its seat before it starts."
CHECK_IN = "Once checked in, it can't be bumped."


@pytest.mark.parametrize(
    ("number", "source", "status", "now", "sentences"),
    [
        pytest.param(1, W, Status.BOOKED, "08:00", [DELAY, NEWCOMER, BUMP, CHECK_IN], id="first"),
        pytest.param(
            2, W, Status.BOOKED, "08:00", [AHEAD, DELAY, NEWCOMER, BUMP, CHECK_IN], id="second"
        ),
        pytest.param(2, W, Status.CHECKED_IN, "08:00", [AHEAD, DELAY, NEWCOMER], id="present"),
        pytest.param(
            2, W, Status.BOOKED, "09:00", [AHEAD, NEWCOMER, CHECK_IN], id="the slot has begun"
        ),
        pytest.param(1, E, Status.BOOKED, "08:00", [DELAY, NEWCOMER, CHECK_IN], id="an emergency"),
    ],
)
def test_what_would_move_a_queued_token(
    number: int, source: Source, status: Status, now: str, sentences: list[str]
) -> None:
    others = [make_token(n) for n in range(1, number)]
    me = make_token(number, source=source, status=status)
    desk = Desk(make_slot(seats=2), tokens=(*others, me))
    desk.now = at(now)
    assert _explain(desk, me).would_change == sentences


def test_a_delayed_slot_that_should_have_begun_still_shifts() -> None:
    desk = Desk(make_slot(delay=30), tokens=(make_token(1),))
    desk.now = at("09:15")
    assert DELAY in _explain(desk, make_token(1)).would_change


def test_what_would_seat_a_waiting_token() -> None:
    desk = Desk()
    desk.bring(desk.book(source=P), Status.CHECKED_IN)
    first, second = desk.book(), desk.book()
    assert _explain(desk, first).would_change == ["A seat that falls free in this slot goes to it."]
    assert _explain(desk, second).would_change == [
        "A seat that falls free in this slot goes to it once the 1 before it have one."
    ]


def test_who_lost_a_seat_is_told_of_later_slots() -> None:
    desk = Desk()
    bumped = desk.book(source=W)
    desk.book(source=P)
    assert _explain(desk, bumped).would_change[1:] == [
        "It lost a seat before, so a free seat in a later slot is its too."
    ]
