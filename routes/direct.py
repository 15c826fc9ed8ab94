"""The short way to a handler, for requests that are as they should be.

For each request anew FastAPI finds out in general terms what its route wants. That took more of a
request's time than all else that happened to it. Here it is found out once, from what FastAPI read
in the handler's signature. A request with anything in it that is not well-formed, or not of the
kinds known here, goes FastAPI's own way from the start: so errors and documentation have one
source. What it may have passed by then is asked again, so a dependency must change nothing.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl

import msgspec
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from msgspec import Struct
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Arguments = dict[str, object]

_decode = msgspec.json.Decoder().decode


def with_short_way(route: APIRoute) -> ASGIApp:
    """The app of a route, with a short way where what it asks for is known here."""
    general = route.app
    plan = _plan(route.dependant)
    if plan is None:
        return general

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        read: list[Message] = []
        try:
            given = await _arguments(plan, scope, receive, read)
        except _OtherWay:
            await general(scope, _once_more(read, receive), send)
            return
        answer: Response = await plan.call(**given)
        await answer(scope, receive, send)

    return app


class _OtherWay(Exception):
    """It is FastAPI's turn."""


class _Field(Protocol):
    """FastAPI's own: it validates by the type in the signature."""

    @property
    def name(self) -> str: ...
    @property
    def alias(self) -> str: ...
    @property
    def default(self) -> Any: ...  # noqa: ANN401  # whatever the signature says
    def validate(self, value: object, /) -> tuple[object, Sequence[object]]: ...


class _Plan(Struct, frozen=True):
    """What a handler or a dependency is called with, by the names of its arguments.

    Only a handler has a `body`, or a `query`, a model of all that may stand in it. A need without a
    name is asked, and its answer dropped. A header has its name in bytes, its field, and what counts
    where it is left out.
    """

    call: Callable[..., Awaitable[Any]]
    needs: tuple[tuple[str | None, "_Plan"], ...]
    path: tuple[_Field, ...]
    headers: tuple[tuple[bytes, _Field, object], ...]
    query: _Field | None
    body: _Field | None
    request: str | None
    response: str | None


# Once for a route


_UNKNOWN = (
    "cookie_params",
    "websocket_param_name",
    "http_connection_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
    "concurrency",
)
"""What no busy route asks for."""


def _plan(dependant: Dependant) -> _Plan | None:
    """What FastAPI found in a signature; None if there is more in it than is known here."""
    call = dependant.call
    body, query = dependant.body_params, dependant.query_params
    needs = [(need.name, _plan(need)) for need in dependant.dependencies]
    known = [
        (name, need)
        for name, need in needs
        if need is not None and need.body is None and need.query is None
    ]
    if (
        call is None
        or not inspect.iscoroutinefunction(call)
        or len(known) < len(needs)
        or len(body) > 1
        or any(getattr(field.field_info, "embed", None) for field in body)
        or len(query) > 1
        or not all(_is_model(field.field_info.annotation) for field in query)
        or any(field.field_info.is_required() for field in dependant.header_params)
        or any(getattr(dependant, name) for name in _UNKNOWN)
    ):
        return None
    return _Plan(
        call=call,
        needs=tuple(known),
        path=tuple(dependant.path_params),
        headers=tuple(
            (field.alias.lower().encode(), field, field.default)
            for field in dependant.header_params
        ),
        query=query[0] if query else None,
        body=body[0] if body else None,
        request=dependant.request_param_name,
        response=dependant.response_param_name,
    )


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


# For each request


async def _arguments(plan: _Plan, scope: Scope, receive: Receive, read: list[Message]) -> Arguments:
    headers = dict(scope["headers"])
    # FastAPI knows what to say of a query nobody asks for, and which counts of what came twice.
    if (scope["query_string"] and plan.query is None) or len(headers) < len(scope["headers"]):
        raise _OtherWay
    body = None if plan.body is None else await _read_body(receive, read)
    given = await _solve(plan, Request(scope, receive), headers)
    if plan.query is not None:
        given[plan.query.name] = _valid(plan.query, _read_query(scope["query_string"]))
    if plan.body is not None:
        given[plan.body.name] = _valid(plan.body, body)
    return given


def _read_query(text: bytes) -> dict[str, str]:
    told = parse_qsl(text.decode("latin-1"), keep_blank_values=True)
    query = dict(told)
    if len(query) < len(told):
        raise _OtherWay
    return query


async def _read_body(receive: Receive, read: list[Message]) -> object:
    more = True
    while more:
        message = await receive()
        read.append(message)
        if message["type"] != "http.request":
            raise _OtherWay
        more = message.get("more_body", False)
    content = b"".join(message.get("body", b"") for message in read)
    try:
        return _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _OtherWay from None


def _once_more(read: list[Message], receive: Receive) -> Receive:
    """What was read is received again, then what follows."""
    again = iter(read)

    async def receive_again() -> Message:
        message = next(again, None)
        return await receive() if message is None else message

    return receive_again if read else receive


async def _solve(plan: _Plan, request: Request, headers: Mapping[bytes, bytes]) -> Arguments:
    given = _told(plan, request, headers)
    for name, need in plan.needs:
        asked = (
            await _solve(need, request, headers) if need.needs else _told(need, request, headers)
        )
        found = await need.call(**asked)
        if name is not None:
            given[name] = found
    return given


def _told(plan: _Plan, request: Request, headers: Mapping[bytes, bytes]) -> Arguments:
    """What stands in the request itself."""
    given: Arguments = {}
    for field in plan.path:
        given[field.name] = _valid(field, request.scope["path_params"][field.alias])
    for key, field, default in plan.headers:
        told = headers.get(key)
        given[field.name] = default if told is None else _valid(field, told.decode("latin-1"))
    if plan.request is not None:
        given[plan.request] = request
    if plan.response is not None:
        given[plan.response] = _unset_response()
    return given


def _valid(field: _Field, value: object) -> object:
    valid, problems = field.validate(value)
    if problems:
        raise _OtherWay
    return valid


def _unset_response() -> Response:
    """As FastAPI gives it to a handler: what is set on it counts, the rest is not there."""
    response = Response()
    response.raw_headers = []
    response.status_code = None  # type: ignore[assignment]  # as FastAPI has it: not set
    return response
