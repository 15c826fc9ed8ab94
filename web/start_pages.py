"""The start: what this is, where to go on, and outside production a demo of it."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Header, Request, Response
from pydantic import Field

from models.access import Permission, Principal
from models.errors import Refusal
from routes.access import recognise
from routes.deps import TheDemo
from routes.fields import Body, refused_as
from routes.start_routes import tell_start
from services.clock import Clock
from services.demo import Demo, DemoFailed
from services.wording.catalogue import message
from simulator.plan import FASTEST, SPEED
from web.forms import Faults, Form, sent
from web.languages import words_of
from web.pages import page, redirect
from web.routing import PageRoute

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_STARTS_DEMO = Permission.MANAGE_ACCESS
"""It is a process of this machine: for who answers for the service."""
_SPEEDS = {
    10: message("slowly: an hour in six minutes"),
    SPEED: message("an hour in a minute"),
    300: message("fast: an hour in twelve seconds"),
}
SentToDemo = Annotated[Form, sent(_STARTS_DEMO)]


class DemoIn(Body):
    """A demo to start: so many times as fast as life."""

    speed: Annotated[
        int,
        Field(ge=1, le=FASTEST),
        refused_as("invalid_speed", f"speed is a whole number from 1 to {FASTEST}.", int),
    ] = SPEED


@router.get("/")
async def start_page(
    request: Request, demo: TheDemo, accept: Annotated[str, Header()] = ""
) -> Response:
    """A page to whoever asks for HTML, as browsers do; else the same as JSON."""
    if "text/html" in accept:
        request.scope["state"]["principal"] = await _known(request)
        answer = _shown(request, demo)
    else:
        answer = tell_start(request)
    answer.headers["Vary"] = "Accept"
    return answer


@router.post("/demo")
async def start_demo(request: Request, form: SentToDemo, demo: TheDemo) -> Response:
    """One at a time: while one runs, the page leads to that one."""
    words = words_of(request)
    if demo is None:
        return redirect(request, "/", told=words.say("No demo is shown here."))
    try:
        await demo.start(form.read(DemoIn).speed)
    except Faults as refused:
        return _shown(request, demo, refused, form)
    except DemoFailed:
        return _shown(request, demo, failed=True)
    return redirect(request, "/", told=words.say("The demo runs."))


@router.post("/demo/stop")
async def stop_demo(request: Request, form: SentToDemo, demo: TheDemo) -> Response:  # noqa: ARG001  # who may at all
    """It is gone, and all that was done in it."""
    if demo is not None:
        await demo.stop()
    return redirect(request, "/", told=words_of(request).say("The demo has ended."))


async def _known(request: Request) -> Principal | None:
    """Who asks, if that can be told: the start is open to everybody."""
    try:
        return await recognise(request.scope)
    except Refusal:
        return None


def _shown(
    request: Request,
    demo: Demo | None,
    refused: Faults | None = None,
    form: Form | None = None,
    *,
    failed: bool = False,
) -> Response:
    principal: Principal | None = request.scope["state"].get("principal")
    clock: Clock = request.state.clock
    words = words_of(request)
    may_start = principal is not None and principal.may_somewhere(_STARTS_DEMO, clock.now())
    told = {
        "version": request.app.version,
        "has_demo": demo is not None,
        "may_start": may_start,
        "link": None if demo is None or not may_start else _apart(request, demo.link),
        "speeds": [(str(speed), words.say(text)) for speed, text in _SPEEDS.items()],
        "speed": str(SPEED),
        "failed": failed,
    }
    status = 503 if failed else 200
    return page(request, "start.html", told, refused=refused, form=form, status=status)


def _apart(request: Request, link: str | None) -> str | None:
    """The demo's link by this machine's other name.

    Browsers keep cookies by name, whatever the port: at the same one the demo's sign-in would take
    the place of one's own.
    """
    if link is None:
        return None
    other = "localhost" if request.url.hostname == "127.0.0.1" else "127.0.0.1"
    here = urlsplit(link)
    return here._replace(netloc=f"{other}:{here.port}").geturl()
