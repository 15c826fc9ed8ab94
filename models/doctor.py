"""The doctor: whom patients come to see."""

from enum import StrEnum

from msgspec import Struct

from models.request import Request


class Weekday(StrEnum):
    """A day of the week; its place in the list is Python's `date.weekday()`."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"


WEEK = tuple(Weekday)


class Doctor(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Whom patients come to see, and on which days. No `opd_days` means any day."""

    id: str
    name: str
    specialization: str
    opd_days: tuple[Weekday, ...] = ()
    request: Request | None = None
