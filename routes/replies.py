"""From a handler's struct to the bytes of its answer, and to its place in the documentation."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from fastapi import Response
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from models.access import Permission
from routes.access import declared, guarded
from routes.direct import with_short_way

SCHEMAS = "#/components/schemas/{name}"

_encode = msgspec.json.Encoder().encode


class AnswerRoute(APIRoute):
    """A route whose operation is called as its handler, which returns a struct, or a list of structs.

    Its signature names them; `Annotated[Raw, Struct]` is one that is encoded already. The answer is
    encoded once, and its schema in the documentation is made from the struct itself. Headers and a
    status that the handler sets on a `Response` of its signature count. A handler that returns a
    `Response` is left as it is.
    """

    answer: object = None
    """The struct, or list of structs."""
    permissions: tuple[Permission, ...]
    """Any one of them opens it; none: it is open."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Awaitable[object]],
        **options: Any,  # noqa: ANN401  # whatever else FastAPI hands to a route
    ) -> None:
        options["operation_id"] = options["name"] or endpoint.__name__
        returned = get_type_hints(endpoint, include_extras=True)["return"]
        if get_origin(returned) is Annotated:
            returned = get_args(returned)[1]
        if returned is not Response:
            self.answer = returned
            status = options["status_code"] or 200
            told = documented(returned, "Successful Response")
            options["responses"] = {status: told, **(options["responses"] or {})}
            options["response_model"] = None  # pydantic has nothing to check
            endpoint = _encoding(endpoint, status)
        super().__init__(path, endpoint, **options)
        self.permissions = declared(self.dependant)
        self.app = with_short_way(self)
        if self.permissions:
            self.app = guarded(self.app, self.permissions)
        self._start = self.path_format.partition("{")[0]
        self._slashes = None if ":path}" in path else path.count("/")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Most paths are another route's: their beginning and depth tell before a pattern is tried."""
        asked: str = scope["path"]
        if not scope.get("root_path") and (
            not asked.startswith(self._start) or self._slashes not in (None, asked.count("/"))
        ):
            return Match.NONE, {}
        return super().matches(scope)


def documented(answer: object, description: str) -> dict[str, object]:
    """An answer of a route, for its documentation; its parts are made in routes/openapi.py."""
    (schema,), _ = msgspec.json.schema_components([answer], ref_template=SCHEMAS)
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _encoding(
    endpoint: Callable[..., Awaitable[object]], status: int
) -> Callable[..., Awaitable[Response]]:
    """The handler, whose struct leaves as JSON."""
    given_response = next(
        (
            name
            for name, parameter in inspect.signature(endpoint).parameters.items()
            if parameter.annotation is Response
        ),
        None,
    )

    @functools.wraps(endpoint)
    async def answer(**given: object) -> Response:
        reply = Response(_encode(await endpoint(**given)), status, media_type="application/json")
        told = given.get(given_response) if given_response else None
        if isinstance(told, Response):
            reply.raw_headers += told.raw_headers
            reply.status_code = told.status_code or status
        return reply

    return answer
