"""A facility's local dates and hours, and the instants they mean.

An hour that a clock change repeats is written `01:30` in its first pass and `01:30r` in its
second; an hour that a clock change skips does not exist.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidTime, TimeProblem

LOCAL_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]r?"
LONGEST_SLOT = timedelta(hours=12)

_LOCAL_TIME = re.compile(LOCAL_TIME)


def slot_span(day: date, start: str, end: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants of a slot asked for as local date and hours.

    An `end` earlier than `start` means the next day. Raises InvalidTime when an hour is malformed
    or does not exist, the two are equal, or more than 12 hours lie between them.
    """
    first = _instant(day, start, zone)
    last = _end_not_before(first, day, end, zone)
    if last == first:
        raise InvalidTime(TimeProblem.ENDS_AT_ITS_START)
    if last - first > LONGEST_SLOT:
        raise InvalidTime(TimeProblem.TOO_LONG)
    return first, last


def _end_not_before(first: datetime, day: date, text: str, zone: ZoneInfo) -> datetime:
    """The earliest instant from `first` on that the end can mean.

    On the start's date, in either pass of an hour that is repeated, else on the next date. Some of
    these may not exist; only when none does is that refused.
    """
    readings = [(day, False), (day, True)]
    if day < date.max:
        readings.append((day + timedelta(days=1), False))
    missing: InvalidTime | None = None
    for on, second_pass in readings:
        try:
            instant = _instant(on, text, zone, second_pass=second_pass)
        except InvalidTime as error:
            missing = missing or error
            continue
        if missing is not None and instant - first > LONGEST_SLOT:
            raise missing
        if instant >= first:
            return instant
    raise missing or InvalidTime(TimeProblem.ENDS_AFTER_THE_CALENDAR)


def local_label(instant: datetime, zone: ZoneInfo) -> str:
    """The local hour of an instant, as `slot_span` reads it: `09:00`, or `01:30r`."""
    local = instant.astimezone(zone)
    return f"{local.hour:02}:{local.minute:02}{'r' if local.fold else ''}"


def _instant(day: date, text: str, zone: ZoneInfo, *, second_pass: bool = False) -> datetime:
    if not _LOCAL_TIME.fullmatch(text):
        raise InvalidTime(TimeProblem.MALFORMED)
    fold = int(second_pass or text.endswith("r"))
    local = datetime.combine(day, time.fromisoformat(text[:5]))
    try:
        instant = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        found = instant.astimezone(zone)
    except OverflowError:
        raise InvalidTime(TimeProblem.OUTSIDE_THE_CALENDAR) from None
    if found.replace(tzinfo=None, fold=0) != local:
        raise InvalidTime(TimeProblem.SKIPPED, text, day)
    if text.endswith("r") and not found.fold:
        raise InvalidTime(TimeProblem.NOT_REPEATED, text[:5], day)
    return instant
