"""What those who watch are sent: server-sent events, or messages of a WebSocket.

Either begins with all that is seen, or with what came since the last event that was seen, and goes
on until the caller leaves, loses the right, is too slow, or the process stops.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import count

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from models.errors import Refusal
from services.clock import stopwatch
from services.feed import Feed
from services.watcher import Message, Straight, Watcher

HEARTBEAT_SECONDS = 15.0
"""Of silence: then something is sent, so that whoever stands between does not hang up."""
RIGHT_SECONDS = 3.0
"""Between two looks whether the caller may still watch; what another process took is seen in a second."""
RETRY_MILLISECONDS = 2000
"""After which a browser that was cut off comes again."""
ENDED = 1001
"""A WebSocket is closed so when the service leaves, or lets the caller go."""
STATUS = "get_status"
"""What a WebSocket's client sends to be shown all again."""

_COMMENT = b":\n\n"
_GOLDEN = 0.6180339887
_spread = count()
"""Its multiples by the golden ratio fill the time between two looks evenly, however many there are."""

MayWatch = Callable[[], Awaitable[bool]]
Push = Callable[[tuple[bytes, ...]], bool]
"""Writes parts of an answer that has begun to the connection itself, or answers that it can't take
them now (routes/protocol.py)."""


class EventStream(Response):
    """Server-sent events, each with its `seq` as the id to come again with."""

    media_type = "text/event-stream"

    def __init__(
        self, feed: Feed, watcher: Watcher, may: MayWatch, *, beat: bytes = _COMMENT
    ) -> None:
        """`beat` is sent after so long a silence."""
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._feed = feed
        self._watcher = watcher
        self._may = may
        self._beat = beat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is, until there is no more."""
        self._watcher.when_dropped = scope["state"].get("hang_up")
        straight = _straight(scope, _all_framed)
        leaving = asyncio.create_task(self._leave(receive))

        async def send_framed(messages: Sequence[Message]) -> None:
            framed = b"".join(map(_framed, messages)) or self._beat
            await _send(send, framed, more=True)

        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            first = b"".join(map(_framed, await self._watcher.next(0)))
            await _send(send, b"retry: %d\n\n%b" % (RETRY_MILLISECONDS, first), more=True)
            await _tell(self._watcher, self._may, send_framed, straight, HEARTBEAT_SECONDS)
            if not leaving.done():
                await _send(send, b"", more=False)
        finally:
            self._feed.leave(self._watcher)
            leaving.cancel()

    async def _leave(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._watcher.end()


async def tell_by_websocket(socket: WebSocket, feed: Feed, watcher: Watcher, may: MayWatch) -> None:
    """Send what there is, and all again whenever `get_status` is received."""
    watcher.when_dropped = socket.scope["state"].get("hang_up")

    async def send_texts(messages: Sequence[Message]) -> None:
        for message in messages:
            await socket.send_text(message.body.decode())

    tasks: list[asyncio.Task[None]] = []
    # The caller may leave at any moment.
    with suppress(WebSocketDisconnect):
        try:
            await socket.accept()
            # The server's own pings are the heartbeat.
            straight = _straight(socket.scope, _bodies)
            tasks.append(asyncio.create_task(_tell(watcher, may, send_texts, straight, None)))
            tasks.append(asyncio.create_task(_listen(socket, feed, watcher)))
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            feed.leave(watcher)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if socket.client_state is WebSocketState.CONNECTED:
            await socket.close(ENDED)


async def _listen(socket: WebSocket, feed: Feed, watcher: Watcher) -> None:
    with suppress(Refusal):  # what can't be read now ends it; the caller comes again
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            if (message.get("text") or "").strip().strip('"') == STATUS:
                watcher.tell(await feed.show(watcher.views))


async def _tell(
    watcher: Watcher,
    may: MayWatch,
    send: Callable[[Sequence[Message]], Awaitable[None]],
    straight: Straight | None,
    heartbeat: float | None,
) -> None:
    """Send what comes, nothing after so long a silence; until the watcher ends or may no more."""
    sent = stopwatch()

    def send_at_once(messages: Sequence[Message]) -> bool:
        nonlocal sent
        if straight is None or not straight(messages):
            return False
        sent = stopwatch()
        return True

    watcher.straight = send_at_once
    # Those who came together, as after a restart, are not all asked about at once.
    asked = sent - RIGHT_SECONDS * (next(_spread) * _GOLDEN % 1)
    while not watcher.ended:
        messages = await watcher.next(max(0.0, asked + RIGHT_SECONDS - stopwatch()))
        now = stopwatch()
        if now - asked >= RIGHT_SECONDS:
            if not await may():
                return
            asked = now
        if messages or (heartbeat is not None and now - sent >= heartbeat):
            await send(messages)
            sent = now


def _straight(
    scope: Scope, encoded: Callable[[tuple[Message, ...]], tuple[bytes, ...]]
) -> Straight | None:
    """The short way to the connection, where the server has one."""
    push: Push | None = scope["state"].get("push")
    return None if push is None else lambda messages: push(encoded(tuple(messages)))


@lru_cache(maxsize=16)
def _all_framed(messages: tuple[Message, ...]) -> tuple[bytes, ...]:
    return tuple(map(_framed, messages))


@lru_cache(maxsize=16)
def _bodies(messages: tuple[Message, ...]) -> tuple[bytes, ...]:
    return tuple(message.body for message in messages)


@lru_cache(maxsize=16)
def _framed(message: Message) -> bytes:
    """Once for all who are told it."""
    head = b"" if message.seq is None else b"id: %d\n" % message.seq
    return b"%bdata: %b\n\n" % (head, message.body)


async def _send(send: Send, body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
