"""Rules 22 and 26: a mark is worth some minutes of earlier arrival, or makes another source of a token."""

import pytest

from engine.line import waiting_line
from engine.walk_ins import size_of_line
from models.commands import SetMark, Undo
from models.errors import BadTransition, SlotFull, UndoExpired, UnknownToken
from models.events import Bumped, Marked
from models.line import Mark, Order
from models.reasons import MarkSet
from models.source import Source
from models.token import LIVE, Status, Token
from tests.factories import ACTOR, SCORES, OpdDay, at, make_policy, make_slot, make_token


def mark(opd_day: OpdDay, token: Token, mark: Mark | None, why: str | None = None) -> Token:
    opd_day.do(SetMark(actor=ACTOR, token_id=token.id, mark=mark, note=why))
    return opd_day[token]


def two_here(order: Order, second_comes: str) -> tuple[OpdDay, Token, Token]:
    """Two walk-ins, the first since eight."""
    opd_day = OpdDay(make_slot(seats=9), policy=make_policy(order=order))
    first, second = opd_day.book(), opd_day.book()
    opd_day.set(first, Status.CHECKED_IN)
    opd_day.now = at(second_comes)
    return opd_day, opd_day[first], opd_day.set(second, Status.CHECKED_IN)


def numbers(opd_day: OpdDay) -> list[int]:
    return [token.number for token in waiting_line(opd_day.day)]


@pytest.mark.parametrize(
    ("worth", "comes", "line"),
    [
        (Mark.VIP, "08:14", [2, 1]),
        (Mark.VIP, "08:16", [1, 2]),
        (Mark.URGENT, "08:29", [2, 1]),
        (Mark.URGENT, "08:31", [1, 2]),
    ],
)
def test_a_mark_is_worth_its_minutes(worth: Mark, comes: str, line: list[int]) -> None:
    opd_day, _, second = two_here(Order.HEAD_START, comes)
    mark(opd_day, second, worth)
    assert numbers(opd_day) == line


@pytest.mark.parametrize("order", [Order.STRICT, Order.WEIGHTED])
def test_it_counts_in_every_order_and_can_be_taken_back(order: Order) -> None:
    opd_day, _, second = two_here(order, "08:10")
    assert numbers(opd_day) == [1, 2]
    mark(opd_day, second, Mark.VIP)
    assert numbers(opd_day) == [2, 1]
    mark(opd_day, second, None)
    assert numbers(opd_day) == [1, 2]


def test_strict_keeps_the_marked_behind_a_higher_score() -> None:
    opd_day = OpdDay(make_slot(seats=9), policy=make_policy(order=Order.STRICT))
    walk_in, online = opd_day.book(), opd_day.book(source=Source.ONLINE)
    for token in (walk_in, online):
        opd_day.set(token, Status.CHECKED_IN)
    mark(opd_day, walk_in, Mark.URGENT)
    assert numbers(opd_day) == [2, 1]


def test_a_mark_is_told_once_with_its_reason() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    assert mark(opd_day, token, Mark.URGENT, "High fever").mark is Mark.URGENT
    (event,) = opd_day.told(Marked)
    assert (event.before, event.reason, event.note) == (
        event.after,
        MarkSet(Mark.URGENT),
        "High fever",
    )
    mark(opd_day, token, Mark.URGENT)
    assert opd_day.events() == []
    with pytest.raises(UnknownToken):
        mark(opd_day, make_token(7), None)


@pytest.mark.parametrize("status", Status)
def test_only_a_live_token_is_marked(status: Status) -> None:
    tokens = (make_token(1, status=status), make_token(2, source=Source.EMERGENCY))
    opd_day = OpdDay(tokens=tokens)
    if status in LIVE:
        assert mark(opd_day, tokens[0], Mark.VIP).status is status
    else:
        with pytest.raises(BadTransition):
            mark(opd_day, tokens[0], Mark.VIP)


# Rule 26: raised to another source

PRIORITY, EMERGENCY = Mark.PRIORITY, Mark.EMERGENCY


def test_a_raised_token_is_of_that_source_with_its_score_and_keeps_number_and_seat() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    token = opd_day.book()
    raised = mark(opd_day, token, EMERGENCY, "Chest pain")
    assert (raised.source, raised.score) == (Source.EMERGENCY, 1000)
    assert (raised.number, raised.booked_source) == (token.number, Source.WALKIN)
    assert opd_day.state(token) == ("09:00", Status.BOOKED)
    (event,) = opd_day.events()
    assert isinstance(event, Marked)
    assert (event.source, event.reason, event.note) == (
        Source.EMERGENCY,
        MarkSet(EMERGENCY),
        "Chest pain",
    )
    assert mark(opd_day, token, None) == token


def test_one_that_was_booked_with_as_high_a_score_stays_what_it_is() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    token = opd_day.book(source=Source.EMERGENCY)
    marked = mark(opd_day, token, PRIORITY)
    assert (marked.source, marked.mark, marked.raised) == (Source.EMERGENCY, PRIORITY, None)


def test_another_mark_takes_the_place_of_the_first() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    token = opd_day.book()
    mark(opd_day, token, EMERGENCY)
    assert mark(opd_day, token, PRIORITY).score == 500
    assert mark(opd_day, token, PRIORITY).booked_source is Source.WALKIN
    again = mark(opd_day, token, Mark.VIP)
    assert (again.source, again.score, again.mark) == (Source.WALKIN, 100, Mark.VIP)


def test_an_emergency_that_waited_is_seated_beyond_capacity() -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.ONLINE)
    waiting = opd_day.book()
    seated = mark(opd_day, waiting, EMERGENCY)
    assert opd_day.state(waiting) == ("09:00", Status.BOOKED)
    assert seated.seated_at == opd_day.now
    (event,) = opd_day.told(Marked)
    assert (event.before.status, event.after.status) == (Status.WAITLISTED, Status.BOOKED)
    assert opd_day.last.outcome.bumped is None


@pytest.mark.parametrize(("later", "state"), [(True, "10:00"), (False, "09:00")])
def test_one_that_waited_takes_the_seat_of_the_lowest(*, later: bool, state: str) -> None:
    opd_day = OpdDay(make_slot(), *([make_slot("10:00")] if later else []))
    seated = opd_day.book(source=Source.ONLINE)
    waiting = opd_day.book()
    mark(opd_day, waiting, PRIORITY)
    assert opd_day.state(waiting) == ("09:00", Status.BOOKED)
    assert opd_day.state(seated) == (state, Status.BOOKED if later else Status.WAITLISTED)
    assert [event.type for event in opd_day.events()] == ["BUMPED", "MARKED"]
    (bump,) = opd_day.told(Bumped)
    assert (bump.cause, bump.reason.code) == (2, "gave_way" if later else "gave_way_to_wait")
    assert opd_day.last.outcome.bumped is not None


def test_one_that_is_there_without_a_seat_is_checked_in_by_it() -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.ONLINE)
    waiting = opd_day.book()
    opd_day.now = at("08:30")
    opd_day.set(waiting, Status.CHECKED_IN)
    mark(opd_day, waiting, PRIORITY)
    assert opd_day.state(waiting) == ("09:00", Status.CHECKED_IN)
    with pytest.raises(UndoExpired):
        opd_day.do(Undo(actor=ACTOR, token_id=waiting.id, status=Status.CHECKED_IN))


def test_a_paid_one_for_whom_nobody_gives_way_waits_on_with_its_score() -> None:
    opd_day = OpdDay()
    opd_day.book(source=Source.PRIORITY)
    first, second = opd_day.book(source=Source.ONLINE), opd_day.book()
    mark(opd_day, second, PRIORITY)
    assert opd_day.state(second) == ("09:00", Status.WAITLISTED)
    assert opd_day.standing(second).waitlist_position == 1
    assert opd_day.standing(first).waitlist_position == 2
    mark(opd_day, second, None)
    assert opd_day.standing(second).waitlist_position == 2


def test_an_emergency_that_finds_no_seat_is_refused_and_nothing_changes() -> None:
    policy = make_policy(emergency_overflow=0)
    opd_day = OpdDay(make_slot(), make_slot("10:00", seats=2), policy=policy)
    opd_day.book(source=Source.EMERGENCY)
    waiting = opd_day.book()
    before = opd_day.sheet
    with pytest.raises(SlotFull) as refusal:
        mark(opd_day, waiting, EMERGENCY)
    assert [each.start_time for each in refusal.value.alternatives] == ["10:00"]
    assert opd_day.sheet == before


@pytest.mark.parametrize("paid", [1000, 2000])
def test_a_paid_one_that_waits_is_seated_as_an_emergency_though_that_scores_no_more(
    paid: int,
) -> None:
    scores = {**SCORES, Source.PRIORITY: paid}
    opd_day = OpdDay(policy=make_policy(scores=scores, emergency_overflow=1))
    opd_day.book(source=Source.PRIORITY)
    first, second = opd_day.book(), opd_day.book()
    for waiting in (first, second):
        mark(opd_day, waiting, PRIORITY)
        assert opd_day.state(waiting) == ("09:00", Status.WAITLISTED)

    assert mark(opd_day, first, EMERGENCY).source is Source.EMERGENCY
    assert opd_day.state(first) == ("09:00", Status.BOOKED)
    with pytest.raises(SlotFull):
        mark(opd_day, second, EMERGENCY)


def test_one_that_scores_less_as_an_emergency_tells_whose_seat_it_took() -> None:
    scores = {**SCORES, Source.PRIORITY: 2000}
    opd_day = OpdDay(policy=make_policy(scores=scores, emergency_overflow=0))
    seated = opd_day.book(source=Source.ONLINE)
    waiting = opd_day.book()
    opd_day.now = at("09:00")  # from now on only an emergency bumps
    mark(opd_day, waiting, PRIORITY)
    assert opd_day.state(waiting) == ("09:00", Status.WAITLISTED)
    mark(opd_day, waiting, EMERGENCY)
    assert opd_day.state(seated) == ("09:00", Status.WAITLISTED)
    bumped = opd_day.last.outcome.bumped
    assert bumped is not None
    assert bumped.token_id == seated.id


def test_in_line_an_emergency_stands_not_before_it_was_one() -> None:
    opd_day = OpdDay(make_slot(seats=9))
    walk_in, emergency = opd_day.book(), opd_day.book(source=Source.EMERGENCY)
    opd_day.set(walk_in, Status.CHECKED_IN)
    opd_day.now = at("08:30")
    opd_day.set(emergency, Status.CHECKED_IN)
    opd_day.now = at("08:40")
    mark(opd_day, walk_in, EMERGENCY)
    assert numbers(opd_day) == [2, 1]
    opd_day.now = at("08:50")
    late = opd_day.book()
    mark(opd_day, late, EMERGENCY)
    opd_day.now = at("09:00")
    opd_day.set(late, Status.CHECKED_IN)
    assert numbers(opd_day) == [2, 1, 3]


def test_taken_back_it_gives_way_to_who_waits_and_outranks_it() -> None:
    opd_day = OpdDay()
    walk_in = opd_day.book()
    mark(opd_day, walk_in, PRIORITY)
    online = opd_day.book(source=Source.ONLINE)
    assert opd_day.state(online) == ("09:00", Status.WAITLISTED)
    mark(opd_day, walk_in, None)
    assert opd_day.state(online) == ("09:00", Status.BOOKED)
    assert opd_day.state(walk_in) == ("09:00", Status.WAITLISTED)
    assert [event.type for event in opd_day.events()] == ["MARKED", "BUMPED", "PROMOTED"]
    (bump,) = opd_day.told(Bumped)
    assert (bump.number, bump.cause) == (1, 2)


@pytest.mark.parametrize("why", ["equal", "started", "there", "bumped twice"])
def test_taken_back_it_keeps_its_place_if_nobody_could_bump_it(why: str) -> None:
    policy = make_policy(max_bumps=0) if why == "bumped twice" else make_policy()
    opd_day = OpdDay(policy=policy)
    walk_in = opd_day.book()
    mark(opd_day, walk_in, PRIORITY)
    opd_day.book(source=Source.WALKIN if why == "equal" else Source.ONLINE)
    if why == "started":
        opd_day.now = at("09:00")
    if why == "there":
        opd_day.set(walk_in, Status.CHECKED_IN)
    status = opd_day[walk_in].status
    mark(opd_day, walk_in, None)
    assert opd_day.state(walk_in) == ("09:00", status)
    assert [event.type for event in opd_day.events()] == ["MARKED"]


def test_a_walk_in_that_was_raised_still_counts_as_one_in_line() -> None:
    opd_day = OpdDay(make_slot(seats=2))
    mark(opd_day, opd_day.book(), PRIORITY)
    assert size_of_line(opd_day.day) == 1
