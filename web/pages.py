"""A page: from a template to an answer that a browser may only show."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.access import Principal
from models.errors import CsrfFailed, Forbidden, RateLimited, Refusal, Unauthenticated, Unavailable
from routes.cookies import held_session
from routes.errors import status_of
from routes.methods import SAFE
from services.access.access import Access
from services.access.sessions import csrf_token
from services.clock import Clock
from services.ids import secret
from services.wording.catalogue import Catalogue, catalogue_in, languages
from services.wording.refusals import word_refusal
from services.wording.titles import title_refusal
from web.forms import Faults, Form, return_path
from web.languages import words_of
from web.navigation import open_to, standing_at
from web.static_files import address_of
from web.told import forget, tell_next, told_before

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}
SAME_ORIGIN = "same-origin"
"""Other sites learn no path. This one must, or browsers would send forms as from nowhere."""


Told = Mapping[str, object]
"""What a template is told, by name."""


def page(
    request: Request,
    template: str,
    told: Told,
    *,
    refused: Faults | Refusal | None = None,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    """The page of this template.

    After a form that was refused: why, and the fields of the form as they were sent. Who may not do
    it at all is told so on a page of its own, so that is raised.
    """
    if form is not None:
        raise_if_told_elsewhere(request, refused)
    words, happened = words_of(request), told_before(request)
    shown = {
        **_of_each_page(request, words),
        "happened": happened,
        "fields": {} if form is None else form.fields,
        **_refusal_told(refused, words),
        **told,
    }
    html = _TEMPLATES.get_template(template).render(shown)
    answer = Response(html, status, headers=_headers(request), media_type="text/html")
    if isinstance(refused, Refusal):
        answer.status_code = status_of(type(refused))
    elif refused is not None:
        answer.status_code = 422
    if isinstance(refused, RateLimited | Unavailable):
        answer.headers["Retry-After"] = str(refused.retry_after_seconds)
    if happened is not None:
        forget(answer)
    return answer


def raise_if_told_elsewhere(request: Request, refused: Faults | Refusal | None) -> None:
    """What is told on a page of its own, and whatever is refused to a program."""
    for_no_form = isinstance(refused, Unauthenticated | Forbidden | CsrfFailed)
    if isinstance(refused, Refusal) and (for_no_form or not wants_a_page(request)):
        raise refused


def wants_a_page(request: Request) -> bool:
    """Whether whoever asks reads HTML, as browsers do."""
    return "text/html" in request.headers.get("accept", "")


def refusal_page(request: Request, refusal: Refusal) -> Response:
    """A page of its own for what was refused, and why."""
    return page(request, "refusal.html", {"refusal": refusal.code}, refused=refusal)


def redirect(request: Request, path: str, told: str | None = None) -> Response:
    """Go on by GET, to a path of this site, where it is told what happened."""
    root = request.scope.get("root_path", "")
    answer = Response(None, 303, headers={**_headers(request), "Location": f"{root}{path}"})
    if told is not None:
        tell_next(request, answer, told)
    return answer


def _headers(request: Request) -> Mapping[str, str]:
    policy = getattr(request.scope.get("route"), "referrer_policy", SAME_ORIGIN)
    return {**_HEADERS, "Referrer-Policy": policy}


def own_path(request: Request) -> str:
    """Where the page stands that was asked for, or that the form was on, in this site."""
    address = str(request.url)
    if request.method not in SAFE:
        address = request.headers.get("referer", "")
    parts = urlsplit(address)
    path = parts.path.removeprefix(request.scope.get("root_path", ""))
    return return_path(path + (f"?{parts.query}" if parts.query else ""))


def _of_each_page(request: Request, words: Catalogue) -> Told:
    root: str = request.scope.get("root_path", "")
    clock: Clock = request.state.clock
    access: Access = request.state.opd.access
    principal: Principal | None = request.scope["state"].get("principal")
    held = held_session(request)
    return {
        "say": words.say,
        "count": words.count,
        "words": words,
        "root": root,
        "asset": lambda name: root + address_of(name),
        "new_key": secret,
        "facility": request.state.opd.home.name,
        "here": own_path(request),
        "others": [catalogue_in(each) for each in languages() if each != words.language],
        "entries": open_to(principal, clock.now()),
        "current": standing_at(own_path(request)),
        "who": None if principal is None else access.name_of(principal),
        "csrf": "" if held is None else csrf_token(held),
    }


def _refusal_told(refused: Faults | Refusal | None, words: Catalogue) -> Told:
    """`refused` has a code, a title and a sentence, `faults` a sentence for each field."""
    if isinstance(refused, Refusal):
        sentence = word_refusal(refused, words)
        return {
            "refused": {
                "code": refused.code,
                "title": title_refusal(refused, words),
                "sentence": sentence,
            },
            "faults": {},
        }
    if refused is None:
        return {"refused": None, "faults": {}}
    faults = {name: words.say(sentence) for name, sentence in refused.by_field.items()}
    sentence = faults.get("", words.say("What is wrong stands beside each field."))
    return {
        "refused": {"code": "", "title": words.say("Not understood"), "sentence": sentence},
        "faults": faults,
    }
