"""The JSON of requests and answers, and how an answer is shaped from what the services return."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypedDict
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from engine.stats import SlotStats
from models.doctor import Doctor, Weekday
from models.local_time import local_label
from models.slot import SlotStatus
from models.token import Source, Status, token_label
from routes.fields import (
    Body,
    Capacity,
    Close,
    LocalDate,
    LocalTime,
    Name,
    NewDoctorId,
    OpdDay,
    PatientId,
    PhoneNumber,
    Reason,
    SomeId,
    Specialization,
    any_spelling,
    example,
    refused_as,
)
from services.views import (
    BookingView,
    Cancellation,
    DoctorsLine,
    Queue,
    Reallocation,
    SlotView,
    TokenView,
)

# Requests


def _given(name: str) -> dict[str, JsonValue]:
    """In a schema: this field is there, and not null."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


class DoctorIn(Body):
    """A doctor to add."""

    model_config = example(
        name="Asha Rao",
        specialization="Cardiology",
        opdDays=["Monday", "Tuesday", "Thursday"],
        id="dr.rao",
    )

    name: Name
    specialization: Specialization
    opd_days: Annotated[
        list[OpdDay],
        Field(max_length=7, examples=[["Monday", "Tuesday", "Thursday"]]),
        refused_as("invalid_weekday", "opdDays is a list of weekday names, such as Monday.", list),
    ] = Field(default_factory=list)
    id: NewDoctorId | None = None


class SlotIn(Body):
    """A slot to add. An endTime earlier than startTime means the next day."""

    model_config = example(
        doctorId="dr.rao",
        date="2030-01-15",
        startTime="09:00",
        endTime="10:00",
        maxCapacity=6,
    )

    doctor_id: SomeId = Field(examples=["dr.rao"])
    date: LocalDate
    start_time: LocalTime = Field(examples=["09:00"])
    end_time: LocalTime = Field(examples=["10:00"])
    max_capacity: Capacity | None = None


class SlotPatch(Body):
    """What to change of a slot."""

    model_config = example(
        maxCapacity=8, schema={"anyOf": [_given("maxCapacity"), _given("status")]}
    )

    max_capacity: Capacity | None = None
    status: Annotated[SlotStatus, *any_spelling(SlotStatus, "invalid_status")] | None = None

    @model_validator(mode="after")
    def _something(self) -> "SlotPatch":
        if self.max_capacity is None and self.status is None:
            raise PydanticCustomError("nothing_to_change", "Give a maxCapacity, a status, or both.")
        return self


class FullSlot(StrEnum):
    """What a newcomer wants of a full slot where no rule gives a seat."""

    WAITLIST = "waitlist"
    REJECT = "reject"


IfFullIn = Annotated[FullSlot, *any_spelling(FullSlot, "invalid_if_full")]


class EmergencyIn(Body):
    """A patient who can't wait: patientId and phone number may be missing."""

    model_config = example(slotId="dr.rao-20300115-0900", patientName="Unknown man, about 60")

    slot_id: SomeId = Field(examples=["dr.rao-20300115-0900"])
    patient_id: PatientId | None = None
    patient_name: Name
    phone_number: PhoneNumber | None = None
    if_full: IfFullIn = FullSlot.WAITLIST


class DeskBookingIn(EmergencyIn):
    """A patient at the desk; one without a patientId gets a new one."""

    model_config = example(
        slotId="dr.rao-20300115-0900", patientName="Ravi Kumar", phoneNumber="098450 54321"
    )

    phone_number: PhoneNumber


class BookingIn(DeskBookingIn):
    """A patient who books for themselves."""

    model_config = example(
        slotId="dr.rao-20300115-0900",
        patientId="MRN-1001",
        patientName="Meera Nair",
        phoneNumber="+91 98450 12345",
        ifFull="waitlist",
    )

    patient_id: PatientId


class AllocationIn(Body):
    """A patient for whom the service picks doctor and slot. Without a date: today."""

    model_config = example(
        source="ONLINE",
        patientName="Lakshmi Iyer",
        phoneNumber="+91 98450 67890",
        specialization="Cardiology",
        date="2030-01-15",
        schema={
            "anyOf": [_given("phoneNumber"), {"properties": {"source": {"const": "EMERGENCY"}}}]
        },
    )

    source: Annotated[Source, *any_spelling(Source, "invalid_source")]
    patient_name: Name
    phone_number: PhoneNumber | None = None
    patient_id: PatientId | None = None
    specialization: Specialization | None = None
    doctor_id: SomeId | None = None
    date: LocalDate | None = None
    if_full: IfFullIn = FullSlot.WAITLIST

    @model_validator(mode="after")
    def _reachable(self) -> "AllocationIn":
        if self.phone_number is None and self.source is not Source.EMERGENCY:
            raise PydanticCustomError(
                "missing_field", "phoneNumber is needed, except for an emergency."
            )
        return self


class StatusIn(Body):
    """The status that a token is to have, however it is spelled: `checked in`, `no-show`."""

    model_config = example(status="CHECKED_IN")

    status: Annotated[Status, *any_spelling(Status, "invalid_status")]


class CancelIn(Body):
    """Why a token is cancelled."""

    model_config = example(reason="Feels better")

    reason: Reason | None = None


class ReallocateIn(Body):
    """Where the tokens go first; with close false only the waitlist moves, and the slot stays."""

    model_config = example(close=True)

    target_slot_id: SomeId | None = None
    close: Close = True


class DayQuery(BaseModel):
    """A date; today without one."""

    model_config = ConfigDict(extra="forbid")

    date: LocalDate | None = Field(None, description="Today if left out")


# Answers


class Answer(BaseModel):
    """An answer, in camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True
    )


class DoctorOut(Answer):
    """A doctor. No opdDays means any day."""

    id: str
    name: str
    specialization: str
    opd_days: list[Weekday]


class SlotOut(Answer):
    """A slot. `capacity` counts the emergencies beyond `maxCapacity`; times are the facility's."""

    id: str
    doctor_id: str
    date: date
    start_time: str
    end_time: str
    start: datetime
    end: datetime
    expected_start: datetime
    max_capacity: int
    capacity: int
    taken: int
    available: int
    waitlisted: int
    delay_minutes: int
    status: SlotStatus


class TokenOut(Answer):
    """A token. `position` is its place in the queue now, `waitlistPosition` on the waitlist."""

    id: str
    token_number: str
    slot_id: str
    doctor_id: str
    date: date
    patient_id: str
    patient_name: str
    phone_number: str | None
    source: Source
    priority: int
    status: Status
    position: int | None
    waitlist_position: int | None
    estimated_time: datetime | None
    booked_at: datetime
    checked_in_at: datetime | None
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    cancel_reason: str | None


class BumpedOut(Answer):
    """The token that gave way; toSlotId null: it waits on the waitlist of its slot."""

    token_id: str
    token_number: str
    from_slot_id: str
    to_slot_id: str | None


class BookingOut(TokenOut):
    """A new token, and who gave way to it."""

    bumped: BumpedOut | None


class CancellationOut(Answer):
    """The cancelled token, and those who got a seat by it."""

    token: TokenOut
    promoted: list[TokenOut]


class MovedOut(Answer):
    """A token that was moved from one slot to another."""

    token: TokenOut
    from_: str = Field(alias="from")
    to: str


class StayedOut(Answer):
    """A token that was not moved, and why."""

    token: TokenOut
    why: str


class ReallocationOut(Answer):
    """What became of each token of the slot."""

    moved: list[MovedOut]
    stayed: list[StayedOut]


class QueueOut(Answer):
    """A slot, its queue in order, then its waitlist in order."""

    slot: SlotOut
    queue: list[TokenOut]
    waitlist: list[TokenOut]


class PlaceOut(Answer):
    """A token with its place in the doctor's line, 1 first."""

    place: int
    token: TokenOut


class LineOut(Answer):
    """Who is next in a doctor's day, in order, all its slots together."""

    doctor_id: str
    date: date
    line: list[PlaceOut]


class StatsOut(Answer):
    """The figures of a slot; the means are minutes, null where nothing is known."""

    slot_id: str
    by_status: dict[Status, int]
    by_source: dict[Source, int]
    max_capacity: int
    taken: int
    fill_rate: float
    waitlisted: int
    bumped: int
    overflow: int
    mean_wait_minutes: float | None
    mean_consultation_minutes: float | None


# Shaping


def show_doctor(doctor: Doctor) -> DoctorOut:
    """A doctor's answer."""
    return DoctorOut(
        id=doctor.id,
        name=doctor.name,
        specialization=doctor.specialization,
        opd_days=list(doctor.opd_days),
    )


def show_slot(view: SlotView) -> SlotOut:
    """A slot's answer."""
    slot, taken = view.run.slot, len(view.roster.seated)
    zone = ZoneInfo(view.sheet.timezone)
    return SlotOut(
        id=slot.id,
        doctor_id=view.sheet.doctor_id,
        date=view.sheet.date,
        start_time=local_label(slot.start, zone),
        end_time=local_label(slot.end, zone),
        start=slot.start.astimezone(zone),
        end=slot.end.astimezone(zone),
        expected_start=view.run.expected_start.astimezone(zone),
        max_capacity=slot.max_capacity,
        capacity=max(slot.max_capacity, taken),
        taken=taken,
        available=max(0, slot.max_capacity - taken),
        waitlisted=len(view.roster.waiting),
        delay_minutes=slot.delay_minutes,
        status=slot.status,
    )


def show_token(view: TokenView) -> TokenOut:
    """A token's answer."""
    return TokenOut(**_token_fields(view))


def show_booking(view: BookingView) -> BookingOut:
    """A booking's answer."""
    bumped = view.bumped
    return BookingOut(
        **_token_fields(view.token),
        bumped=None
        if bumped is None
        else BumpedOut(
            token_id=bumped.token_id,
            token_number=token_label(bumped.number),
            from_slot_id=bumped.from_slot_id,
            to_slot_id=bumped.to_slot_id,
        ),
    )


def show_cancellation(view: Cancellation) -> CancellationOut:
    """A cancellation's answer."""
    return CancellationOut(
        token=show_token(view.token), promoted=[show_token(each) for each in view.promoted]
    )


def show_reallocation(view: Reallocation) -> ReallocationOut:
    """A reallocation's answer."""
    return ReallocationOut(
        moved=[
            MovedOut(
                token=show_token(each.token),
                from_=each.from_slot_id,
                to=each.token.token.slot_id,
            )
            for each in view.moved
        ],
        stayed=[StayedOut(token=show_token(each.token), why=each.why) for each in view.stayed],
    )


def show_queue(view: Queue) -> QueueOut:
    """A queue's answer."""
    return QueueOut(
        slot=show_slot(view.slot),
        queue=[show_token(each) for each in view.queue],
        waitlist=[show_token(each) for each in view.waitlist],
    )


def show_line(view: DoctorsLine) -> LineOut:
    """A doctor's line's answer."""
    return LineOut(
        doctor_id=view.doctor_id,
        date=view.date,
        line=[
            PlaceOut(place=place, token=show_token(each))
            for place, each in enumerate(view.line, start=1)
        ],
    )


def show_stats(slot_id: str, stats: SlotStats) -> StatsOut:
    """The figures' answer."""
    return StatsOut(
        slot_id=slot_id,
        by_status=stats.by_status,
        by_source=stats.by_source,
        max_capacity=stats.max_capacity,
        taken=stats.taken,
        fill_rate=round(stats.fill_rate, 4),
        waitlisted=stats.waitlisted,
        bumped=stats.bumped,
        overflow=stats.overflow,
        mean_wait_minutes=_minutes(stats.mean_wait),
        mean_consultation_minutes=_minutes(stats.mean_consultation),
    )


def _minutes(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds() / 60, 2)


class _TokenFields(TypedDict):
    id: str
    token_number: str
    slot_id: str
    doctor_id: str
    date: date
    patient_id: str
    patient_name: str
    phone_number: str | None
    source: Source
    priority: int
    status: Status
    position: int | None
    waitlist_position: int | None
    estimated_time: datetime | None
    booked_at: datetime
    checked_in_at: datetime | None
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    cancel_reason: str | None


def _token_fields(view: TokenView) -> _TokenFields:
    token, standing = view.token, view.standing
    zone = ZoneInfo(view.sheet.timezone)
    return {
        "id": token.id,
        "token_number": token.label,
        "slot_id": token.slot_id,
        "doctor_id": view.sheet.doctor_id,
        "date": view.sheet.date,
        "patient_id": token.patient_id,
        "patient_name": token.patient_name,
        "phone_number": token.phone_number,
        "source": token.source,
        "priority": token.priority,
        "status": token.status,
        "position": standing.position,
        "waitlist_position": standing.waitlist_position,
        "estimated_time": _local(standing.estimated_time, zone),
        "booked_at": token.booked_at.astimezone(zone),
        "checked_in_at": _local(token.checked_in_at, zone),
        "called_at": _local(token.called_at, zone),
        "started_at": _local(token.started_at, zone),
        "ended_at": _local(token.ended_at, zone),
        "cancel_reason": token.cancel_reason,
    }


def _local(instant: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if instant is None else instant.astimezone(zone)
