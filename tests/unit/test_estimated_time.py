"""When a patient should be seen, where nothing is known of the doctor's past. The end of rule 9."""

import pytest

from engine.queue import line_of
from models.source import Source
from models.token import Status
from tests.factories import OpdDay, at, make_policy, make_slot, make_token

P, W = Source.PRIORITY, Source.WALKIN


def test_before_the_slot_the_estimate_counts_from_its_expected_start() -> None:
    opd_day = OpdDay(make_slot(seats=3, delay=20))
    tokens = [opd_day.book() for _ in range(3)]
    assert [opd_day.standing(t).estimated_time for t in tokens] == [
        at("09:20"),
        at("09:30"),
        at("09:40"),
    ]


def test_once_the_slot_runs_the_estimate_counts_from_now() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    tokens = [opd_day.book() for _ in range(2)]
    opd_day.now = at("09:25")
    assert [opd_day.standing(t).estimated_time for t in tokens] == [at("09:25"), at("09:35")]


def test_the_consultation_length_is_the_policys() -> None:
    opd_day = OpdDay(make_slot(seats=2), policy=make_policy(consultation_minutes=7))
    opd_day.book()
    assert opd_day.standing(opd_day.book()).estimated_time == at("09:07")


@pytest.mark.parametrize(
    ("others", "minutes"),
    [
        pytest.param([("09:00", Status.IN_CONSULTATION)], 10, id="consultation, earlier slot"),
        pytest.param([("10:00", Status.IN_CONSULTATION)], 10, id="consultation, same slot"),
        pytest.param([("11:00", Status.IN_CONSULTATION)], 10, id="consultation, later slot"),
        pytest.param([("09:00", Status.CHECKED_IN)], 10, id="checked in, earlier slot"),
        pytest.param([("09:00", Status.CALLED)], 10, id="called, earlier slot"),
        pytest.param([("11:00", Status.CHECKED_IN)], 0, id="checked in, later slot"),
        pytest.param([("11:00", Status.CALLED)], 0, id="called, later slot"),
        pytest.param([("09:00", Status.BOOKED)], 0, id="only booked, earlier slot"),
        pytest.param([("09:00", Status.COMPLETED)], 0, id="completed, earlier slot"),
        pytest.param([("09:00", Status.WAITLISTED)], 0, id="waiting, earlier slot"),
        pytest.param([("10:00", Status.COMPLETED)], 0, id="completed, same slot"),
        pytest.param([("10:00", Status.BOOKED)], 10, id="lower position"),
        pytest.param(
            [
                ("09:00", Status.IN_CONSULTATION),
                ("09:00", Status.CALLED),
                ("10:00", Status.CALLED),
                ("11:00", Status.CALLED),
            ],
            30,
            id="each one ahead once",
        ),
    ],
)
def test_who_is_ahead(others: list[tuple[str, Status]], minutes: int) -> None:
    tokens = tuple(
        make_token(number, clock=clock, status=status)
        for number, (clock, status) in enumerate(others, start=1)
    )
    me = make_token(len(others) + 1, clock="10:00")
    opd_day = OpdDay(
        *(make_slot(clock, seats=9) for clock in ("11:00", "10:00", "09:00")),
        tokens=(*tokens, me),
    )
    estimate = opd_day.standing(me).estimated_time
    assert estimate is not None
    assert (estimate - at("10:00")).total_seconds() == minutes * 60


def test_who_is_here_is_told_times_in_the_order_of_the_calls() -> None:
    opd_day = OpdDay(*(make_slot(clock, seats=3) for clock in ("09:00", "10:00")))
    walk_in, paid = opd_day.book("09:00", W), opd_day.book("10:00", P)
    opd_day.now = at("09:50")
    opd_day.bring(walk_in, Status.CHECKED_IN)
    assert opd_day.standing(walk_in).estimated_time == at("09:50")
    opd_day.bring(paid, Status.CHECKED_IN)
    told = [(token.number, standing.estimated_time) for token, standing in line_of(opd_day.day)]
    assert told == [(paid.number, at("09:50")), (walk_in.number, at("10:00"))]


def test_nobody_is_told_to_be_seen_before_the_first_slot_of_the_line() -> None:
    opd_day = OpdDay(*(make_slot(clock, seats=3) for clock in ("09:00", "10:00", "11:00")))
    later, sooner = (opd_day.book(clock, Source.ONLINE) for clock in ("11:00", "10:00"))
    opd_day.now = at("09:30")
    opd_day.bring(later, Status.CHECKED_IN)
    assert opd_day.standing(later).estimated_time == at("11:00")
    opd_day.bring(sooner, Status.CHECKED_IN)
    times = [opd_day.standing(token).estimated_time for token in (sooner, later)]
    assert times == [at("10:00"), at("10:10")]
