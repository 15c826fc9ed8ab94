"""What is asked for of the plan: the bodies of requests about doctors and slots, and of days."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from models.slot import SlotStatus
from routes.fields import (
    Body,
    LocalDate,
    LocalTime,
    Name,
    NewDoctorId,
    Reason,
    SomeId,
    Specialization,
    any_spelling,
    example,
    refused_as,
)
from routes.plan_fields import Capacity, OpdDay
from routes.requests import NOTHING_TO_CHANGE, given

MOST_DAYS = 92
"""In one question: a quarter."""

OpdDays = Annotated[
    list[OpdDay],
    Field(max_length=7, examples=[["Monday", "Tuesday", "Thursday"]]),
    refused_as("invalid_weekday", "opdDays is a list of weekday names, such as Monday.", list),
]

Retired = Annotated[
    bool,
    Field(strict=True),
    refused_as("invalid_retired", "retired says whether the doctor has retired.", bool),
]


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
    opd_days: OpdDays = Field(default_factory=list)
    id: NewDoctorId | None = None
    facility_id: SomeId | None = None


class DoctorPatch(Body):
    """What to change of a doctor; what is left out stays. No opdDays, `[]`, means any day."""

    model_config = example(
        opdDays=["Monday", "Wednesday"],
        schema={"anyOf": [*map(given, ("name", "specialization", "opdDays", "retired"))]},
    )

    name: Name | None = None
    specialization: Specialization | None = None
    opd_days: OpdDays | None = None
    retired: Retired | None = None

    @model_validator(mode="after")
    def _something(self) -> "DoctorPatch":
        if not self.model_dump(exclude_none=True):
            raise PydanticCustomError("nothing_to_change", NOTHING_TO_CHANGE)
        return self


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

    model_config = example(maxCapacity=8, schema={"anyOf": [given("maxCapacity"), given("status")]})

    max_capacity: Capacity | None = None
    status: Annotated[SlotStatus, *any_spelling(SlotStatus, "invalid_status")] | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _something(self) -> "SlotPatch":
        if self.max_capacity is None and self.status is None:
            raise PydanticCustomError("nothing_to_change", NOTHING_TO_CHANGE)
        return self


class DayQuery(BaseModel):
    """A date; today without one."""

    model_config = ConfigDict(extra="forbid")

    date: LocalDate | None = Field(None, description="Today if left out")


class SpanQuery(BaseModel):
    """Some days."""

    model_config = ConfigDict(extra="forbid")

    from_: LocalDate | None = Field(None, alias="from", description="From this date on")
    to: LocalDate | None = Field(None, description="Up to this date, included")

    @model_validator(mode="after")
    def _bounded(self) -> "SpanQuery":
        if self.from_ is not None and self.to is not None:
            if self.to < self.from_:
                raise PydanticCustomError("invalid_span", "to is earlier than from.")
            if self.to - self.from_ >= timedelta(days=MOST_DAYS):
                raise PydanticCustomError("invalid_span", f"Ask for {MOST_DAYS} days at most.")
        return self
