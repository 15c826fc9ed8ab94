"""What every request passes: an id, a line in the log, a bound on its body.

Plain ASGI: Starlette's BaseHTTPMiddleware would cost a third of the throughput.
"""

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from routes.errors import MOST_BODY_BYTES, internal_error, too_large
from services.clock import stopwatch
from services.ids import Ids
from services.log import log
from services.metrics import Metrics

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestIds:
    """Gives each request an id, or keeps a well-formed one it came with, and logs its end.

    An error that nothing else has caught ends here. Raised on, the server would log its message,
    which may hold what a patient told us.
    """

    def __init__(self, app: ASGIApp, ids: Ids, metrics: Metrics) -> None:
        self._app = app
        self._ids = ids
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = (
            given.decode("ascii") if _REQUEST_ID.fullmatch(given) else self._ids.request_id()
        )
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0
        began = stopwatch()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001  # the last one to see it
            log.error("internal_error", request_id=request_id, exc_info=error)
            if not status:
                await internal_error()(scope, receive, send_with_id)
        finally:
            self._record(scope, status or 500, stopwatch() - began)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        self._metrics.answered(scope["method"], route, status, seconds)
        if scope["path"] not in _QUIET:
            log.info(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                actor=scope["state"].get("actor"),
                request_id=scope["state"]["request_id"],
            )


class BodyLimit:
    """Refuses bodies over 64 kB, before or while they are read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        for name, value in scope["headers"]:
            if name == b"content-length" and _is_too_long(value):
                await too_large()(scope, receive, send)
                return
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BODY_BYTES:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_some, send)


def _is_too_long(content_length: bytes) -> bool:
    digits = content_length.lstrip(b"0")
    return digits.isdigit() and (len(digits) > 9 or int(digits) > MOST_BODY_BYTES)
