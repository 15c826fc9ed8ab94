"""What happened: the record of every command, one event for each thing that it changed.

`Event` is every kind there is. Each names its type by its tag, which is stored for ever.
"""

from datetime import datetime
from enum import StrEnum
from functools import cache

from msgspec import Struct

from models.doctor_session import SessionState
from models.line_config import LineConfig
from models.reasons import (
    CalledAgain,
    ConfigSet,
    MarkSet,
    PutRight,
    Reason,
    StatusReason,
    StepUndone,
)
from models.slot import SlotStatus
from models.source import Source
from models.token import Status


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
    RECALLED = "RECALLED"
    UNDONE = "UNDONE"
    MARKED = "MARKED"
    REALLOCATED = "REALLOCATED"
    STAYED = "STAYED"
    PATIENT_CORRECTED = "PATIENT_CORRECTED"
    SESSION_CHANGED = "SESSION_CHANGED"
    CONFIG_CHANGED = "CONFIG_CHANGED"
    DOCTOR_RETIRED = "DOCTOR_RETIRED"
    DOCTOR_RETURNED = "DOCTOR_RETURNED"


class TokenState(Struct, frozen=True, gc=False, rename="camel"):
    """Where a token stood: its slot and its status there."""

    slot_id: str
    status: Status


class SlotState(Struct, frozen=True, gc=False, rename="camel"):
    """What of a slot can change."""

    max_capacity: int
    status: SlotStatus
    delay_minutes: int


class ToldTime(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """When a patient was told to be seen; `within`: from when to when in four cases of five."""

    at: datetime
    within: tuple[datetime, datetime] | None = None


class Happening(
    Struct,
    frozen=True,
    gc=False,
    kw_only=True,
    omit_defaults=True,
    rename="camel",
    tag_field="type",
):
    """What every event tells: when, who, in which request, and why.

    `n` numbers the events of a sheet from 1 without gaps. `note` is what the caller said about it,
    in the caller's own words. `actor` is the principal who was proven to ask; `on_behalf_of`
    whom that one said to stand for, which nothing proves.
    """

    n: int
    at: datetime
    actor: str
    reason: Reason
    on_behalf_of: str | None = None
    request_id: str | None = None
    note: str | None = None

    @property
    def type(self) -> EventType:
        """What happened."""
        return _type_of(type(self))


@cache
def _type_of(kind: type[Happening]) -> EventType:
    return EventType(str(kind.__struct_config__.tag))


# Of a token


class TokenEvent(Happening, frozen=True, gc=False, kw_only=True):
    """Something happened to a token, which stands at `after` since."""

    token_id: str
    number: int
    source: Source
    after: TokenState


class TokenIssued(TokenEvent, frozen=True, gc=False, kw_only=True):
    """The token is new. `patient_id` is told once, here, so that a patient's tokens are found."""

    patient_id: str


class TokenChanged(TokenEvent, frozen=True, gc=False, kw_only=True):
    """The token was there and stood at `before`."""

    before: TokenState


class Booked(TokenIssued, frozen=True, gc=False, kw_only=True, tag="BOOKED"):
    """It has a seat."""


class BookedBeyondCapacity(
    TokenIssued, frozen=True, gc=False, kw_only=True, tag="BOOKED_BEYOND_CAPACITY"
):
    """It has a seat that the slot did not have."""


class Waitlisted(TokenIssued, frozen=True, gc=False, kw_only=True, tag="WAITLISTED"):
    """It waits for a seat."""


class Bumped(TokenChanged, frozen=True, gc=False, kw_only=True, tag="BUMPED"):
    """It gave up its seat to `cause`: a newcomer, or one that was marked or waited."""

    cause: int


class Promoted(TokenChanged, frozen=True, gc=False, kw_only=True, tag="PROMOTED"):
    """It waited and has a seat."""


class StatusChanged(TokenChanged, frozen=True, gc=False, kw_only=True, tag="STATUS_CHANGED"):
    """It went on its way. `told`: when its patient, who checked in, was told to be seen."""

    reason: StatusReason
    told: ToldTime | None = None


class Recalled(TokenChanged, frozen=True, gc=False, kw_only=True, tag="RECALLED"):
    """It stays where it stands, and was called again."""

    reason: CalledAgain


class Undone(TokenChanged, frozen=True, gc=False, kw_only=True, tag="UNDONE"):
    """Its last step was taken back."""

    reason: StepUndone


class Marked(TokenChanged, frozen=True, gc=False, kw_only=True, tag="MARKED"):
    """It goes earlier or later in line; one that waited may have got a seat by it.

    `source` is the one that it is of since.
    """

    reason: MarkSet


class Reallocated(TokenChanged, frozen=True, gc=False, kw_only=True, tag="REALLOCATED"):
    """Its slot can't be held, and it stands elsewhere."""


class Stayed(TokenChanged, frozen=True, gc=False, kw_only=True, tag="STAYED"):
    """Its slot can't be held, and it has no other place."""


class PatientCorrected(TokenChanged, frozen=True, gc=False, kw_only=True, tag="PATIENT_CORRECTED"):
    """It stays where it stands; what is known of its patient was put right; the reason says what, without saying it."""

    reason: PutRight


# Of a slot


class SlotEvent(Happening, frozen=True, gc=False, kw_only=True):
    """Something happened to a slot, which is as in `slot_after` since."""

    slot_id: str
    slot_after: SlotState


class SlotAdded(SlotEvent, frozen=True, gc=False, kw_only=True, tag="SLOT_ADDED"):
    """It is new."""


class SlotChanged(SlotEvent, frozen=True, gc=False, kw_only=True, tag="SLOT_CHANGED"):
    """It was there and was as in `slot_before`."""

    slot_before: SlotState


# Of a sheet


class HoursEvent(Happening, frozen=True, gc=False, kw_only=True):
    """Something happened to the hours that `slot_id`, a slot of the day before, takes."""

    slot_id: str


class HoursReserved(HoursEvent, frozen=True, gc=False, kw_only=True, tag="HOURS_HELD"):
    """No slot of this day may touch them."""


class HoursReleased(HoursEvent, frozen=True, gc=False, kw_only=True, tag="HOURS_FREED"):
    """They are this day's again."""


class SessionChanged(Happening, frozen=True, gc=False, kw_only=True, tag="SESSION_CHANGED"):
    """The doctor begins, takes a break, ends it, or is done."""

    session_before: SessionState
    session_after: SessionState


class ConfigChanged(Happening, frozen=True, kw_only=True, tag="CONFIG_CHANGED"):
    """The line goes by other settings from the next command on."""

    reason: ConfigSet
    config_before: LineConfig
    config_after: LineConfig


class TenureEvent(Happening, frozen=True, gc=False, kw_only=True):
    """The doctor's tenure is another."""


class DoctorRetired(TenureEvent, frozen=True, gc=False, kw_only=True, tag="DOCTOR_RETIRED"):
    """No booking and no slot is taken any more."""


class DoctorReturned(TenureEvent, frozen=True, gc=False, kw_only=True, tag="DOCTOR_RETURNED"):
    """The day is as if the doctor had never left."""


class KeyDeclined(Happening, frozen=True, gc=False, kw_only=True, tag="KEY_DECLINED"):
    """Nothing is ever booked or called here for a request that went on elsewhere."""


EventOfToken = (
    Booked
    | BookedBeyondCapacity
    | Waitlisted
    | Bumped
    | Promoted
    | StatusChanged
    | Recalled
    | Undone
    | Marked
    | Reallocated
    | Stayed
    | PatientCorrected
)

Event = (
    EventOfToken
    | SlotAdded
    | SlotChanged
    | HoursReserved
    | HoursReleased
    | SessionChanged
    | ConfigChanged
    | DoctorRetired
    | DoctorReturned
    | KeyDeclined
)
