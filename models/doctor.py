"""The doctor: whom patients come to see."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from models.keyed_request import KeyedRequest
from models.line_config import LineConfig


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


def in_order(days: Iterable[Weekday]) -> tuple[Weekday, ...]:
    """Each of these days once, in the order of the week."""
    return tuple(sorted(set(days), key=WEEK.index))


class Tenure(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """Whether a doctor works here; `change` counts how often that was changed, so the later wins."""

    retired: bool = False
    change: int = 0


class Colleague(Struct, frozen=True, gc=False):
    """A doctor who sees the patient of another's line."""

    id: str
    name: str


class Doctor(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Whom patients come to see, and on which days. No `opd_days` means any day.

    The facility never changes.
    """

    id: str
    facility_id: str
    name: str
    specialization: str
    opd_days: tuple[Weekday, ...] = ()
    tenure: Tenure = Tenure()
    config: LineConfig = LineConfig()
    request: KeyedRequest | None = None
