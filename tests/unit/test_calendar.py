"""Before a token's date nobody is here, called or seen, unless somebody says so."""

from datetime import timedelta

import pytest

from models.commands import ChangeStatus
from models.errors import BadTransition, WrongDay
from models.token import Status, Token
from tests.factories import ACTOR, DAY, OpdDay, at, make_slot

DAY_BEFORE, MIDNIGHT = at("23:59:59", days=-1), at("00:00")


def _set_on_any_day(opd_day: OpdDay, token: Token, status: Status) -> Token:
    opd_day.do(ChangeStatus(actor=ACTOR, token_id=token.id, status=status, any_day=True))
    return opd_day[token]


@pytest.mark.parametrize(
    ("way", "early"),
    [
        ((), Status.CHECKED_IN),
        ((Status.CHECKED_IN,), Status.CALLED),
        ((Status.CHECKED_IN,), Status.IN_CONSULTATION),
        ((Status.CHECKED_IN, Status.CALLED), Status.IN_CONSULTATION),
        ((Status.NO_SHOW,), Status.CHECKED_IN),
    ],
)
def test_nobody_is_here_called_or_seen_before_the_tokens_date(
    way: tuple[Status, ...], early: Status
) -> None:
    opd_day = OpdDay()
    opd_day.now = DAY_BEFORE
    token = opd_day.book()
    for status in way:
        _set_on_any_day(opd_day, token, status)
    before = opd_day.sheet

    with pytest.raises(WrongDay) as refused:
        opd_day.set(token, early)
    assert (refused.value.day, refused.value.today) == (DAY, DAY - timedelta(days=1))
    assert opd_day.sheet is before

    opd_day.now = MIDNIGHT
    assert opd_day.set(token, early).status is early


def test_on_any_day_means_on_any_day() -> None:
    opd_day = OpdDay()
    opd_day.now = DAY_BEFORE
    token = opd_day.book()
    for status in (Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION):
        assert _set_on_any_day(opd_day, token, status).status is status
    assert opd_day.set(token, Status.COMPLETED).status is Status.COMPLETED


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_who_will_not_come_may_be_told_on_any_day(status: Status) -> None:
    opd_day = OpdDay()
    opd_day.now = DAY_BEFORE
    assert opd_day.set(opd_day.book(), status).status is status


def test_repeating_a_status_is_refused_on_no_day() -> None:
    opd_day = OpdDay()
    opd_day.now = DAY_BEFORE
    token = _set_on_any_day(opd_day, opd_day.book(), Status.CHECKED_IN)
    assert opd_day.set(token, Status.CHECKED_IN) == token


def test_what_the_table_forbids_is_refused_before_the_day_is_looked_at() -> None:
    opd_day = OpdDay()
    opd_day.now = DAY_BEFORE
    with pytest.raises(BadTransition):
        opd_day.set(opd_day.book(), Status.CALLED)


def test_a_date_that_is_past_refuses_nothing_new() -> None:
    opd_day = OpdDay()
    token = opd_day.book()
    opd_day.now = at("09:00", days=9)
    for status in (Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION, Status.COMPLETED):
        assert opd_day.set(token, status).status is status


def test_the_date_of_a_token_is_that_of_its_slots_own_zone() -> None:
    """Half past midnight in Kolkata is still the day before in UTC."""
    opd_day = OpdDay(make_slot("00:15"))
    opd_day.now = at("00:00")
    assert opd_day.now.date() < DAY
    token = opd_day.book("00:15")
    assert opd_day.set(token, Status.CHECKED_IN).status is Status.CHECKED_IN
