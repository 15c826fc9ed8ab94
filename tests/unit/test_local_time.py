"""Local dates and hours and the instants they mean (DESIGN §9)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.errors import InvalidTime, TimeProblem
from models.local_time import local_label, slot_span

KOLKATA = ZoneInfo("Asia/Kolkata")  # half an hour off, no clock changes
NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 3, 9)
GOES_FORWARD = date(2026, 3, 8)  # 02:00 to 03:00 does not exist in New York
GOES_BACK = date(2026, 11, 1)  # 01:00 to 02:00 comes twice in New York


def _utc(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours", "zone", "span"),
    [
        pytest.param(
            DAY,
            ("09:00", "10:00"),
            KOLKATA,
            (_utc(9, 3, 30), _utc(9, 4, 30)),
            id="half an hour off",
        ),
        pytest.param(
            DAY,
            ("00:00", "05:00"),
            KOLKATA,
            (_utc(8, 18, 30), _utc(8, 23, 30)),
            id="the instant may be of another date",
        ),
        pytest.param(
            DAY,
            ("23:00", "01:00"),
            KOLKATA,
            (_utc(9, 17, 30), _utc(9, 19, 30)),
            id="an earlier end means the next day",
        ),
        pytest.param(
            DAY,
            ("09:00", "21:00"),
            KOLKATA,
            (_utc(9, 3, 30), _utc(9, 15, 30)),
            id="twelve hours are allowed",
        ),
        pytest.param(
            DAY,
            ("20:00", "08:00"),
            KOLKATA,
            (_utc(9, 14, 30), _utc(10, 2, 30)),
            id="twelve hours past midnight are allowed",
        ),
        pytest.param(
            GOES_FORWARD,
            ("01:00", "04:00"),
            NEW_YORK,
            (_utc(8, 6), _utc(8, 8)),
            id="over a skipped hour",
        ),
        pytest.param(
            GOES_BACK,
            ("00:30", "02:30"),
            NEW_YORK,
            (_utc(1, 4, 30, month=11), _utc(1, 7, 30, month=11)),
            id="over a repeated hour",
        ),
        pytest.param(
            GOES_BACK,
            ("01:00", "01:30"),
            NEW_YORK,
            (_utc(1, 5, month=11), _utc(1, 5, 30, month=11)),
            id="in the first pass of a repeated hour",
        ),
        pytest.param(
            GOES_BACK,
            ("01:00r", "01:30r"),
            NEW_YORK,
            (_utc(1, 6, month=11), _utc(1, 6, 30, month=11)),
            id="in its second pass",
        ),
        pytest.param(
            GOES_BACK,
            ("01:30", "01:30r"),
            NEW_YORK,
            (_utc(1, 5, 30, month=11), _utc(1, 6, 30, month=11)),
            id="from the first pass to the second",
        ),
        pytest.param(
            GOES_BACK,
            ("01:30", "01:15"),
            NEW_YORK,
            (_utc(1, 5, 30, month=11), _utc(1, 6, 15, month=11)),
            id="an earlier end may be of the second pass",
        ),
        pytest.param(
            GOES_BACK,
            ("01:30r", "02:00"),
            NEW_YORK,
            (_utc(1, 6, 30, month=11), _utc(1, 7, month=11)),
            id="out of the second pass",
        ),
    ],
)
def test_local_hours_mean_instants(
    day: date, hours: tuple[str, str], zone: ZoneInfo, span: tuple[datetime, datetime]
) -> None:
    assert slot_span(day, *hours, zone) == span


@pytest.mark.parametrize(
    ("day", "hours", "zone", "problem"),
    [
        pytest.param(DAY, ("9:00", "10:00"), KOLKATA, TimeProblem.MALFORMED, id="one digit"),
        pytest.param(DAY, ("09:00", "24:00"), KOLKATA, TimeProblem.MALFORMED, id="no such hour"),
        pytest.param(DAY, ("09:60", "10:00"), KOLKATA, TimeProblem.MALFORMED, id="no such minute"),
        pytest.param(DAY, ("09:00\n", "10:00"), KOLKATA, TimeProblem.MALFORMED, id="more after it"),
        pytest.param(DAY, ("09:00", "10:00 "), KOLKATA, TimeProblem.MALFORMED, id="a space"),
        pytest.param(
            DAY, ("09:00", "09:00"), KOLKATA, TimeProblem.ENDS_AT_ITS_START, id="no length"
        ),
        pytest.param(DAY, ("09:00", "21:01"), KOLKATA, TimeProblem.TOO_LONG, id="too long"),
        pytest.param(
            DAY, ("21:00", "09:01"), KOLKATA, TimeProblem.TOO_LONG, id="too long at night"
        ),
        pytest.param(DAY, ("10:00", "09:00"), KOLKATA, TimeProblem.TOO_LONG, id="the wrong way"),
        pytest.param(
            GOES_FORWARD, ("02:30", "04:00"), NEW_YORK, TimeProblem.SKIPPED, id="a skipped start"
        ),
        pytest.param(
            GOES_FORWARD, ("01:00", "02:30"), NEW_YORK, TimeProblem.SKIPPED, id="a skipped end"
        ),
        pytest.param(
            GOES_FORWARD, ("02:30r", "04:00"), NEW_YORK, TimeProblem.SKIPPED, id="a skipped repeat"
        ),
        pytest.param(DAY, ("09:00r", "10:00"), KOLKATA, TimeProblem.NOT_REPEATED, id="comes once"),
        pytest.param(
            GOES_BACK,
            ("02:00r", "03:00"),
            NEW_YORK,
            TimeProblem.NOT_REPEATED,
            id="after the repeat",
        ),
        pytest.param(
            date.min,
            ("00:00", "01:00"),
            KOLKATA,
            TimeProblem.OUTSIDE_THE_CALENDAR,
            id="before the calendar",
        ),
        pytest.param(
            date.max,
            ("23:00", "23:30"),
            NEW_YORK,
            TimeProblem.OUTSIDE_THE_CALENDAR,
            id="after the calendar",
        ),
        pytest.param(
            date.max,
            ("23:00", "01:00"),
            KOLKATA,
            TimeProblem.ENDS_AFTER_THE_CALENDAR,
            id="its last night",
        ),
    ],
)
def test_hours_that_make_no_slot_are_refused(
    day: date, hours: tuple[str, str], zone: ZoneInfo, problem: TimeProblem
) -> None:
    with pytest.raises(InvalidTime) as refused:
        slot_span(day, *hours, zone)
    assert refused.value.problem is problem


@pytest.mark.parametrize(
    ("instant", "zone", "label"),
    [
        (_utc(9, 3, 30), KOLKATA, "09:00"),
        (_utc(8, 18, 35), KOLKATA, "00:05"),
        (_utc(1, 5, 30, month=11), NEW_YORK, "01:30"),
        (_utc(1, 6, 30, month=11), NEW_YORK, "01:30r"),
        (_utc(1, 7, 30, month=11), NEW_YORK, "02:30"),
    ],
)
def test_an_instant_is_written_as_its_local_hour(
    instant: datetime, zone: ZoneInfo, label: str
) -> None:
    assert local_label(instant, zone) == label


@pytest.mark.parametrize("day", [DAY, GOES_FORWARD, GOES_BACK])
@pytest.mark.parametrize("zone", [KOLKATA, NEW_YORK])
def test_a_written_hour_is_read_as_the_same_instant(day: date, zone: ZoneInfo) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    for quarter in range(4 * 20):
        instant = midnight + timedelta(minutes=15 * quarter)
        end = instant + timedelta(minutes=30)
        assert slot_span(day, local_label(instant, zone), local_label(end, zone), zone) == (
            instant,
            end,
        )


@pytest.mark.parametrize(
    ("day", "hours", "span"),
    [
        pytest.param(
            GOES_FORWARD,
            ("22:00", "02:30"),
            (_utc(9, 2), _utc(9, 6, 30)),
            id="the night after the hour that is skipped",
        ),
        pytest.param(
            GOES_BACK - timedelta(days=1),
            ("23:30", "01:30r"),
            (_utc(1, 3, 30, month=11), _utc(1, 6, 30, month=11)),
            id="the night into the hour that is repeated",
        ),
    ],
)
def test_an_end_that_does_not_exist_on_the_first_day_is_meant_on_the_next(
    day: date, hours: tuple[str, str], span: tuple[datetime, datetime]
) -> None:
    assert slot_span(day, *hours, NEW_YORK) == span
