"""The slot: a stretch of a doctor's day with a seat count."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from models.keyed_request import KeyedRequest


class SlotStatus(StrEnum):
    """Whether a slot gives out seats."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Slot(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """`start` and `end` are the planned instants (UTC); `delay_minutes` is this slot's own delay.

    `delay_minutes` is the doctor's delay in all, not an increment. What the delay does to the
    hours that patients are told is `models.timeline`.
    """

    id: str
    start: datetime
    end: datetime
    max_capacity: int
    delay_minutes: int = 0
    status: SlotStatus = SlotStatus.OPEN
    request: KeyedRequest | None = None


class Alternative(Struct, frozen=True, rename="camel"):
    """A slot that would do instead of the one that was asked for, with its planned local hours."""

    slot_id: str
    start_time: str
    end_time: str


class ReservedHours(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """The hours of a slot of the day before that passes midnight; no slot here may touch them.

    `at` is when they were reserved. They are reserved before the slot is added, so that
    the slots of two days never overlap.
    """

    slot_id: str
    start: datetime
    end: datetime
    at: datetime
