"""What no route needs to see: refused before the framework looks at it.

Plain ASGI: each request passes here, so it costs microseconds.
"""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import Busy
from routes.errors import MOST_BODY_BYTES, refusal_answer, too_large

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Whoever runs the service must see it when nobody else gets through."""


class Gate:
    """Refuses requests to a service that is busy, and bodies over 64 kB."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["state"]["opd"].writer.full and scope["path"] not in PROBES:
            await refusal_answer(Busy())(scope, receive, send)
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
