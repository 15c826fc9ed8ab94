"""From refusals to answers: the only place that knows their HTTP status."""

import http
import re
from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from answers.refusals import help_of
from answers.sight import Sight
from models import errors
from models.errors import Refusal
from routes.access import sight_of
from routes.problem_document import Fault, answer
from services.wording.catalogue import Catalogue
from services.wording.refusals import word_refusal
from services.wording.titles import title_refusal

MOST_BODY_BYTES = 64 * 1024

STATUS: Mapping[type[Refusal], int] = {
    errors.NotFound: 404,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.SignInFailed: 401,
    errors.CsrfFailed: 403,
    errors.TlsNeeded: 403,
    errors.NotYourLine: 403,
    errors.ProviderRefused: 403,
    errors.IdentityUnproven: 403,
    errors.NoRoleForGroups: 403,
    errors.AccountDisabled: 403,
    errors.RateLimited: 429,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.TooLate: 422,
    errors.Unacceptable: 422,
    errors.Unavailable: 503,
}
"""A refusal has the status of its nearest ancestor here."""

_CODES = {
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "string_unicode": "unknown_field",  # its name holds half a character
    "json_invalid": "not_json",
    "model_attributes_type": "not_an_object",
}
_FIELD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SENTENCES = {
    "missing_field": "This field is needed.",
    "unknown_field": "There is no such field here; check its spelling, or leave it out.",
    "not_json": "The body is not valid JSON.",
    "not_an_object": "The body must be a JSON object, {…}, sent as application/json.",
}


def status_of(refusal: type[Refusal]) -> int:
    """The HTTP status of a refusal. KeyError when it is unmapped, which a test rules out."""
    for ancestor in refusal.__mro__:
        if ancestor in STATUS:
            return STATUS[ancestor]
    raise KeyError(refusal)


def install(app: FastAPI) -> None:
    """Every error leaves the app as a problem."""
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, _no_such_route)


async def refused(request: Request, error: Exception) -> Response:
    """The problem of a refusal."""
    assert isinstance(error, Refusal)  # noqa: S101  # registered for it
    words: Catalogue = request.state.opd.words
    return refusal_answer(error, words, sight_of(request))


def refusal_answer(refusal: Refusal, words: Catalogue, sight: Sight | None = None) -> Response:
    """The answer to what the service refuses; without `sight`, as anybody may know it."""
    headers = None
    if isinstance(refusal, errors.Unavailable | errors.RateLimited):
        headers = {"Retry-After": str(refusal.retry_after_seconds)}
    if isinstance(refusal, errors.Unauthenticated):
        headers = {"WWW-Authenticate": "Bearer"}
    return answer(
        refusal.code,
        title_refusal(refusal, words),
        status_of(type(refusal)),
        word_refusal(refusal, words),
        help_=help_of(refusal, sight),
        headers=headers,
    )


async def malformed(_: Request, error: Exception) -> Response:
    """The problem of a request that is not of the shape that is asked for."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for it
    return not_understood(
        [_fault(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()]
    )


def not_understood(faults: Sequence[Fault]) -> Response:
    """The answer to what is not of the shape that is asked for; the first fault gives its code."""
    first = faults[0]
    where = f"{first.field}: " if first.field else ""
    return answer(
        first.code,
        "Request not understood",
        422,
        f"{where}{first.detail}",
        help_={"errors": faults},
    )


def _fault(loc: Sequence[int | str], type_: str, message: str) -> Fault:
    code = _CODES.get(type_, type_ if " " not in type_ else "invalid_value")
    if code == "not_json":
        loc = ()
    if type_ == "missing" and len(loc) == 1:  # no body at all
        code = "not_an_object"
    field = ".".join(str(part) for part in loc[1:])
    if not _FIELD.fullmatch(field):
        field = ""  # made up by the caller: it may be a patient's name
    return Fault(
        field=field, code=code, detail=_SENTENCES.get(code, message) if type_ in _CODES else message
    )


async def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for it
    if error.status_code == http.HTTPStatus.NOT_FOUND:
        return unknown_path()
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        detail = "This path does not take this method. /docs shows which it takes."
        allowed = _allowed(request, error)
        return answer("method_not_allowed", "Method not allowed", 405, detail, headers=allowed)
    if error.status_code == http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large()
    if error.status_code == http.HTTPStatus.BAD_REQUEST:
        return not_understood([Fault(field="", code="not_json", detail=_SENTENCES["not_json"])])
    title = http.HTTPStatus(error.status_code).phrase
    return answer("http_error", title, error.status_code, title, headers=error.headers)


def _allowed(request: Request, error: HTTPException) -> Mapping[str, str]:
    """What the path takes, each method from a route of its own; the framework tells the first's.

    Asked of the routes: to make the document for it would hold everybody up for half a second.
    """
    path = getattr(request.scope.get("route"), "path_format", None)
    methods = {
        method
        for route in request.app.routes
        if isinstance(route, APIRoute) and route.include_in_schema and route.path_format == path
        for method in route.methods or ()
    }
    return {"Allow": ", ".join(sorted(methods))} if methods else error.headers or {}


def unknown_path() -> Response:
    """The answer where there is nothing."""
    detail = "There is nothing at this path. /docs shows what there is."
    return answer("unknown_path", "Unknown path", 404, detail)


def too_large() -> Response:
    """The answer to a body over 64 kB."""
    detail = f"A request has at most {MOST_BODY_BYTES} bytes."
    return answer("body_too_large", "Request too large", 413, detail)


def internal_error() -> Response:
    """The answer when something is wrong with the service itself."""
    detail = "Something went wrong in the service. The operator finds it by the X-Request-ID."
    return answer("internal_error", "Internal error", 500, detail)
