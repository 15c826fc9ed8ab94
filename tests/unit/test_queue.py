"""Positions and estimated times: computed when read. The end of rule 9 and of DESIGN §5."""

import pytest

from engine.queue import Standing, line_of, queue_of
from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from tests.factories import OpdDay, at, make_slot, make_token, slot_id

E, P, W = Source.EMERGENCY, Source.PRIORITY, Source.WALKIN


def test_position_counts_from_1_by_rank() -> None:
    opd_day = OpdDay(make_slot(seats=3))
    walk_in, priority, emergency = (
        opd_day.book(source=W),
        opd_day.book(source=P),
        opd_day.book(source=E),
    )
    assert [opd_day.standing(t).position for t in (walk_in, priority, emergency)] == [3, 2, 1]


def test_who_is_called_comes_first() -> None:
    opd_day = OpdDay(make_slot(seats=3))
    first, second, emergency = (
        opd_day.book(source=W),
        opd_day.book(source=W),
        opd_day.book(source=E),
    )
    opd_day.bring(second, Status.CALLED)
    assert [opd_day.standing(t).position for t in (second, emergency, first)] == [1, 2, 3]


def test_of_two_called_the_better_rank_comes_first() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    walk_in, priority = opd_day.book(source=W), opd_day.book(source=P)
    opd_day.bring(walk_in, Status.CALLED)
    opd_day.bring(priority, Status.CALLED)
    assert [opd_day.standing(t).position for t in (walk_in, priority)] == [2, 1]


def test_checking_in_gives_no_better_position() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    first, second = opd_day.book(), opd_day.book()
    opd_day.set(second, Status.CHECKED_IN)
    assert [opd_day.standing(t).position for t in (first, second)] == [1, 2]


@pytest.mark.parametrize(
    "status",
    [
        Status.IN_CONSULTATION,
        Status.COMPLETED,
        Status.CANCELLED,
        Status.NO_SHOW,
        Status.MOVED,
    ],
)
def test_who_is_not_queued_has_no_standing_and_is_ahead_of_nobody(status: Status) -> None:
    opd_day = OpdDay(make_slot(seats=2), tokens=(make_token(1, status=status), make_token(2)))
    first, second = opd_day.sheet.tokens
    assert opd_day.standing(first) == Standing(None, None, None)
    assert opd_day.standing(second).position == 1


def test_waitlist_position_counts_from_1_by_rank_and_has_no_estimate() -> None:
    opd_day = OpdDay()
    opd_day.bring(opd_day.book(source=E), Status.CHECKED_IN)
    first, second, priority = opd_day.book(source=W), opd_day.book(source=W), opd_day.book(source=P)
    assert [opd_day.standing(t) for t in (priority, first, second)] == [
        Standing(waitlist_position=1),
        Standing(waitlist_position=2),
        Standing(waitlist_position=3),
    ]


def test_slots_have_queues_of_their_own() -> None:
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"))
    opd_day.book("09:00")
    assert opd_day.standing(opd_day.book("10:00")).position == 1


# The queue of a slot


def test_a_queue_is_its_positions_in_order_then_its_waitlist() -> None:
    statuses = [
        (W, Status.BOOKED),
        (P, Status.CHECKED_IN),
        (W, Status.CALLED),
        (W, Status.WAITLISTED),
        (P, Status.WAITLISTED),
        (W, Status.IN_CONSULTATION),
        (W, Status.COMPLETED),
        (W, Status.CANCELLED),
        (W, Status.NO_SHOW),
        (W, Status.MOVED),
    ]
    tokens = tuple(
        make_token(number, source=source, status=status)
        for number, (source, status) in enumerate(statuses, start=1)
    )
    opd_day = OpdDay(make_slot(), make_slot("10:00"), tokens=tokens)

    queue = queue_of(opd_day.day, opd_day.day.timed_slot(slot_id("09:00")))

    assert [token.number for token, _ in queue] == [3, 2, 1, 5, 4]
    assert [standing for _, standing in queue] == [
        Standing(position=1, estimated_time=at("09:10"), queue_position=1),
        Standing(position=2, estimated_time=at("09:20"), queue_position=2),
        Standing(position=3, estimated_time=at("09:30")),
        Standing(waitlist_position=1),
        Standing(waitlist_position=2),
    ]
    assert all(opd_day.standing(token) == standing for token, standing in queue)


def test_a_queue_stands_behind_the_present_of_earlier_slots() -> None:
    tokens = (
        make_token(1, clock="09:00", status=Status.CHECKED_IN),
        make_token(2, clock="10:00", status=Status.BOOKED),
    )
    opd_day = OpdDay(
        make_slot("09:00", status=SlotStatus.CLOSED), make_slot("10:00"), tokens=tokens
    )
    ((token, standing),) = queue_of(opd_day.day, opd_day.day.timed_slot(slot_id("10:00")))
    assert standing == Standing(position=1, estimated_time=at("10:10"))
    assert opd_day.standing(token) == standing


def test_an_empty_slot_has_an_empty_queue() -> None:
    day = OpdDay().day
    assert queue_of(day, day.timed_slot(slot_id("09:00"))) == []


# The line of a doctor's day


def line(*tokens: tuple[str, Source, Status]) -> list[int]:
    """The numbers in line of a day with slots at 09:00 and 10:00."""
    made = (
        make_token(number, clock=clock, source=source, status=status)
        for number, (clock, source, status) in enumerate(tokens, start=1)
    )
    opd_day = OpdDay(make_slot("10:00", seats=9), make_slot("09:00", seats=9), tokens=tuple(made))
    return [token.number for token, _ in line_of(opd_day.day)]


@pytest.mark.parametrize(
    ("second", "first"),
    [
        pytest.param(
            ("09:00", E, Status.CHECKED_IN), ("10:00", W, Status.CALLED), id="called before all"
        ),
        pytest.param(
            ("09:00", E, Status.BOOKED),
            ("10:00", W, Status.CHECKED_IN),
            id="here before who is yet to come",
        ),
        pytest.param(
            ("09:00", P, Status.CHECKED_IN),
            ("10:00", E, Status.CHECKED_IN),
            id="of those here emergencies of any slot",
        ),
        pytest.param(
            ("09:00", P, Status.CALLED),
            ("10:00", E, Status.CALLED),
            id="of those called emergencies of any slot",
        ),
        pytest.param(
            ("09:00", P, Status.BOOKED),
            ("10:00", E, Status.BOOKED),
            id="of those to come emergencies of any slot",
        ),
        pytest.param(
            ("10:00", P, Status.BOOKED),
            ("09:00", W, Status.BOOKED),
            id="of those to come the earlier slot before the higher score",
        ),
        pytest.param(
            ("09:00", W, Status.CHECKED_IN),
            ("09:00", P, Status.CHECKED_IN),
            id="the higher score in one slot",
        ),
    ],
)
def test_who_is_next(second: tuple[str, Source, Status], first: tuple[str, Source, Status]) -> None:
    assert line(second, first) == [2, 1]


def test_of_two_alike_who_came_first_is_next() -> None:
    here = ("09:00", W, Status.CHECKED_IN)
    assert line(here, here) == [1, 2]
    assert line(("10:00", E, Status.CHECKED_IN), ("09:00", E, Status.CHECKED_IN)) == [1, 2]


@pytest.mark.parametrize("status", sorted(set(Status) - {"BOOKED", "CHECKED_IN", "CALLED"}))
def test_who_has_no_position_does_not_stand_in_line(status: Status) -> None:
    assert line(("09:00", E, status), ("09:00", W, Status.BOOKED)) == [2]


def test_in_line_a_token_keeps_the_standing_of_its_slot() -> None:
    tokens = (make_token(1, clock="10:00"), make_token(2, clock="09:00"))
    opd_day = OpdDay(make_slot("09:00"), make_slot("10:00"), tokens=tokens)
    assert [standing for _, standing in line_of(opd_day.day)] == [
        Standing(position=1, estimated_time=at("09:00")),
        Standing(position=1, estimated_time=at("10:00")),
    ]


def test_who_has_a_seat_in_a_closed_slot_keeps_the_position_and_has_no_time() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    first, second = opd_day.book(), opd_day.book()
    opd_day.close("09:00")
    assert [opd_day.standing(token) for token in (first, second)] == [
        Standing(position=1),
        Standing(position=2),
    ]
    assert [standing for _, standing in queue_of(opd_day.day, opd_day.day.timed_slots[0])] == [
        Standing(position=1),
        Standing(position=2),
    ]
    opd_day.reopen("09:00")
    assert opd_day.standing(second).estimated_time == at("09:10")
