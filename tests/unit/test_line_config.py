"""Rule 23: what a doctor's line has otherwise than the service's settings say."""

import pytest

from engine.day import Day
from engine.line import waiting_line
from models.commands import SetConfig
from models.events import ConfigChanged
from models.experience import Experience
from models.line import Order, Weights
from models.line_config import LineConfig, Overflow, OwnWeights
from models.source import Source
from models.token import Status
from tests.factories import ACTOR, HEAD_STARTS, OpdDay, at, make_policy, make_slot


def configure(opd_day: OpdDay, config: LineConfig) -> None:
    opd_day.do(SetConfig(actor=ACTOR, config=config))


def numbers(opd_day: OpdDay) -> list[int]:
    return [token.number for token in waiting_line(opd_day.day)]


def test_the_order_is_the_doctors_from_the_next_command_on_and_can_be_taken_back() -> None:
    opd_day = OpdDay(make_slot(seats=9))
    walk_in, online = opd_day.book(), opd_day.book(source=Source.ONLINE)
    opd_day.set(walk_in, Status.CHECKED_IN)
    opd_day.now = at("09:30")
    opd_day.set(online, Status.CHECKED_IN)
    assert numbers(opd_day) == [1, 2]
    configure(opd_day, LineConfig(change=1, order=Order.STRICT))
    assert numbers(opd_day) == [2, 1]
    configure(opd_day, LineConfig(change=2))
    assert numbers(opd_day) == [1, 2]


def test_what_is_otherwise_counts_and_the_rest_is_as_the_settings_say() -> None:
    policy = make_policy(weights=Weights(source=2.0))
    assert policy.under(LineConfig(change=1)) == policy
    own = policy.under(
        LineConfig(
            change=1,
            head_starts={Source.ONLINE: 30},
            weights=OwnWeights(waiting=0.5),
            overflow=Overflow.REFUSE,
            accepting=False,
            max_size=3,
            consultation_minutes=7,
        )
    )
    assert own.head_starts == {**HEAD_STARTS, Source.ONLINE: 30}
    assert own.weights == Weights(source=2.0, waiting=0.5)
    assert (own.overflow, own.accepting, own.max_size) == (Overflow.REFUSE, False, 3)
    assert (own.consultation_minutes, own.order) == (7, policy.order)


def test_it_is_worked_out_once_for_each_policy() -> None:
    config, policy = LineConfig(change=1, max_size=3), make_policy()
    assert policy.under(config) is policy.under(config)
    assert make_policy(max_bumps=7).under(config).max_bumps == 7


def test_times_are_told_with_the_doctors_consultation_minutes() -> None:
    opd_day = OpdDay(make_slot(seats=9))
    opd_day.book()
    second = opd_day.book()
    assert opd_day.standing(second).estimated_time == at("09:10")
    configure(opd_day, LineConfig(change=1, consultation_minutes=25))
    assert opd_day.standing(second).estimated_time == at("09:25")
    assert opd_day.sheet.tick_at == opd_day.day.ends_at


def test_a_line_that_uses_no_history_tells_times_by_the_arithmetic() -> None:
    opd_day, known = OpdDay(make_slot(seats=9)), Experience()
    assert Day(opd_day.sheet, opd_day.policy, opd_day.now, known).experience is known
    configure(opd_day, LineConfig(change=1, use_history=False))
    assert Day(opd_day.sheet, opd_day.policy, opd_day.now, known).experience is None


def test_the_next_tick_is_worked_out_anew() -> None:
    opd_day = OpdDay(make_slot(seats=9))
    first, _ = opd_day.book(), opd_day.book()
    opd_day.now = at("09:00")
    opd_day.set(first, Status.CHECKED_IN)
    opd_day.set(first, Status.IN_CONSULTATION)
    assert opd_day.sheet.tick_at == at("09:25")
    configure(opd_day, LineConfig(change=1, consultation_minutes=30))
    assert opd_day.sheet.tick_at == at("09:45")


@pytest.mark.parametrize("change", [0, 1, 2])
def test_what_is_told_late_changes_nothing(change: int) -> None:
    opd_day = OpdDay()
    configure(opd_day, LineConfig(change=2, max_size=5))
    configure(opd_day, LineConfig(change=change, max_size=9))
    assert opd_day.last.events == ()
    assert opd_day.sheet.config == LineConfig(change=2, max_size=5)


def test_the_record_names_what_was_changed() -> None:
    opd_day = OpdDay()
    first = LineConfig(change=1, max_size=5, accepting=False)
    configure(opd_day, first)
    (told,) = opd_day.told(ConfigChanged)
    assert (told.reason.code, told.reason.what) == ("config_set", ("accepting", "maxSize"))
    second = LineConfig(change=3, max_size=6, accepting=False)
    configure(opd_day, second)
    (told,) = opd_day.told(ConfigChanged)
    assert (told.config_before, told.config_after) == (first, second)
    assert told.reason.what == ("maxSize",)
