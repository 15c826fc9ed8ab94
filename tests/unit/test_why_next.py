"""Why the next patient is the next: what tells them from the one behind."""

from engine.line import WhyNext, next_in_line
from engine.shared_line import why_next
from models.commands import SetMark
from models.line import Mark, Order, ReturnTo
from models.source import Source
from models.token import Status, Token
from tests.factories import OpdDay, at, make_policy, make_slot

W, O, P, E = Source.WALKIN, Source.ONLINE, Source.PRIORITY, Source.EMERGENCY  # noqa: E741  # as booked


def _a_day(order: Order = Order.HEAD_START) -> OpdDay:
    slots = make_slot("09:00", seats=9), make_slot("10:00", seats=9)
    return OpdDay(*slots, policy=make_policy(order=order))


def _comes(opd_day: OpdDay, clock: str, source: Source = W, slot: str = "09:00") -> Token:
    opd_day.now = at("07:00")
    token = opd_day.book(slot, source)
    opd_day.now = at(clock)
    return opd_day.set(token, Status.CHECKED_IN)


def _next(opd_day: OpdDay) -> tuple[int, WhyNext]:
    token = next_in_line(opd_day.day)
    assert token is not None
    return token.number, why_next([opd_day.day])


def test_nobody_is_next_where_nobody_is_here() -> None:
    opd_day = _a_day()
    opd_day.book()
    assert next_in_line(opd_day.day) is None


def test_the_only_one_is_alone() -> None:
    opd_day = _a_day()
    _comes(opd_day, "08:00")
    assert _next(opd_day) == (1, WhyNext.ALONE)


def test_an_emergency_is_one_and_of_two_the_earlier() -> None:
    opd_day = _a_day(Order.STRICT)
    _comes(opd_day, "08:00")
    later, earlier = opd_day.book(source=E), opd_day.book(source=E)
    opd_day.now = at("08:40")
    opd_day.set(earlier, Status.CHECKED_IN)
    assert _next(opd_day) == (3, WhyNext.EMERGENCY)
    opd_day.now = at("08:50")
    opd_day.set(later, Status.CHECKED_IN)
    assert _next(opd_day) == (3, WhyNext.EARLIEST)


def test_who_is_back_was_to_be_first() -> None:
    opd_day = _a_day()
    _comes(opd_day, "08:00")
    back = opd_day.set(_comes(opd_day, "08:10"), Status.PARKED)
    opd_day.set(back, Status.CHECKED_IN, to=ReturnTo.FIRST)
    assert _next(opd_day) == (2, WhyNext.AT_THE_FRONT)


def test_the_earlier_arrival_counts_and_else_the_head_start() -> None:
    opd_day = _a_day()
    _comes(opd_day, "08:50")
    _comes(opd_day, "08:55")
    assert _next(opd_day) == (1, WhyNext.EARLIEST)
    _comes(opd_day, "08:58", P)  # due, and so in line, as of 09:00
    assert _next(opd_day) == (3, WhyNext.HEAD_START)


def test_strict_goes_by_slot_then_score_then_mark_then_number() -> None:
    opd_day = _a_day(Order.STRICT)
    _comes(opd_day, "08:00", P, "10:00")
    _comes(opd_day, "08:10")
    assert _next(opd_day) == (2, WhyNext.EARLIER_SLOT)
    _comes(opd_day, "08:20")
    assert _next(opd_day) == (2, WhyNext.EARLIER_NUMBER)
    marked = _comes(opd_day, "08:30")
    opd_day.do(SetMark(actor="a", token_id=marked.id, mark=Mark.VIP, note="x"))
    assert _next(opd_day) == (4, WhyNext.MARKED)
    _comes(opd_day, "08:40", O)
    assert _next(opd_day) == (5, WhyNext.HIGHER_SCORE)


def test_weighted_goes_by_points() -> None:
    opd_day = _a_day(Order.WEIGHTED)
    _comes(opd_day, "08:00")
    _comes(opd_day, "08:50", O)
    assert _next(opd_day) == (2, WhyNext.POINTS)


def test_without_anybody_with_a_seat_the_waitlist_is_next() -> None:
    opd_day = OpdDay(make_slot("09:00", seats=1))
    opd_day.book()
    opd_day.set(opd_day.book(), Status.CHECKED_IN)
    assert _next(opd_day) == (2, WhyNext.NO_SEAT)
