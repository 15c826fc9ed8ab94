"""Watching: told what happens as it happens, in place of asking again and again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from starlette.requests import HTTPConnection
from starlette.routing import Match, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from answers.watching import QueueMessage, TokenMessage, Told
from models.access import Permission
from models.errors import Refusal, TooManyWatchers, UnknownDoctor, UnknownToken
from routes.access import guarded, needs, recognise, sight_of
from routes.deps import NO_UNKNOWN_QUERY, Stage, TheStage
from routes.errors import refusal_answer
from routes.fields import SomeId, refused_as
from routes.problems import problems
from routes.replies import SCHEMAS, AnswerRoute
from routes.streams import EventStream, MayWatch, tell_by_websocket
from services.caller import Caller
from services.watcher import Watcher

MOST_DOCTORS = 100
_LARGEST = 2**53


class StreamRoute(AnswerRoute):
    """Its answer has no end; these are the messages of it."""

    answer = Told


router = APIRouter(
    prefix="/api", tags=["queue"], dependencies=[NO_UNKNOWN_QUERY], route_class=StreamRoute
)

_Seq = Annotated[
    int,
    Field(ge=0, le=_LARGEST),
    refused_as("invalid_cursor", "It is the seq of an event, a whole number from 0."),
]


class StreamQuery(BaseModel):
    """What to watch."""

    model_config = ConfigDict(extra="forbid")

    doctorId: Annotated[list[SomeId], Field(max_length=MOST_DOCTORS)] = Field(  # noqa: N815  # as it travels
        [], description="Whose lines; may be given several times. None: all that one may read"
    )
    tokenId: SomeId | None = Field(None, description="In place of lines this token")  # noqa: N815  # as it travels
    after: _Seq | None = Field(
        None, description="The seq of the last event seen, to be told what came since"
    )


def _documented() -> dict[str, object]:
    (schema,), _ = msgspec.json.schema_components([Told], ref_template=SCHEMAS)
    kinds = " or ".join(kind.__name__ for kind in (QueueMessage, TokenMessage))
    return {
        "description": f"Server-sent events without end; the `data` of each is a {kinds}",
        "content": {"text/event-stream": {"schema": schema}},
    }


@router.get(
    "/stream",
    summary="Watch lines, or a token",
    response_class=Response,
    responses={200: _documented(), **problems(UnknownDoctor, UnknownToken, TooManyWatchers)},
)
async def watch(
    query: Annotated[StreamQuery, Query()],
    stage: TheStage,
    caller: Annotated[Caller, needs(Permission.READ_QUEUE, Permission.READ_PATIENT)],
    request: Request,
    last_event_id: Annotated[
        _Seq | SkipJsonSchema[None],  # a header is there or not
        Header(description="As a browser sends it that comes again; before `after`"),
    ] = None,
) -> Response:
    """Begins with how all stands, then tells each change, within a tenth of a second or two.

    Each event's `id` is the `seq` up to which all was told: with `Last-Event-ID`, or `after`, the
    stream goes on behind it, with nothing left out and nothing told twice; after too long, or a
    restore, it begins anew. A comment every 15 s of silence. A line's `queue` is as
    `GET /api/queue/{doctorId}` shows it, a token as `GET /api/tokens/{tokenId}` does, `changes` as
    `GET /api/events` does, to this caller: who may not read names is told none. It ends within 5 s
    of the right to it; who does not read is cut off. The same by WebSocket, for one doctor:
    `/ws/queue/{doctorId}`, where the text `get_status` has all shown again.
    """
    after = query.after if last_event_id is None else last_event_id
    doctor_ids, token_id = tuple(query.doctorId), query.tokenId
    watcher = await _begin(stage, caller, doctor_ids, token_id, after)
    return EventStream(stage.feed, watcher, _right(request, stage, watcher, doctor_ids, token_id))


async def _begin(
    stage: Stage,
    caller: Caller,
    doctor_ids: Sequence[str],
    token_id: str | None,
    after: int | None,
) -> Watcher:
    """Raises what asking for each of them would raise."""
    watched = await stage.easel.watching.watched(caller, doctor_ids, token_id)
    if token_id is not None:
        await stage.tokens.get(caller, token_id)
    else:
        for doctor_id in doctor_ids:
            await stage.queues.of_doctor(caller, doctor_id, None)
    await stage.easel.watching.record(caller, watched)
    return await stage.feed.watch(stage.easel.views(watched), after)


def _right(
    connection: HTTPConnection,
    stage: Stage,
    watcher: Watcher,
    doctor_ids: Sequence[str],
    token_id: str | None,
) -> MayWatch:
    """Whether whoever came with these credentials would still be shown the same.

    Who may is recorded as a reader in each minute; what can't be recorded is shown no longer.
    """
    watching = stage.easel.watching
    recorded = _minute(stage)

    async def may() -> bool:
        nonlocal recorded
        try:
            principal = await recognise(connection.scope)
            caller = Caller(principal=principal, request_id=connection.state.request_id)
            watched = await watching.watched(caller, doctor_ids, token_id)
            if stage.easel.views(watched) != watcher.views:
                return False
            if recorded != (now := _minute(stage)):
                await watching.record(caller, watched)
                recorded = now
        except Refusal:
            return False
        return True

    return may


def _minute(stage: Stage) -> datetime:
    return stage.easel.clock.now().replace(second=0, microsecond=0)


# By WebSocket


async def _watch_by_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    socket = WebSocket(scope, receive, send)
    stage = Stage.of(socket)
    caller = Caller(principal=socket.state.principal, request_id=socket.state.request_id)
    doctor_ids = (socket.path_params["doctor_id"],)
    watcher = await _begin(stage, caller, doctor_ids, None, _after(socket))
    may = _right(socket, stage, watcher, doctor_ids, None)
    await tell_by_websocket(socket, stage.feed, watcher, may)


def _after(socket: WebSocket) -> int | None:
    """What is no number is no event that anybody saw: it begins anew."""
    told = socket.query_params.get("after", "")
    return (
        int(told) if told.isascii() and told.isdigit() and len(told) < len(str(_LARGEST)) else None
    )


def _refusing(app: ASGIApp) -> ASGIApp:
    """Refuses before a WebSocket is accepted, with a problem as everywhere."""

    async def accept_or_refuse(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Refusal as refusal:
            socket = WebSocket(scope, receive, send)
            answer = refusal_answer(refusal, socket.state.opd.words, sight_of(socket))
            await answer(scope, receive, send)

    return accept_or_refuse


class SocketRoute(WebSocketRoute):
    """A WebSocket for those alone who have the permission somewhere."""

    def __init__(self, path: str, app: ASGIApp, permission: Permission) -> None:
        super().__init__(path, _nothing)
        self.permissions = (permission,)
        self.app = _refusing(guarded(app, self.permissions))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Names itself, for the log and the metrics."""
        match, found = super().matches(scope)
        return match, {**found, "route": self}


async def _nothing(_: WebSocket) -> None:
    """The route's own app takes its place."""


router.routes.append(
    SocketRoute("/ws/queue/{doctor_id}", _watch_by_websocket, Permission.READ_QUEUE)
)
