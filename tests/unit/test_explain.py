"""Why a token stands where it does, without names."""

import pytest

from engine.explain import Ahead, Explanation, Prospect, WhyAhead, explain
from engine.queue import Standing
from models.slot import SlotStatus
from models.source import Source
from models.token import Status, Token
from tests.factories import SCORES, OpdDay, at, make_policy, make_slot, make_token

E, P, W = Source.EMERGENCY, Source.PRIORITY, Source.WALKIN


def _explain(opd_day: OpdDay, token: Token) -> Explanation:
    return explain(opd_day.day, opd_day[token])


def _why(aheads: list[Ahead]) -> list[tuple[int, WhyAhead]]:
    return [(ahead.number, ahead.why) for ahead in aheads]


def test_who_is_ahead_is_named_by_number_in_order_with_the_reason() -> None:
    opd_day = OpdDay(make_slot(seats=5))
    earlier, called, me, _later = (opd_day.book(source=W) for _ in range(4))
    priority = opd_day.book(source=P)
    opd_day.bring(called, Status.CALLED)

    explanation = _explain(opd_day, me)

    assert explanation.standing == opd_day.standing(me)
    assert explanation.ahead == [
        Ahead(called.number, W, 100, Status.CALLED, WhyAhead.CALLED),
        Ahead(priority.number, P, 500, Status.BOOKED, WhyAhead.HIGHER_SCORE),
        Ahead(earlier.number, W, 100, Status.BOOKED, WhyAhead.EARLIER_NUMBER),
    ]


@pytest.mark.parametrize(
    ("source", "why"), [(P, WhyAhead.HIGHER_SCORE), (W, WhyAhead.EARLIER_NUMBER)]
)
def test_of_two_called_the_rank_is_the_reason(source: Source, why: WhyAhead) -> None:
    tokens = (
        make_token(1, source=source, status=Status.CALLED),
        make_token(2, status=Status.CALLED),
    )
    opd_day = OpdDay(make_slot(seats=2), tokens=tokens)
    assert _why(_explain(opd_day, tokens[1]).ahead) == [(1, why)]


def test_on_the_waitlist_only_who_waits_is_ahead() -> None:
    opd_day = OpdDay()
    opd_day.bring(opd_day.book(source=P), Status.IN_CONSULTATION)
    first, me = opd_day.book(source=W), opd_day.book(source=W)
    opd_day.book(source=W)

    explanation = _explain(opd_day, me)

    assert _why(explanation.ahead) == [(first.number, WhyAhead.EARLIER_NUMBER)]
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
    opd_day = OpdDay(
        *(make_slot(clock, seats=9) for clock in ("09:00", "10:00", "11:00")), tokens=tokens
    )

    explanation = _explain(opd_day, tokens[8])

    assert _why(explanation.served_first) == [
        (3, WhyAhead.OF_AN_EARLIER_SLOT),
        (1, WhyAhead.OF_AN_EARLIER_SLOT),
        (4, WhyAhead.WITH_THE_DOCTOR),
        (6, WhyAhead.WITH_THE_DOCTOR),
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
    opd_day = OpdDay(make_slot(seats=9), tokens=(make_token(1), make_token(2, status=status)))
    assert _explain(opd_day, make_token(2)) == Explanation(
        standing=Standing(), ahead=[], served_first=[], would_change=[]
    )


# What would change it


AHEAD = Prospect.FEWER_AHEAD
DELAY = Prospect.A_DELAY
NEWCOMER = Prospect.A_HIGHER_SCORE
BUMP = Prospect.A_BUMP
CHECK_IN = Prospect.CHECKING_IN
NEVER = Prospect.NEVER_A_BUMP


@pytest.mark.parametrize(
    ("number", "source", "status", "now", "prospects"),
    [
        pytest.param(1, W, Status.BOOKED, "08:00", [DELAY, NEWCOMER, BUMP, CHECK_IN], id="first"),
        pytest.param(
            2, W, Status.BOOKED, "08:00", [AHEAD, DELAY, NEWCOMER, BUMP, CHECK_IN], id="second"
        ),
        pytest.param(2, W, Status.CHECKED_IN, "08:00", [AHEAD, DELAY, NEWCOMER], id="present"),
        pytest.param(
            2, W, Status.BOOKED, "09:00", [AHEAD, NEWCOMER, CHECK_IN], id="the slot has begun"
        ),
        pytest.param(1, E, Status.BOOKED, "08:00", [DELAY, NEVER], id="an emergency"),
        pytest.param(1, E, Status.CHECKED_IN, "08:00", [DELAY, NEVER], id="an emergency here"),
    ],
)
def test_what_would_move_a_queued_token(
    number: int, source: Source, status: Status, now: str, prospects: list[Prospect]
) -> None:
    others = [make_token(n) for n in range(1, number)]
    me = make_token(number, source=source, status=status)
    opd_day = OpdDay(make_slot(seats=2), tokens=(*others, me))
    opd_day.now = at(now)
    assert _explain(opd_day, me).would_change == prospects


def test_a_delayed_slot_that_should_have_begun_still_shifts() -> None:
    opd_day = OpdDay(make_slot(delay=30), tokens=(make_token(1),))
    opd_day.now = at("09:15")
    assert DELAY in _explain(opd_day, make_token(1)).would_change


def test_what_would_seat_a_waiting_token() -> None:
    opd_day = OpdDay()
    opd_day.bring(opd_day.book(source=P), Status.CHECKED_IN)
    first, second = opd_day.book(), opd_day.book()
    assert _explain(opd_day, first).would_change == [Prospect.NEXT_FREE_SEAT]
    assert _explain(opd_day, second).would_change == [Prospect.A_FREE_SEAT_IN_TURN]


def test_who_lost_a_seat_is_told_of_later_slots() -> None:
    opd_day = OpdDay()
    bumped = opd_day.book(source=W)
    opd_day.book(source=P)
    assert _explain(opd_day, bumped).would_change[1:] == [Prospect.A_LATER_SEAT]


def test_an_emergency_that_others_outscore_is_told_so() -> None:
    scores = {**SCORES, P: SCORES[E] + 1}
    opd_day = OpdDay(policy=make_policy(scores=scores), tokens=(make_token(1, source=E),))
    assert _explain(opd_day, make_token(1)).would_change == [DELAY, NEWCOMER, NEVER]


@pytest.mark.parametrize(
    ("me", "prospects"),
    [
        pytest.param(make_token(1), [Prospect.REOPENING], id="first"),
        pytest.param(make_token(2), [Prospect.REOPENING, AHEAD], id="second"),
        pytest.param(make_token(3, status=Status.WAITLISTED), [Prospect.REOPENING], id="waiting"),
        pytest.param(
            make_token(4, status=Status.WAITLISTED, seated_at=at("08:00")),
            [Prospect.REOPENING, Prospect.A_LATER_SEAT],
            id="lost a seat",
        ),
    ],
)
def test_in_a_closed_slot_nothing_goes_on_until_it_is_opened(
    me: Token, prospects: list[Prospect]
) -> None:
    others = [make_token(n) for n in range(1, me.number)]
    opd_day = OpdDay(make_slot(seats=2, status=SlotStatus.CLOSED), tokens=(*others, me))
    assert _explain(opd_day, me).would_change == prospects
