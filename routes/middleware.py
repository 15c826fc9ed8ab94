"""What every request passes: an id, a line in the log, what its answer tells browsers.

Plain ASGI: Starlette's BaseHTTPMiddleware would cost a third of the throughput.
"""

import asyncio
import re
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import DatabaseUnavailable, OutcomeUnknown
from routes.browsers import ON_EACH_ANSWER, UNLESS_IT_SAYS
from routes.errors import internal_error, refusal_answer
from routes.methods import SAFE
from routes.probes import PROBES
from services.clock import stopwatch
from services.ids import Ids
from services.log import line_of_request, log
from services.metrics import Metrics

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class _Answer:
    """What is sent on one request: its status, 0 until there is one.

    Of one that comes bit by bit, perhaps without end, `until_first` tells how soon it began.
    """

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.asked = stopwatch()
        self.status = 0
        self.until_first: float | None = None

    async def send(self, message: Message) -> None:
        """Send on, with what each answer tells."""
        kind: str = message["type"]
        if kind == "websocket.accept":
            self.status = 101
        elif kind == "websocket.close":
            self.status = self.status or 403  # as the server answers it
        elif kind.endswith("http.response.start"):
            self.status = message["status"]
            headers = message["headers"]
            told = dict(headers)
            headers.append((b"x-request-id", self._request_id.encode()))
            headers.extend(ON_EACH_ANSWER)
            headers.extend([each for each in UNLESS_IT_SAYS if each[0] not in told])
        if self.until_first is None and (self.status == 101 or message.get("more_body")):
            self.until_first = stopwatch() - self.asked
        await self._send(message)


class RequestIds:
    """Gives each request an id, or keeps a well-formed one it came with, and logs its end.

    An error that nothing else has caught ends here. Raised on, the server would log its message,
    which may hold what a patient told us. `for_browsers` lets other sites' pages read that answer
    too, if they may read the others.
    """

    def __init__(
        self,
        app: ASGIApp,
        ids: Ids,
        metrics: Metrics,
        for_browsers: Callable[[ASGIApp], ASGIApp] | None = None,
    ) -> None:
        self._app = app
        self._failed = _failed if for_browsers is None else for_browsers(_failed)
        self._ids = ids
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope.setdefault("method", "GET")  # a WebSocket begins with one (RFC 6455)
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = (
            given.decode("ascii") if _REQUEST_ID.fullmatch(given) else self._ids.request_id()
        )
        scope.setdefault("state", {})["request_id"] = request_id
        line: dict[str, object] = {}
        of_before = line_of_request.set(line)
        answer = _Answer(send, request_id)
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001  # the last one to see it
            log.error("internal_error", request_id=request_id, exc_info=error)
            if not answer.status:
                await self._failed(scope, receive, answer.send)
        except asyncio.CancelledError:
            # The process stops, and the server waits for this request no longer.
            if not answer.status:
                await _cut_short(scope)(scope, receive, answer.send)
            raise
        finally:
            line_of_request.reset(of_before)
            lasted = stopwatch() - answer.asked
            if answer.until_first is not None:
                line["lasted_s"] = round(lasted, 1)
            self._record(scope, answer.status or 500, answer.until_first or lasted, line)

    def _record(self, scope: Scope, status: int, seconds: float, line: dict[str, object]) -> None:
        """`seconds` are those to the answer; to the beginning of one that comes bit by bit."""
        route = getattr(scope.get("route"), "path", "unknown")
        self._metrics.answered(scope["method"], route, status, seconds)
        if scope["path"] not in PROBES:
            log.info(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                actor=scope["state"].get("actor"),
                request_id=scope["state"]["request_id"],
                **line,
            )


def _cut_short(scope: Scope) -> Response:
    """What was asked may yet take place; what changes nothing waited for the database alone."""
    refusal = DatabaseUnavailable() if scope["method"] in SAFE else OutcomeUnknown()
    return refusal_answer(refusal, scope["state"]["opd"].words)


async def _failed(scope: Scope, receive: Receive, send: Send) -> None:
    await internal_error()(scope, receive, send)
