"""The clock of a service that keeps nothing: whoever tries it out lets a day pass as they like."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from answers.clock import ClockOut
from models.access import Permission
from models.errors import ClockGoesBack
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheClocks
from routes.fields import Body, example, refused_as
from routes.line_fields import Moment
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller

router = APIRouter(
    prefix="/api/dev",
    tags=["operation"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)

FASTEST = 3600
"""An hour a second: what happens by time alone is then minutes late."""


class ClockIn(Body):
    """When the clock goes on from, and how fast; without `now` it goes on from where it stands."""

    model_config = example(now="2030-01-15T09:00:00+05:30", speed=60)

    now: Moment | None = None
    speed: Annotated[
        float,
        Field(ge=0, le=FASTEST, strict=True, examples=[60]),
        refused_as("invalid_speed", f"speed is a number from 0 to {FASTEST}.", int),
    ] = 1


@router.put("/clock", summary="Set the clock of a try-out", responses=problems(ClockGoesBack))
async def set_clock(
    body: ClockIn,
    clocks: TheClocks,
    caller: Annotated[Caller, needs(Permission.MANAGE_ACCESS)],  # noqa: ARG001  # who may at all
) -> ClockOut:
    """Only where `EMBEDDED_FILE=:memory:`: no real day is ever set.

    The time of slots and tokens follows it; sessions, keys, limits and the audit keep the machine's.
    It never goes back.
    """
    return ClockOut(now=clocks.set(body.now, body.speed), speed=body.speed)
