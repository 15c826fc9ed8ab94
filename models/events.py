"""What happened: the record of every command, one event for each thing that it changed."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from models.slot import SlotStatus
from models.token import Source, Status


class EventType(StrEnum):
    """What happened."""

    SLOT_ADDED = "SLOT_ADDED"
    SLOT_CHANGED = "SLOT_CHANGED"
    HOURS_HELD = "HOURS_HELD"
    HOURS_FREED = "HOURS_FREED"
    KEY_DECLINED = "KEY_DECLINED"
    BOOKED = "BOOKED"
    BOOKED_BEYOND_CAPACITY = "BOOKED_BEYOND_CAPACITY"
    WAITLISTED = "WAITLISTED"
    BUMPED = "BUMPED"
    PROMOTED = "PROMOTED"
    STATUS_CHANGED = "STATUS_CHANGED"
    REALLOCATED = "REALLOCATED"
    STAYED = "STAYED"


class Place(Struct, frozen=True, gc=False, rename="camel"):
    """Where a token stood: its slot and its status there."""

    slot_id: str
    status: Status


class SlotState(Struct, frozen=True, gc=False, rename="camel"):
    """What of a slot can change."""

    max_capacity: int
    status: SlotStatus
    delay_minutes: int


class Event(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """One thing that happened on a sheet: who, what, when, why, before and after.

    `n` numbers the events of a sheet from 1 without gaps. A token's event has `token_id`,
    `number`, `source` and its places `before` (None: it is new) and `after`, and if it is new its `patient_id`; a slot's event has
    `slot_before` (None: it is new) and `slot_after`; hours held for a slot of the day before have
    neither. `reason` is words for people, without names.
    `cause` is the number of the token whose booking made this happen.
    """

    n: int
    type: EventType
    at: datetime
    actor: str
    reason: str
    request_id: str | None = None
    slot_id: str | None = None
    token_id: str | None = None
    patient_id: str | None = None
    number: int | None = None
    source: Source | None = None
    before: Place | None = None
    after: Place | None = None
    cause: int | None = None
    slot_before: SlotState | None = None
    slot_after: SlotState | None = None
