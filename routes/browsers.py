"""What browsers are told: whose pages may call the service, and what may be done with its answers."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from routes.problem_document import answer

ON_EACH_ANSWER = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"x-robots-tag", b"noindex"),
)
UNLESS_IT_SAYS = (
    (b"cache-control", b"no-store"),  # it holds patients' data
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),  # an address may hold a patient's link
)
"""Of answers that say nothing else. A page says what it needs; one with a form also that browsers are
to tell this site where the form is from, which `no-referrer` would keep from it."""

_SENT = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Last-Event-ID",
    "X-Actor",
    "X-Request-ID",
]
_SHOWN = [
    "X-Request-ID",
    "Retry-After",
    "Link",
    "Allow",
    "Idempotent-Replayed",
    "X-Incomplete",
    "X-Newest-Seq",
]
_PREFLIGHT_SECONDS = 600


class PortalPages(CORSMiddleware):
    """Lets the pages of these origins call the service from a browser. No cookies: it has none."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=sorted(origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=_SENT,
            expose_headers=_SHOWN,
            max_age=_PREFLIGHT_SECONDS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """As Starlette's, but a refusal is a problem, like all others."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        detail = "CORS_ORIGINS has no such site, or this method or header is not for pages."
        given = {
            name: told
            for name, told in response.headers.items()
            if name.startswith("access-control-") or name == "vary"
        }
        return answer("preflight_refused", "Preflight refused", 400, detail, headers=given)
