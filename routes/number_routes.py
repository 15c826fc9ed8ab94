"""The numbers of days."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from answers.numbers import SpanNumbersOut, show_numbers
from models.access import Permission
from models.errors import UnknownDoctor
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheNumbers
from routes.fields import LocalDate, SomeId
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller

MOST_DAYS = 92
"""In one question: a quarter."""

router = APIRouter(
    prefix="/api/analytics",
    tags=["numbers"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)


class NumbersQuery(BaseModel):
    """Which days, and whose."""

    model_config = ConfigDict(extra="forbid")

    from_: LocalDate | None = Field(None, alias="from", description="From this date on")
    to: LocalDate | None = Field(None, description="Up to this date, included")
    doctor_id: SomeId | None = Field(None, alias="doctorId", description="Only this doctor's")

    @model_validator(mode="after")
    def _bounded(self) -> "NumbersQuery":
        if self.from_ is not None and self.to is not None:
            if self.to < self.from_:
                raise PydanticCustomError("invalid_span", "to is earlier than from.")
            if self.to - self.from_ >= timedelta(days=MOST_DAYS):
                raise PydanticCustomError("invalid_span", f"Ask for {MOST_DAYS} days at most.")
        return self


@router.get(
    "/queue",
    summary="Tell how long patients waited, and how many were seen",
    responses=problems(UnknownDoctor, invalid_span=422),
)
async def get_numbers(
    query: Annotated[NumbersQuery, Query()],
    numbers: TheNumbers,
    caller: Annotated[Caller, needs(Permission.READ_NUMBERS)],
) -> SpanNumbersOut:
    """Of some days together, then hour by hour; without dates, of today. 92 days at most.

    An arrival counts in the hour of the check-in, a wait where the consultation began, who was
    served where it ended. A no-show who came after all is none.
    """
    return show_numbers(await numbers.of_days(caller, query.from_, query.to, query.doctor_id))
