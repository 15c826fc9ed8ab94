"""Rule 29: several doctors call from one line, and who of them all is next."""

from datetime import timedelta

import pytest

from engine.day import Day
from engine.shared_line import next_of_shared, shared_line
from models import errors
from models.commands import (
    BeginSession,
    CallNext,
    CallShared,
    Decline,
    SetConfig,
    SetTenure,
    Tick,
    Undo,
)
from models.doctor import Colleague, Tenure
from models.doctor_session import DoctorSession, SessionState
from models.errors import IdempotencyMismatch, StillIn, WrongDay
from models.events import KeyDeclined, SessionChanged, StatusChanged
from models.keyed_request import KeyedRequest
from models.line import Order, ReturnTo
from models.line_config import LineConfig
from models.reasons import CalledByColleague, WasCalled
from models.source import Source
from models.token import Status, Token
from tests.factories import ACTOR, OpdDay, at, make_policy, make_slot

VIKRAM = Colleague("vikram", "Vikram Shah")
KEY = KeyedRequest(key="k", fingerprint="call")


def waiting_room(count: int = 2, *, pool: bool = True) -> tuple[OpdDay, list[Token]]:
    """So many who are here, in a line that is shared."""
    opd_day = OpdDay(make_slot(seats=9))
    opd_day.do(SetConfig(actor=ACTOR, config=LineConfig(change=1, pool=pool)))
    tokens = [opd_day.book() for _ in range(count)]
    opd_day.now = at("08:50")
    return opd_day, [opd_day.set(token, Status.CHECKED_IN) for token in tokens]


def call(
    opd_day: OpdDay,
    token: Token,
    by: Colleague | None = VIKRAM,
    *,
    room: str | None = None,
    finish: Token | None = None,
    request: KeyedRequest | None = None,
) -> Token | None:
    """Call this one; None if it was not called."""
    number = opd_day.do(
        CallShared(
            actor=ACTOR,
            token_id=token.id,
            by=by,
            room=room,
            finish=None if finish is None else finish.id,
            request=request,
        )
    ).outcome.number
    return None if number is None else opd_day.sheet.tokens[number - 1]


# The call


def test_a_colleague_calls_whom_the_line_names_and_the_token_says_who_serves() -> None:
    opd_day, (_, second) = waiting_room()
    called = call(opd_day, second, room="4")
    assert called == opd_day[second]
    assert (called.status, called.served_by, called.room) == (Status.CALLED, "vikram", "4")
    (told,) = opd_day.told(StatusChanged)
    assert told.reason == CalledByColleague("vikram", "Vikram Shah")


def test_a_colleagues_call_neither_begins_the_session_nor_ends_the_break() -> None:
    opd_day, (first, second) = waiting_room()
    call(opd_day, first)
    opd_day.set(first, Status.IN_CONSULTATION)
    assert opd_day.sheet.session == DoctorSession()
    call(opd_day, second, None)
    assert opd_day.sheet.session.state is SessionState.IN_SESSION


def test_the_lines_own_doctor_is_named_by_nobody() -> None:
    opd_day, (first, _) = waiting_room()
    called = call(opd_day, first, None)
    assert called is not None
    assert called.served_by is None
    assert [told.reason for told in opd_day.told(StatusChanged)] == [WasCalled()]


@pytest.mark.parametrize("gone", [Status.CALLED, Status.CANCELLED, Status.PARKED])
def test_who_does_not_wait_any_more_is_not_called_and_never_for_this_request(gone: Status) -> None:
    opd_day, (first, _) = waiting_room()
    opd_day.set(first, gone)
    assert call(opd_day, first, request=KEY) is None
    assert len(opd_day.told(KeyDeclined)) == 1
    opd_day.now += timedelta(minutes=1)
    if gone is Status.PARKED:
        opd_day.set(first, Status.CHECKED_IN, to=ReturnTo.SAME)
    assert call(opd_day, first, request=KEY) is None
    assert opd_day.events() == []


def test_who_is_gone_declines_nothing_without_a_key() -> None:
    opd_day, (first, _) = waiting_room()
    opd_day.set(first, Status.CANCELLED)
    assert call(opd_day, first) is None
    assert opd_day.events() == []


def test_nobody_calls_from_a_line_that_is_not_shared_but_its_own_doctor() -> None:
    opd_day, (first, second) = waiting_room(pool=False)
    assert call(opd_day, first) is None
    assert call(opd_day, first, None) == opd_day[first]
    opd_day.do(SetConfig(actor=ACTOR, config=LineConfig(change=2, pool=True)))
    opd_day.do(SetTenure(actor=ACTOR, tenure=Tenure(retired=True, change=1)))
    assert call(opd_day, second) is None


def test_a_repeat_with_the_key_calls_nobody_more() -> None:
    opd_day, (first, second) = waiting_room()
    call(opd_day, first, request=KEY)
    assert call(opd_day, second, request=KEY) == opd_day[first]
    assert opd_day.events() == []
    with pytest.raises(IdempotencyMismatch):
        call(opd_day, second, request=KeyedRequest(key="k", fingerprint="another"))


def test_a_key_that_has_called_is_not_declined_any_more() -> None:
    opd_day, (first, _) = waiting_room()
    call(opd_day, first, request=KEY)
    opd_day.do(Decline(actor=ACTOR, key="k"))
    assert opd_day.sheet.declined == ()


def test_a_declined_key_calls_nobody_from_a_line_of_its_own() -> None:
    opd_day, _ = waiting_room()
    opd_day.do(Decline(actor=ACTOR, key="k"))
    with pytest.raises(errors.KeyDeclined):
        opd_day.do(CallNext(actor=ACTOR, request=KEY))


def test_each_doctor_has_a_room_to_themselves() -> None:
    opd_day, (first, second, third) = waiting_room(3)
    call(opd_day, first, None)
    opd_day.set(first, Status.IN_CONSULTATION)
    call(opd_day, second)
    opd_day.set(second, Status.IN_CONSULTATION)
    with pytest.raises(StillIn) as refused:
        call(opd_day, third)
    assert refused.value.other.id == second.id
    with pytest.raises(StillIn) as refused:
        opd_day.do(CallNext(actor=ACTOR))
    assert refused.value.other.id == first.id
    assert call(opd_day, third, finish=second) == opd_day[third]
    assert opd_day[second].status is Status.COMPLETED


def test_nobody_is_called_before_the_day() -> None:
    opd_day = OpdDay()
    opd_day.now = at("10:00", days=-1)
    with pytest.raises(WrongDay):
        opd_day.do(BeginSession(actor=ACTOR))


def test_who_calls_from_another_line_is_there() -> None:
    opd_day, _ = waiting_room()
    opd_day.do(BeginSession(actor=ACTOR))
    assert opd_day.sheet.session.state is SessionState.IN_SESSION
    assert len(opd_day.told(SessionChanged)) == 1
    opd_day.do(BeginSession(actor=ACTOR))
    assert opd_day.events() == []


def test_who_comes_back_or_is_called_by_another_is_served_by_nobody_else() -> None:
    opd_day, (first, second) = waiting_room()
    call(opd_day, first)
    opd_day.set(first, Status.PARKED)
    assert opd_day.set(first, Status.CHECKED_IN, to=ReturnTo.SAME).served_by is None
    call(opd_day, second)
    opd_day.set(second, Status.NO_SHOW)
    assert opd_day.set(second, Status.CHECKED_IN).served_by is None


def test_an_undone_call_is_nobodys() -> None:
    opd_day, (first, _) = waiting_room()
    call(opd_day, first)
    opd_day.do(Undo(actor=ACTOR, token_id=first.id, status=Status.CALLED))
    assert (opd_day[first].status, opd_day[first].served_by) == (Status.CHECKED_IN, None)


def test_who_was_called_by_a_colleague_is_not_waited_for_longer_than_others() -> None:
    """Though the session of the line's own doctor has not begun."""
    opd_day, (first, second) = waiting_room()
    call(opd_day, first)
    opd_day.now += timedelta(minutes=15)
    opd_day.do(Tick(actor="clock"))
    assert opd_day[first].status is Status.MISSED
    opd_day.now += timedelta(minutes=15)
    opd_day.do(Tick(actor="clock"))
    assert opd_day[first].status is Status.NO_SHOW
    assert opd_day[second].status is Status.CHECKED_IN


# Who of them all is next


def day_with(*came: tuple[str, Source], order: Order = Order.HEAD_START, doctor: str) -> Day:
    """The day of a doctor to whom these came, at which times; without an appointment's due time."""
    policy = make_policy(order=order)
    opd_day = OpdDay(make_slot(seats=9), make_slot("10:00", seats=9), policy=policy)
    opd_day.sheet = opd_day.sheet.changed(resource_id=doctor)
    for clock, source in came:
        token = opd_day.book(source=source)
        opd_day.now = at(clock)
        opd_day.set(token, Status.CHECKED_IN)
    return Day(opd_day.sheet, policy, at("09:30"))


def in_line(*days: Day) -> list[tuple[str, int]]:
    return [(each.day.sheet.resource_id, each.token.number) for each in shared_line(days)]


def test_the_lines_are_one_by_the_order_of_who_asks() -> None:
    asha = day_with(("09:00", Source.WALKIN), ("09:20", Source.WALKIN), doctor="asha")
    vikram = day_with(("09:10", Source.WALKIN), ("09:20", Source.EMERGENCY), doctor="vikram")
    assert in_line(asha, vikram) == [("vikram", 2), ("asha", 1), ("vikram", 1), ("asha", 2)]
    assert in_line(vikram, asha) == in_line(asha, vikram)


def test_ties_go_by_rank_then_by_the_doctors_id() -> None:
    asha = day_with(("09:00", Source.WALKIN), doctor="asha")
    vikram = day_with(("09:00", Source.WALKIN), doctor="vikram")
    assert in_line(vikram, asha) == [("asha", 1), ("vikram", 1)]


def test_slots_of_different_days_are_compared_by_their_start() -> None:
    """The strict order goes slot by slot; the second of one doctor may be the first of another."""
    asha = day_with(("09:00", Source.WALKIN), order=Order.STRICT, doctor="asha")
    policy = make_policy(order=Order.STRICT)
    later = OpdDay(make_slot("10:00", seats=9), policy=policy)
    later.sheet = later.sheet.changed(resource_id="vikram")
    token = later.book("10:00", Source.PRIORITY)
    later.set(token, Status.CHECKED_IN)
    assert in_line(Day(later.sheet, policy, at("09:30")), asha) == [("asha", 1), ("vikram", 1)]


def test_who_has_no_seat_is_next_when_nobody_with_one_waits_anywhere() -> None:
    full = OpdDay(make_slot(seats=1))
    full.book()
    full.now = at("08:55")
    full.set(full.book(), Status.CHECKED_IN)
    full.sheet = full.sheet.changed(resource_id="asha")
    asha = Day(full.sheet, full.policy, at("09:30"))
    empty = day_with(doctor="vikram")
    first = next_of_shared([empty, asha])
    assert first is not None
    assert (first.day, first.token.status) == (asha, Status.WAITLISTED)
    somebody = day_with(("09:20", Source.WALKIN), doctor="vikram")
    first = next_of_shared([asha, somebody])
    assert first is not None
    assert first.day is somebody
    assert next_of_shared([empty]) is None
