"""The numbers of days."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from answers.numbers import SpanNumbersOut, show_numbers
from models.access import Permission
from models.errors import UnknownDoctor
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheNumbers
from routes.fields import SomeId
from routes.plan_requests import SpanQuery
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller

router = APIRouter(
    prefix="/api/analytics",
    tags=["numbers"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)


class NumbersQuery(SpanQuery):
    """Which days, and whose."""

    doctor_id: SomeId | None = Field(None, alias="doctorId", description="Only this doctor's")


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
