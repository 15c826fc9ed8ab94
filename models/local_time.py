"""A facility's local dates and hours, and the instants they mean.

An hour that a clock change repeats is written `01:30` in its first pass and `01:30r` in its
second; an hour that a clock change skips does not exist.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidTime

LOCAL_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]r?"
LONGEST_SLOT = timedelta(hours=12)

_LOCAL_TIME = re.compile(LOCAL_TIME)


def slot_span(day: date, start: str, end: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants of a slot asked for as local date and hours.

    An `end` earlier than `start` means the next day. Raises InvalidTime when an hour is malformed
    or does not exist, the two are equal, or more than 12 hours lie between them.
    """
    first = _instant(day, start, zone)
    last = _instant(day, end, zone)
    if last < first:
        # In a repeated hour the end may be meant in the second pass.
        last = _instant(day, end, zone, second_pass=True)
    if last < first:
        if day == date.max:
            raise InvalidTime("The slot would end after the last day of the calendar.")
        last = _instant(day + timedelta(days=1), end, zone)
    if last == first:
        raise InvalidTime("A slot can't end when it starts. Give a later endTime.")
    if last - first > LONGEST_SLOT:
        raise InvalidTime(
            "A slot lasts 12 hours at most. An endTime before startTime means the next day."
        )
    return first, last


def local_label(instant: datetime, zone: ZoneInfo) -> str:
    """The local hour of an instant, as `slot_span` reads it: `09:00`, or `01:30r`."""
    local = instant.astimezone(zone)
    return f"{local:%H:%M}{'r' if local.fold else ''}"


def _instant(day: date, text: str, zone: ZoneInfo, *, second_pass: bool = False) -> datetime:
    if not _LOCAL_TIME.fullmatch(text):
        raise InvalidTime("Write a time of day as HH:MM, from 00:00 to 23:59.")
    fold = int(second_pass or text.endswith("r"))
    local = datetime.combine(day, time.fromisoformat(text[:5]))
    try:
        instant = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        found = instant.astimezone(zone)
    except OverflowError:
        raise InvalidTime("That date is outside the calendar.") from None
    if found.replace(tzinfo=None, fold=0) != local:
        raise InvalidTime(f"{text} does not exist on {day}: the clocks go forward over it.")
    if text.endswith("r") and not found.fold:
        raise InvalidTime(f"{text[:5]} comes once on {day}: leave out the r.")
    return instant
