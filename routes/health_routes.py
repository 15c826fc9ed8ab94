"""Whether the service lives, is ready, and how it fares."""

from typing import Annotated

from fastapi import APIRouter, Response
from msgspec import UNSET, UnsetType
from prometheus_client import CONTENT_TYPE_LATEST

from answers.answer import Answer
from models.access import Permission
from routes.access import holds, needs
from routes.deps import TheHealth, TheMetrics
from routes.replies import AnswerRoute, documented
from services.caller import Caller

router = APIRouter(tags=["operation"], route_class=AnswerRoute)


class Alive(Answer, frozen=True):
    """The process answers."""

    status: str


class Ready(Answer, frozen=True, omit_defaults=True):
    """All but `status` is for who has `metrics.read`. `reason` says in one line why it is not ready.

    `clockSkewSeconds` is how far this server's clock is ahead of the database's.

    `relayLagSeconds` ago every event written until then had been copied to the list of events.
    """

    status: str
    reason: str | UnsetType | None = UNSET
    database: str | UnsetType = UNSET
    driver: str | UnsetType = UNSET
    database_answers: bool | UnsetType = UNSET
    clock_skew_seconds: float | UnsetType | None = UNSET
    relay_lag_seconds: float | UnsetType | None = UNSET


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    """Always 200 while the process runs."""
    return Alive(status="alive")


@router.get(
    "/readyz",
    summary="Can it take requests?",
    responses={503: documented(Ready, "Not ready")},
)
async def readyz(
    health: TheHealth,
    causes: Annotated[bool, holds(Permission.READ_METRICS)],
    response: Response,
) -> Ready:
    """200 while the database reads and writes, tells who may ask and agrees on the time, else 503.

    It tells what was seen last, at most some seconds ago.
    """
    report = health.report()
    status = "ready" if report.ready else "not ready"
    if not report.ready:
        response.status_code = 503
    if not causes:
        return Ready(status=status)
    return Ready(
        status=status,
        reason=report.reason,
        database=report.database,
        driver=report.driver,
        database_answers=report.answers,
        clock_skew_seconds=report.clock_skew_seconds,
        relay_lag_seconds=report.relay_lag_seconds,
    )


@router.get("/metrics", summary="Figures for Prometheus", include_in_schema=False)
async def metrics(
    the_metrics: TheMetrics, _: Annotated[Caller, needs(Permission.READ_METRICS)]
) -> Response:
    """The text format of Prometheus."""
    return Response(the_metrics.text(), media_type=CONTENT_TYPE_LATEST)
