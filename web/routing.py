"""Routes of pages: who may not see one is led to the sign-in, or told what lacks.

Programs, which ask for no HTML, are answered with a problem as everywhere.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from models.errors import Refusal, Unauthenticated
from routes.errors import malformed, refused
from routes.methods import SAFE
from routes.replies import AnswerRoute
from services.wording.catalogue import message
from web.forms import Faults, read_form
from web.pages import SAME_ORIGIN, own_path, page, redirect, refusal_page, wants_a_page


class PageRoute(AnswerRoute):
    """A page, or what a form of one is sent to; the form's hidden field `csrf` proves its page.

    Whoever is not let in is led to its `door`.
    """

    door = "/sign-in"
    referrer_policy = SAME_ORIGIN

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Awaitable[object]],
        **options: Any,  # noqa: ANN401  # whatever else FastAPI hands to a route
    ) -> None:
        super().__init__(path, endpoint, **options)
        if not SAFE.issuperset(self.methods or ()):
            self.app = _with_its_form(self.app)

    def refuse(self, request: Request, refusal: Refusal) -> Response:
        """Tell a browser; whoever has not signed in is led there, and back."""
        if isinstance(refusal, Unauthenticated):
            return redirect(request, f"{self.door}?next={quote(own_path(request))}")
        return refusal_page(request, refusal)


def _with_its_form(app: ASGIApp) -> ASGIApp:
    async def read_then_answer(scope: Scope, receive: Receive, send: Send) -> None:
        form = await read_form(Request(scope, receive))
        scope["state"] |= {"form": form, "csrf": form.get("csrf", "")}
        await app(scope, receive, send)

    return read_then_answer


def install(app: FastAPI) -> None:
    """What is refused on a page is told on one."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Faults, _of_no_page)


async def _refused(request: Request, error: Exception) -> Response:
    route = _page_of(request)
    if route is None:
        return await refused(request, error)
    assert isinstance(error, Refusal)  # noqa: S101  # registered for it
    return route.refuse(request, error)


async def _malformed(request: Request, error: Exception) -> Response:
    if _page_of(request) is None:
        return await malformed(request, error)
    return page(request, "nothing_here.html", {}, status=404)


async def _of_no_page(request: Request, error: Exception) -> Response:  # noqa: ARG001  # Starlette's
    """Hidden fields that no page of ours wrote."""
    told = message("This form is of no page here. Open the page again, and send it from there.")
    return page(request, "refusal.html", {"refusal": ""}, refused=Faults({"": told}))


def _page_of(request: Request) -> PageRoute | None:
    """The page that a browser asks for; None for what a program asks."""
    route = request.scope.get("route")
    return route if isinstance(route, PageRoute) and wants_a_page(request) else None
