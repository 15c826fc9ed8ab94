"""Rule 22: a mark is worth some minutes of earlier arrival."""

import pytest

from engine.line import waiting_line
from models.commands import SetMark
from models.errors import BadTransition, UnknownToken
from models.events import Marked
from models.line import Mark, Order
from models.reasons import MarkSet
from models.source import Source
from models.token import LIVE, Status, Token
from tests.factories import ACTOR, OpdDay, at, make_policy, make_slot, make_token


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
