"""What the documentation pages say besides the operations themselves."""

import inspect

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from routes.problem_document import Problem
from routes.problems import PROBLEM
from routes.replies import SCHEMAS, AnswerRoute

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
            _tell_of_browsers(schema["paths"])
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _tell_of_browsers(paths: dict[str, dict[str, dict[str, dict[str, object]]]]) -> None:
    """What whoever changes something may be refused for, before a route is asked."""
    for operations in paths.values():
        for method, operation in operations.items():
            if method != "get":
                operation["responses"] |= {
                    "403": _problem("`other_origin`"),
                    "415": _problem("`unsupported_media_type`"),
                }


def _problem(told: str) -> dict[str, object]:
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {"description": told, "content": content}


def _answers(app: FastAPI) -> dict[str, dict[str, object]]:
    """The schemas of the structs that routes answer, of what these hold, and of a problem."""
    routes = [context.original_route for context in iter_route_contexts(app.routes)]
    kinds = [route.answer for route in routes if isinstance(route, AnswerRoute) and route.answer]
    _, schemas = msgspec.json.schema_components([*kinds, Problem], ref_template=SCHEMAS)
    for schema in schemas.values():
        schema["description"] = inspect.cleandoc(schema["description"])
        if "enum" in schema:
            schema["type"] = "string"  # which msgspec leaves to the reader
    schemas[Problem.__name__]["additionalProperties"] = True
    return schemas
