"""Rules 14 and 15: when a patient was due, and who is called next."""

import pytest
from msgspec.structs import replace

from engine.arrival import due_time, due_times
from engine.line import waiting_line
from models.line import Order, ReturnTo, Weights
from models.policy import Policy
from models.source import Source
from models.token import Status, Token
from tests.factories import HEAD_STARTS, OpdDay, at, make_policy, make_slot

W, O, P, E = Source.WALKIN, Source.ONLINE, Source.PRIORITY, Source.EMERGENCY  # noqa: E741  # as booked


def a_day(order: Order = Order.HEAD_START, policy: Policy | None = None) -> OpdDay:
    """Two slots with room."""
    return OpdDay(
        make_slot("09:00", seats=9),
        make_slot("10:00", seats=9),
        policy=policy or make_policy(order=order),
    )


def comes(opd_day: OpdDay, at_: str, source: Source = W, slot: str = "09:00") -> Token:
    """Booked early and checked in at a time."""
    opd_day.now = at("07:00")
    token = opd_day.book(slot, source)
    opd_day.now = at(at_)
    return opd_day.set(token, Status.CHECKED_IN)


def numbers(opd_day: OpdDay, clock: str = "09:00") -> list[int]:
    opd_day.now = at(clock)
    return [token.number for token in waiting_line(opd_day.day)]


# When a patient was due


def test_due_counts_the_better_ranked_of_the_slot_those_seen_too() -> None:
    opd_day = a_day()
    tokens = [opd_day.book(source=source) for source in (O, O, P)]
    dues = [at("09:10"), at("09:20"), at("09:00")]
    assert [due_time(opd_day.day, opd_day[token]) for token in tokens] == dues
    opd_day.bring(tokens[0], Status.COMPLETED)
    opd_day.bring(tokens[2], Status.PARKED)
    assert [due_time(opd_day.day, opd_day[token]) for token in tokens] == dues


def test_who_has_no_seat_and_waits_for_none_is_not_due() -> None:
    opd_day = a_day()
    gone, absent, second = (opd_day.book(source=O) for _ in range(3))
    opd_day.set(gone, Status.CANCELLED)
    opd_day.set(absent, Status.NO_SHOW)
    assert due_times(opd_day.day) == {2: at("09:00"), 3: at("09:10")}
    assert due_time(opd_day.day, second) == at("09:10")


def test_due_moves_with_a_delay_and_not_with_the_clock() -> None:
    opd_day = a_day()
    token = opd_day.book(source=O)
    opd_day.now = at("09:45")
    assert due_time(opd_day.day, token) == at("09:00")
    opd_day.change("09:00", delay=20)
    assert due_time(opd_day.day, token) == at("09:20")


@pytest.mark.parametrize(
    ("source", "came", "arrival"),
    [
        (O, "08:00", "09:00"),
        (O, "09:10", "09:00"),
        (O, "09:10:01", "09:10:01"),
        (W, "08:00", "08:00"),
        (E, "08:00", "08:00"),
    ],
)
def test_an_appointment_on_time_arrives_when_due_all_others_when_they_come(
    source: Source, came: str, arrival: str
) -> None:
    token = comes(a_day(), came, source)
    assert token.arrival == at(arrival)
    assert token.checked_in_at == at(came)


def test_who_returns_from_no_show_queues_as_if_arrived_then() -> None:
    opd_day = a_day()
    token = opd_day.set(opd_day.book(source=O), Status.NO_SHOW)
    opd_day.now = at("09:30")
    assert opd_day.set(token, Status.CHECKED_IN).arrival == at("09:30")


def test_who_returns_at_the_instant_of_the_first_check_in_is_due_as_the_day_stands_then() -> None:
    opd_day = a_day()
    token = comes(opd_day, "08:00", O)
    assert token.arrival == at("09:00")
    opd_day.set(token, Status.NO_SHOW)
    opd_day.change("09:00", delay=20)
    assert opd_day.set(token, Status.CHECKED_IN).arrival == at("09:20")


def test_a_token_checked_in_before_there_were_arrivals_stands_by_its_check_in() -> None:
    opd_day = a_day()
    token = comes(opd_day, "08:30")
    old = replace(token, arrival=None)
    assert old.queued_from == at("08:30")


# Head starts


@pytest.mark.parametrize(
    ("came", "line"), [("08:36", [2, 1]), ("08:34", [1, 2])], ids=["within", "beyond"]
)
def test_a_source_goes_before_who_came_earlier_by_its_head_start_and_no_more(
    came: str, line: list[int]
) -> None:
    opd_day = a_day()
    comes(opd_day, came, W)
    assert comes(opd_day, "08:40", P).arrival == at("09:00")
    assert numbers(opd_day) == line


def test_a_source_without_a_head_start_has_none() -> None:
    opd_day = a_day(policy=make_policy(head_starts={}))
    comes(opd_day, "08:50", W)
    comes(opd_day, "08:40", O)  # due at 09:00
    assert numbers(opd_day) == [1, 2]


def test_a_tie_is_broken_by_rank() -> None:
    opd_day = a_day()
    for source in (W, W):
        comes(opd_day, "08:30", source)
    assert numbers(opd_day) == [1, 2]


@pytest.mark.parametrize("order", Order)
def test_emergencies_come_first_whatever_the_order(order: Order) -> None:
    opd_day = a_day(order)
    comes(opd_day, "08:00", P)
    later, earlier = opd_day.book("10:00", E), opd_day.book("10:00", E)
    for clock, token in (("08:50", earlier), ("08:55", later)):
        opd_day.now = at(clock)
        opd_day.set(token, Status.CHECKED_IN)
    assert numbers(opd_day) == [3, 2, 1]


@pytest.mark.parametrize("order", Order)
def test_who_is_to_be_first_comes_behind_emergencies_and_before_all_others(order: Order) -> None:
    opd_day = a_day(order)
    comes(opd_day, "08:00", P)
    back = opd_day.set(comes(opd_day, "08:10", W, "10:00"), Status.PARKED)
    comes(opd_day, "08:20", E, "10:00")
    opd_day.set(back, Status.CHECKED_IN, to=ReturnTo.FIRST)
    assert numbers(opd_day) == [3, 2, 1]


def test_of_two_who_are_to_be_first_the_earlier_is() -> None:
    opd_day = a_day()
    one, two = (opd_day.set(comes(opd_day, "08:10"), Status.PARKED) for _ in range(2))
    for clock, token in (("08:30", two), ("08:40", one)):
        opd_day.now = at(clock)
        opd_day.set(token, Status.CHECKED_IN, to=ReturnTo.FIRST)
    assert numbers(opd_day) == [2, 1]


# The other orders


def test_strict_goes_slot_by_slot_and_by_rank_whoever_came_first() -> None:
    opd_day = a_day(Order.STRICT)
    comes(opd_day, "08:00", P, "10:00")
    comes(opd_day, "08:10", W)
    comes(opd_day, "08:20", O)
    assert numbers(opd_day) == [3, 2, 1]


@pytest.mark.parametrize(
    ("weights", "line"),
    [
        pytest.param(None, [2, 1], id="30 for the appointment and 10 for the source outweigh"),
        pytest.param(Weights(appointment=0.0, source=0.0), [1, 2], id="the wait alone"),
        pytest.param(Weights(appointment=0.0, waiting=0.0), [2, 1], id="the source alone"),
    ],
)
def test_weighted_adds_up_source_wait_and_appointment(
    weights: Weights | None, line: list[int]
) -> None:
    opd_day = a_day(policy=make_policy(order=Order.WEIGHTED, weights=weights))
    comes(opd_day, "08:00", W)
    comes(opd_day, "08:50", O)
    assert numbers(opd_day) == line


@pytest.mark.parametrize(
    ("now", "line"),
    [("09:40", [2, 1]), ("10:10", [2, 1]), ("10:11", [1, 2])],
    ids=["within half an hour", "within an hour", "beyond"],
)
def test_the_nearer_the_appointment_the_more_points(now: str, line: list[int]) -> None:
    """The walk-in has waited for its most points of all; the other, due at 09:10, for fewer."""
    policy = make_policy(
        order=Order.WEIGHTED, scores={**dict.fromkeys(Source, 100)}, weights=Weights(waiting=0.2)
    )
    opd_day = a_day(policy=policy)
    comes(opd_day, "07:00", W)
    comes(opd_day, "08:55", O)
    assert numbers(opd_day, now) == line


def test_the_default_head_starts_are_of_all_sources_but_emergencies() -> None:
    assert HEAD_STARTS.keys() == set(Source) - {E}
