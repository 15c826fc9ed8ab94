"""The line of a doctor's day."""

from typing import Annotated

from fastapi import APIRouter, Query

from answers.tokens import LineOut, show_line
from models.access import Permission
from models.errors import UnknownDoctor
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheQueues
from routes.fields import KnownId
from routes.problems import problems
from routes.replies import AnswerRoute
from routes.requests import DayQuery
from services.caller import Caller

router = APIRouter(
    prefix="/api/queue", tags=["queue"], dependencies=[NO_UNKNOWN_QUERY], route_class=AnswerRoute
)


@router.get(
    "/{doctor_id}",
    summary="Show who is next in a doctor's day",
    responses=problems(UnknownDoctor),
)
async def get_line(
    doctor_id: KnownId,
    query: Annotated[DayQuery, Query()],
    queues: TheQueues,
    _caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
) -> LineOut:
    """Who was called, then who is here, then who is yet to come.

    Of each of these three first the emergencies, of whatever slot, then the others slot by slot
    in order of time; all by rank. `position` and `estimatedTime` are those of the token's own
    slot.
    """
    return show_line(await queues.of_doctor(doctor_id, query.date))
