"""The start, for a program: what there is. For people it is a page."""

import msgspec
from fastapi import Request, Response

from answers.answer import Answer

_LINKS = {"docs": "docs", "reference": "redoc", "openapi": "openapi.json", "ready": "readyz"}
"""By name the path from here."""


class Start(Answer, frozen=True):
    """What this is, and where to go on: paths by name."""

    name: str
    version: str
    links: dict[str, str]


def tell_start(request: Request) -> Response:
    """As JSON."""
    app, root = request.app, request.scope.get("root_path", "")
    links = {name: f"{root}/{path}" for name, path in _LINKS.items()}
    told = Start(name=app.title, version=app.version, links=links)
    return Response(msgspec.json.encode(told), media_type="application/json")
