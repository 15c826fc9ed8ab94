"""What is asked for: the bodies of requests about tokens."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from models.patient import Newcomer
from models.source import Asked, Source
from models.token import Status
from routes.fields import (
    AnyDay,
    Body,
    CheckIn,
    Close,
    Language,
    LocalDate,
    Name,
    PatientId,
    PhoneNumber,
    Reason,
    SomeId,
    Specialization,
    any_spelling,
    example,
)
from routes.line_fields import DespiteOverrun


def given(name: str) -> dict[str, JsonValue]:
    """In a schema: this field is there, and not null."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def _from(source: Source) -> dict[str, JsonValue]:
    """In a schema: the source is this one."""
    return {"properties": {"source": {"const": source.value}}}


SOMETHING: dict[str, JsonValue] = {"not": {"type": "null"}, "pattern": r"[A-Za-z0-9]"}
"""In a schema: a text that is not blank; letters and digits do."""


NOTHING_TO_CHANGE = "Give at least one of the fields that can be changed."


class FullSlot(StrEnum):
    """What a newcomer wants of a full slot where no rule gives a seat."""

    WAITLIST = "waitlist"
    REJECT = "reject"


IfFullIn = Annotated[FullSlot, *any_spelling(FullSlot, "invalid_if_full")]


class PatientIn(Body):
    """Who is to have a token; what asks for it says what may be missing."""

    patient_id: PatientId | None = None
    patient_name: Name
    phone_number: PhoneNumber | None = None
    language: Language | None = None

    def newcomer(self) -> Newcomer:
        """The patient asked for."""
        return Newcomer(
            id=self.patient_id,
            name=self.patient_name,
            phone_number=self.phone_number,
            language=self.language,
        )


class AnyBookingIn(PatientIn):
    """A patient for a slot."""

    slot_id: SomeId = Field(examples=["dr.rao-20300115-0900"])
    if_full: IfFullIn = FullSlot.WAITLIST

    @property
    def is_here(self) -> bool:
        """Whether the patient is checked in at once."""
        return False

    @property
    def is_content(self) -> bool:
        """Whether the patient wants this doctor whoever else is free."""
        return False


class AtTheDeskIn(AnyBookingIn):
    """A patient who may be there already."""

    check_in: CheckIn = False

    @property
    def is_here(self) -> bool:
        return self.check_in


class EmergencyIn(AtTheDeskIn):
    """A patient who can't wait: patientId and phone number may be missing."""

    model_config = example(slotId="dr.rao-20300115-0900", patientName="Unknown man, about 60")


class DeskBookingIn(AtTheDeskIn):
    """A patient at the desk; one without a patientId gets a new one."""

    model_config = example(
        slotId="dr.rao-20300115-0900", patientName="Ravi Kumar", phoneNumber="098450 54321"
    )

    phone_number: PhoneNumber


class WalkInIn(DeskBookingIn):
    """A patient who is there without a booking; one without a patientId gets a new one."""

    despite_overrun: DespiteOverrun = False

    @property
    def is_content(self) -> bool:
        return self.despite_overrun


class BookingIn(AnyBookingIn):
    """A patient who books for themselves."""

    model_config = example(
        slotId="dr.rao-20300115-0900",
        patientId="MRN-1001",
        patientName="Meera Nair",
        phoneNumber="+91 98450 12345",
        ifFull="waitlist",
    )

    patient_id: PatientId
    phone_number: PhoneNumber


_WITHOUT_NUMBER = [source for source in Source if source.row.asked is Asked.NOTHING]


class AllocationIn(PatientIn):
    """A patient for whom the service picks doctor and slot. Without a date: today."""

    model_config = example(
        source="ONLINE",
        patientName="Lakshmi Iyer",
        phoneNumber="+91 98450 67890",
        specialization="Cardiology",
        date="2030-01-15",
        schema={
            "anyOf": [
                given("phoneNumber"),
                *map(_from, _WITHOUT_NUMBER),
            ]
        },
    )

    source: Annotated[Source, *any_spelling(Source, "invalid_source")]
    specialization: Specialization | None = None
    doctor_id: SomeId | None = None
    date: LocalDate | None = None
    if_full: IfFullIn = FullSlot.WAITLIST

    @model_validator(mode="after")
    def _reachable(self) -> "AllocationIn":
        if self.phone_number is None and self.source not in _WITHOUT_NUMBER:
            raise PydanticCustomError(
                "missing_field", f"phoneNumber is needed, except for {', '.join(_WITHOUT_NUMBER)}."
            )
        return self


class PatientPatch(Body):
    """What to put right of a token's patient; what is left out stays."""

    model_config = example(
        patientName="Meera R. Nair",
        phoneNumber="+91 98450 12345",
        schema={"anyOf": [*map(given, ("patientName", "phoneNumber", "language"))]},
    )

    patient_name: Name | None = None
    phone_number: PhoneNumber | None = None
    language: Language | None = None

    @model_validator(mode="after")
    def _something(self) -> "PatientPatch":
        if self.patient_name is None and self.phone_number is None and self.language is None:
            raise PydanticCustomError("nothing_to_change", NOTHING_TO_CHANGE)
        return self


REASON_IS_MISSING = "With anyDay give a reason."


class StatusIn(Body):
    """The status that a token is to have, however it is spelled: `checked in`, `no-show`.

    Before the token's date nobody is checked in, called or seen, unless anyDay is true, with a
    reason.
    """

    model_config = example(
        status="CHECKED_IN",
        schema={
            "anyOf": [
                {"properties": {"anyDay": {"const": False}}},
                {"required": ["reason"], "properties": {"reason": SOMETHING}},
            ]
        },
    )

    status: Annotated[Status, *any_spelling(Status, "invalid_status")]
    any_day: AnyDay = False
    reason: Reason | None = None

    @model_validator(mode="after")
    def _with_a_reason(self) -> "StatusIn":
        if self.any_day and not (self.reason or "").strip():
            raise PydanticCustomError("missing_field", REASON_IS_MISSING)
        return self


class CancelCode(StrEnum):
    """Why, for the numbers."""

    LEFT = "left"


class CancelIn(Body):
    """Why a token is cancelled, in words, and as a code where the patient was there and went home."""

    model_config = example(reason="Feels better")

    reason: Reason | None = None
    code: Annotated[CancelCode, *any_spelling(CancelCode, "invalid_code")] | None = None


class ReallocateIn(Body):
    """Where the tokens go first; with close false only the waitlist moves, and the slot stays."""

    model_config = example(close=True)

    target_slot_id: SomeId | None = None
    close: Close = True
    reason: Reason | None = None
