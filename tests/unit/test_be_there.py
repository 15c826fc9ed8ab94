"""When a patient has to be there: while the place is kept, however late the doctor is."""

from datetime import timedelta

import pytest

from engine.arrival import be_there_by
from engine.day import Day
from models.source import Source
from models.token import Token
from tests.factories import at, make_policy, make_sheet, make_slot, make_token


def _day(*tokens: Token, no_show_minutes: int = 15) -> Day:
    sheet = make_sheet(make_slot("09:00", seats=6), tokens=tokens)
    return Day(sheet, make_policy(no_show_minutes=no_show_minutes), at("08:00"))


@pytest.mark.parametrize(
    ("foreseen", "by_then"), [("09:05", "09:05"), ("09:20", "09:20"), ("10:30", "09:20")]
)
def test_an_appointment_comes_as_foreseen_but_no_later_than_it_is_on_time(
    foreseen: str, by_then: str
) -> None:
    first = make_token(1, source=Source.ONLINE)
    second = make_token(2, source=Source.ONLINE)
    assert be_there_by(_day(first, second), second, at(foreseen)) == at(by_then)


def test_it_comes_before_it_counts_as_not_coming() -> None:
    token = make_token(source=Source.ONLINE)
    assert be_there_by(_day(token, no_show_minutes=5), token, at("10:30")) == at("09:05")


def test_who_has_no_appointment_comes_as_foreseen() -> None:
    token = make_token(source=Source.WALKIN)
    later = at("09:00") + timedelta(hours=3)
    assert be_there_by(_day(token), token, later) == later
