"""The line of a doctor's day."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from answers.configs import ConfigOut, show_config
from answers.lines import CalledOut, LineOut, SessionOut, show_called, show_line, show_session
from answers.numbers import AccuracyOut, show_accuracy
from models.access import Permission
from models.errors import (
    BadTransition,
    IdempotencyMismatch,
    NoSlot,
    OutcomeUnknown,
    StillIn,
    UnknownDoctor,
    UnknownToken,
    WrongDay,
)
from routes.access import TheSight, needs
from routes.config_requests import ConfigIn
from routes.deps import NO_UNKNOWN_QUERY, TheConfigs, TheNumbers, TheQueues, TheWords
from routes.fields import KnownId
from routes.line_requests import NextIn, SessionIn
from routes.pages import mark_replay
from routes.plan_requests import DayQuery, SpanQuery
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller
from services.requests import NextCall

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
    caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
    sight: TheSight,
) -> LineOut:
    """Who was called, then who is here in the order in which they are called, then who is to come.

    Without a date: of today, or of yesterday while that day's session runs. `position` and
    `estimatedTime` are those of the token's own slot.
    """
    return show_line(await queues.of_doctor(caller, doctor_id, query.date), sight)


@router.post(
    "/{doctor_id}/next",
    summary="Call the next patient",
    responses=problems(
        UnknownDoctor,
        UnknownToken,
        StillIn,
        BadTransition,
        WrongDay,
        IdempotencyMismatch,
        OutcomeUnknown,
    ),
)
async def call_next(
    doctor_id: KnownId,
    query: Annotated[DayQuery, Query()],
    queues: TheQueues,
    caller: Annotated[Caller, needs(Permission.CALL, creating=True)],
    *,
    response: Response,
    sight: TheSight,
    body: NextIn | None = None,
) -> CalledOut:
    """In one step: `finish` is completed, and whoever is first in line is called.

    Two who press at once call two patients; a repeat with the same `Idempotency-Key` calls nobody.
    `token` is null when nobody is there. It begins the session and ends a break. Of a line that is
    shared (`pool`) it is the first of those lines from which the caller may call: the token stays with
    its doctor, `doctorId`, and `servedBy` is this one.
    """
    asked = body or NextIn()
    view = await queues.call_next(
        caller, doctor_id, query.date, NextCall(room=asked.room, finish=asked.finish)
    )
    mark_replay(response, replayed=view.replayed)
    return show_called(view, sight)


@router.get(
    "/{doctor_id}/accuracy",
    summary="Tell how often the times that patients were told came true",
    responses=problems(UnknownDoctor, invalid_span=422),
)
async def get_accuracy(
    doctor_id: KnownId,
    query: Annotated[SpanQuery, Query()],
    numbers: TheNumbers,
    caller: Annotated[Caller, needs(Permission.READ_NUMBERS)],
    words: TheWords,
) -> AccuracyOut:
    """What patients were told at check-in, compared with when their consultations began.

    Without dates: of the last four weeks and today; 92 days at most. Who was away when called is
    left out. `words` can be shown to patients: of the four weeks before today, null while too few
    were told.
    """
    return show_accuracy(await numbers.accuracy(caller, doctor_id, query.from_, query.to), words)


@router.put(
    "/{doctor_id}/state",
    summary="Say whether the doctor sees patients",
    responses=problems(UnknownDoctor, NoSlot, WrongDay, OutcomeUnknown, missing_field=422),
)
async def set_state(
    doctor_id: KnownId,
    body: SessionIn,
    query: Annotated[DayQuery, Query()],
    queues: TheQueues,
    caller: Annotated[Caller, needs(Permission.CALL)],
) -> SessionOut:
    """A break shifts the estimated times to its end; whoever is called begins the session."""
    return show_session(
        await queues.set_session(
            caller, doctor_id, query.date, state=body.state, until=body.until, note=body.reason
        )
    )


@router.get(
    "/{doctor_id}/config",
    summary="Show how a doctor's line is run",
    responses=problems(UnknownDoctor),
)
async def get_config(
    doctor_id: KnownId,
    configs: TheConfigs,
    caller: Annotated[Caller, needs(Permission.CONFIGURE_QUEUE)],
) -> ConfigOut:
    """The doctor's own settings, which `own` names, and the service's for the rest."""
    return show_config(await configs.get(caller, doctor_id))


@router.put(
    "/{doctor_id}/config",
    summary="Say how a doctor's line is run",
    responses=problems(UnknownDoctor, OutcomeUnknown, nothing_to_change=422),
)
async def set_config(
    doctor_id: KnownId,
    body: ConfigIn,
    configs: TheConfigs,
    caller: Annotated[Caller, needs(Permission.CONFIGURE_QUEUE)],
) -> ConfigOut:
    """What is left out stays; null is as the service's settings have it.

    It counts for each day of the doctor's from yesterday on, from the next thing that is done there;
    tokens and seats that were given stay. After a 503 repeat it.
    """
    return show_config(await configs.change(caller, doctor_id, body.asked()))
