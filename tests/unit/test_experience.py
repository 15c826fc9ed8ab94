"""What a doctor's past is learned from: the consultations of a day, in the order they began."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from models.experience import consultations_of
from models.source import Source
from models.token import EndCode, Status, Token
from tests.factories import at, make_token


def _seen(
    number: int,
    start: str,
    end: str | None,
    *,
    there: str | None = "08:30",
    source: Source = Source.ONLINE,
) -> Token:
    token = make_token(number, source=source, status=Status.COMPLETED)
    return Token(
        **{
            **{name: getattr(token, name) for name in token.__struct_fields__},
            "checked_in_at": None if there is None else at(there),
            "started_at": at(start),
            "ended_at": None if end is None else at(end),
        }
    )


def test_a_day_on_which_nobody_was_seen_teaches_nothing() -> None:
    assert consultations_of([make_token()]) == ()


def test_each_lasts_until_the_next_begins_and_the_last_as_long_as_it_was() -> None:
    first, second = consultations_of(
        [_seen(2, "09:12", "09:20", source=Source.FOLLOWUP), _seen(1, "09:00", "09:10")]
    )
    assert (first.minutes, first.followed, second.minutes, second.followed) == (12, True, 8, False)
    assert (first.case.follow_up, second.case.follow_up) == (False, True)
    assert (first.case.left, second.case.left) == (2, 1)
    assert first.case.hours == 0
    assert second.case.hours == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("start", "there", "followed"),
    [
        ("09:30", "08:30", True),
        ("09:31", "08:30", False),  # the doctor paused
        ("09:15", "09:10", True),
        ("09:15", "09:11", False),  # nobody was there
        ("09:15", None, False),
    ],
)
def test_what_lies_between_counts_only_if_the_next_was_there_and_nobody_paused(
    start: str, there: str | None, followed: bool
) -> None:
    first = consultations_of([_seen(1, "09:00", "09:10"), _seen(2, start, "09:40", there=there)])[0]
    assert first.followed is followed
    assert first.minutes == ((at(start) - at("09:00")) / timedelta(minutes=1) if followed else 10)


def test_one_that_is_not_over_is_counted_and_teaches_nothing() -> None:
    (first,) = consultations_of([_seen(1, "09:00", "09:10"), _seen(2, "09:12", None)])
    assert (first.case.left, first.minutes) == (2, 12)


@pytest.mark.parametrize(
    ("status", "end_code"),
    [
        (Status.COMPLETED, EndCode.DAY_ENDED),
        (Status.CANCELLED, EndCode.NOT_SEEN),  # sent for tests, and not seen again
        (Status.CANCELLED, EndCode.LEFT),
    ],
)
def test_one_that_nobody_ended_is_counted_and_teaches_nothing(
    status: Status, end_code: EndCode
) -> None:
    ended = replace(_seen(2, "09:12", "23:59"), status=status, end_code=end_code)
    (first,) = consultations_of([_seen(1, "09:00", "09:10"), ended])
    assert (first.case.left, first.minutes) == (2, 12)
