"""HEAD: whatever GET answers, without its body (RFC 9110)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Answered(Exception):
    """All was sent that HEAD is answered."""


class HeadAsGet:
    """Answers HEAD on every path that takes GET. The innermost: before it HEAD stays HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                if message.get("more_body"):  # there may be no end to it
                    raise _Answered
            else:
                await send(message)

        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, send_without_body)
        except _Answered:
            pass
        finally:
            scope["route"] = asked.get("route")  # for the log and the metrics
