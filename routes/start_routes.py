"""The start: what there is, for a person with a browser and for a program."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Request, Response

from answers.answer import Answer

router = APIRouter()

_LINKS = (
    ("docs", "docs", "Try the API"),
    ("reference", "redoc", "Read about the API"),
    ("openapi", "openapi.json", "The API for programs"),
    ("ready", "readyz", "Can it take requests?"),
)
"""A name for programs, the path from here, and what a person is told."""


class Start(Answer, frozen=True):
    """What this is, and where to go on: paths by name."""

    name: str
    version: str
    links: dict[str, str]


@router.get("/", include_in_schema=False)
async def start(request: Request, accept: Annotated[str, Header()] = "") -> Response:
    """A page to whoever asks for HTML, as browsers do; else the same as JSON."""
    app, root = request.app, request.scope.get("root_path", "")
    vary = {"Vary": "Accept"}
    if "text/html" in accept:
        return Response(_page(app.title, app.version), headers=vary, media_type="text/html")
    links = {name: f"{root}/{path}" for name, path, _ in _LINKS}
    told = Start(name=app.title, version=app.version, links=links)
    return Response(msgspec.json.encode(told), headers=vary, media_type="application/json")


def _page(title: str, version: str) -> str:
    """Without style or script, which the answer's Content-Security-Policy allows to none."""
    items = "\n".join(f'<li><a href="{path}">{words}</a></li>' for _, path, words in _LINKS)
    return (
        f'<!doctype html>\n<html lang="en">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<h1>{title}</h1>\n<p>Version {version}.</p>\n<ul>\n{items}\n</ul>\n</html>\n"
    )
