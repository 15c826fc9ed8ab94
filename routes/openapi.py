"""What the documentation pages say besides the operations themselves."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic.alias_generators import to_camel

from models.access import Permission
from models.errors import Forbidden, RateLimited, Unauthenticated
from routes.examples import Example, example_of, of_code
from routes.glossary import MEANING, title_of
from routes.problem_document import Problem
from routes.problems import problem
from routes.replies import SCHEMAS, AnswerRoute
from routes.shared_parts import share
from services.wording.titles import TITLES

Document = dict[str, Any]
"""An OpenAPI document, and below an operation of one: JSON, whose shape its own standard says."""
Operation = dict[str, Any]

DESCRIPTION = """
Who gets a token in a hospital's out-patient day, in which slot, in what order, and what happens
when the day goes wrong.

**A first token in three steps**: add a doctor (`POST /api/doctors`), add a slot
(`POST /api/slots`), book it (`POST /api/tokens/book`). Then look at the slot's queue
(`GET /api/tokens/queue/{slotId}`).

Bodies are camelCase (snake_case is understood). Dates and `HH:MM` are the facility's; instants
carry their offset. Ids are opaque. Every GET takes HEAD. A slot is closed, never deleted. An error is a problem document (RFC 9457) with a stable `code`.
Send an `Idempotency-Key` with whatever creates something, and repeat it without fear.
"""

TAGS = [
    {"name": "doctors", "description": "Whom patients come to see"},
    {"name": "slots", "description": "Stretches of a doctor's day with a seat count"},
    {"name": "tokens", "description": "One patient's claim on one doctor's time on one day"},
    {"name": "queue", "description": "Who is next in a doctor's day"},
    {"name": "events", "description": "What happened, and why"},
    {"name": "numbers", "description": "How long patients waited, and how many were seen"},
    {"name": "access", "description": "Who may do what"},
    {"name": "operation", "description": "For who runs the service"},
]


def describe(app: FastAPI) -> None:
    """Make the OpenAPI document hold the schemas of the answers, and of problems."""

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            schemas = schema["components"]["schemas"]
            schema["components"]["schemas"] = {**_answers(app), **schemas}
            schema["components"]["securitySchemes"] = _WAYS_IN
            _tell_of_access(_operations(schema), _permissions(app))
            _tell_of_browsers(_operations(schema))
            _tell_of_headers(_operations(schema))
            _name_and_describe(schema)
            share(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


_WAYS_IN = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A client's key: `opd_…`. Roles are permissions; any one of those named "
        "opens the operation, if it is held for the doctor it is about.",
    },
}


def _tell_of_access(
    operations: Iterable[tuple[str, Operation]], permissions: Mapping[str, Sequence[Permission]]
) -> None:
    """Which permissions open an operation, and how whoever has none is refused."""
    for _, operation in operations:
        if needed := permissions.get(operation["operationId"]):
            operation["security"] = [{way: [each] for way in _WAYS_IN} for each in needed]
            for refusal in (Unauthenticated(), Forbidden(needed[0]), RateLimited(30)):
                words = TITLES[type(refusal)]
                if isinstance(refusal, Forbidden):
                    words = f"{words}: needs {' or '.join(needed)}"
                _add_problem(operation, refusal.code, words, example_of(refusal))


def _tell_of_browsers(operations: Iterable[tuple[str, Operation]]) -> None:
    """What whoever changes something may be refused for, before a route is asked."""
    for method, operation in operations:
        if method != "get":
            for code in ("other_origin", "unsupported_media_type"):
                example = of_code(code)
                _add_problem(operation, code, str(example["title"]), example)


def _add_problem(operation: Operation, code: str, words: str, example: Example) -> None:
    """One error more that an operation may answer with, beside others of its status."""
    told = problem({code: (f"`{code}` ({words})", example)})
    responses = operation["responses"]
    before = responses.setdefault(str(example["status"]), told)
    if before is not told:
        before["description"] += f"; {told['description']}"
        (content,) = before["content"].values()
        content["examples"][code] = {"summary": code, "value": example}


def _tell_of_headers(operations: Iterable[tuple[str, Operation]]) -> None:
    """What answers carry besides their bodies."""
    for _, operation in operations:
        asked = {parameter["name"] for parameter in operation.get("parameters", ())}
        for status, response in operation["responses"].items():
            headers = {"X-Request-ID": _REQUEST_ID}
            if status in ("429", "503") and "application/problem+json" in response["content"]:
                headers["Retry-After"] = _RETRY_AFTER
            if status < "300" and "after" in asked and "application/json" in response["content"]:
                headers["Link"] = _LINK
            if status < "300" and "Idempotency-Key" in asked:
                headers["Idempotent-Replayed"] = _REPLAYED
            response.setdefault("headers", {}).update(headers)


def _header(description: str, schema: dict[str, object], *, always: bool) -> dict[str, object]:
    return {"description": description, "schema": schema, "required": always}


_REQUEST_ID = _header(
    "The id of the request, in log and events: the one it came with, or a new one",
    {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    always=True,
)
_RETRY_AFTER = _header(
    "So many seconds to wait before trying again", {"type": "integer", "minimum": 1}, always=True
)
_LINK = _header(
    'With rel="next" the next page; absent on the last one', {"type": "string"}, always=False
)
_REPLAYED = _header(
    "An earlier request with this Idempotency-Key had done it already",
    {"type": "string", "const": "true"},
    always=False,
)


def _name_and_describe(document: Document) -> None:
    """Each field and parameter gets a title in words, and what it means if it does not say so."""
    for name, schema in document["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            told["title"] = title_of(field)
            _describe(told, field, f"{name}.{field}")
    for _, operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            name = parameter["name"]
            parameter["schema"]["title"] = title_of(name)
            _describe(parameter, to_camel(name), f"{operation['operationId']}.{name}")


def _describe(told: dict[str, object], name: str, here: str) -> None:
    meaning = MEANING.get(here) or MEANING.get(name)
    if meaning is not None:
        told.setdefault("description", meaning)


def _operations(document: Document) -> list[tuple[str, Operation]]:
    return [
        (method, operation)
        for operations in document["paths"].values()
        for method, operation in operations.items()
    ]


def _permissions(app: FastAPI) -> dict[str, tuple[Permission, ...]]:
    """By operation, those of which any opens it."""
    return {str(route.operation_id): route.permissions for route in _routes(app)}


def _routes(app: FastAPI) -> list[AnswerRoute]:
    """Those of the API: a page's function may be called as an operation is."""
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    return [route for route in routes if isinstance(route, AnswerRoute) and route.include_in_schema]


def _answers(app: FastAPI) -> dict[str, dict[str, object]]:
    """The schemas of the structs that routes answer, of what these hold, and of a problem."""
    kinds = [route.answer for route in _routes(app) if route.answer]
    _, schemas = msgspec.json.schema_components([*kinds, Problem], ref_template=SCHEMAS)
    for schema in schemas.values():
        schema["description"] = inspect.cleandoc(schema["description"])
        if "enum" in schema:
            schema["type"] = "string"  # which msgspec leaves to the reader
    schemas[Problem.__name__]["additionalProperties"] = True
    return schemas
