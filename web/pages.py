"""A page: from a template to an answer that a browser may only show."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.errors import RateLimited, Refusal
from routes.errors import status_of
from services.wording.catalogue import Catalogue
from services.wording.refusals import word_refusal
from services.wording.titles import title_refusal

_FOLDER = Path(__file__).parent
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    # Other sites learn no path. This one must, or browsers would send forms as from nowhere.
    "Referrer-Policy": "same-origin",
}


Told = Mapping[str, object]
"""What a template is told, by name."""


def page(request: Request, template: str, told: Told, status: int = 200) -> Response:
    """The page of this template."""
    words: Catalogue = request.state.opd.words
    html = _TEMPLATES.get_template(template).render(
        {"say": words.say, "root": request.scope.get("root_path", ""), **told}
    )
    return Response(html, status, headers=_HEADERS, media_type="text/html")


def refusal_page(
    request: Request, refusal: Refusal, template: str = "refusal.html", told: Told | None = None
) -> Response:
    """The page again, or one of its own, with what was refused and why."""
    words: Catalogue = request.state.opd.words
    refused = {"title": title_refusal(refusal, words), "sentence": word_refusal(refusal, words)}
    answer = page(request, template, {**(told or {}), "refused": refused}, status_of(type(refusal)))
    if isinstance(refusal, RateLimited):
        answer.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return answer


def redirect(request: Request, path: str) -> Response:
    """Go on by GET, to a path of this site."""
    root = request.scope.get("root_path", "")
    return Response(None, 303, headers={**_HEADERS, "Location": f"{root}{path}"})


def stylesheet() -> bytes:
    """The one of all pages."""
    return (_FOLDER / "static" / "style.css").read_bytes()
