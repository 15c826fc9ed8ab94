"""What one connection may ask of the process: a bounded head, sent in time, one of so many.

uvicorn bounds none of it: endless headers fill the memory, and callers who never finish their
request stay for good. Here the server's own protocol refuses them, each with a problem, before the
framework hears of them. `python main.py` serves with it, by one worker or several. `uvicorn main:app`
has these bounds only with `--http routes.protocol:BoundedProtocol`.
"""

import asyncio
import http
from enum import Enum, auto
from functools import lru_cache

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

from routes.browsers import ON_EACH_ANSWER, UNLESS_IT_SAYS
from routes.probes import PROBES
from routes.problem_document import answer

MOST_HEAD_BYTES = 16 * 1024
"""The request line and all headers; and as much for what frames a body's chunks, and trailers."""
SEND_SECONDS = 10.0
"""For a whole request: from the connection, later from its first byte, to its last."""
SPARE_CONNECTIONS = 64
"""Beyond MAX_CONNECTIONS, so that probes still get through, if they ask within CROWDED_SECONDS."""
CROWDED_SECONDS = 1.0
LINGER_SECONDS = 1.0
"""After a refusal: a connection that is cut with bytes unread loses what was answered."""
RETRY_SECONDS = "5"


class _Stage(Enum):
    IDLE = auto()  # between two requests
    HEAD = auto()
    REST = auto()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol on httptools, with bounds.

    `_room` is how many bytes more the stage may take, `_stages` counts the stages begun.
    """

    _stage = _Stage.IDLE
    _stages = 0
    _room = MOST_HEAD_BYTES
    _crowded = False
    _refused = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it so
        super().connection_made(transport)
        beyond = len(self.connections) - self.app_state["max_connections"]
        if beyond > SPARE_CONNECTIONS:
            self._refuse(_too_many())
            return
        if beyond > 0:
            self._crowded = True
            self.app = _OnlyProbes(self.app)
        self._allow(CROWDED_SECONDS if beyond > 0 else SEND_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        # Answers without end would hold up the stop.
        self.app_state["opd"].feed.close()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        while data and not self._refused:
            piece, data = data[: self._room], data[self._room :]
            self._take(piece)
        if self._refused:
            return
        if self._stage is _Stage.IDLE:
            self._stop_timer()
        elif self._timer is None:
            self._allow(SEND_SECONDS)

    def _take(self, piece: bytes) -> None:
        """Parse what fits into the room of the stage, and charge it to the stage it belongs to.

        Where a stage began within the piece, nobody knows: only one that began idle is charged.
        """
        charged = self._stages + (self._stage is _Stage.IDLE)
        super().data_received(piece)
        if self._stages == charged and self._stage is not _Stage.IDLE:
            self._room -= len(piece)
            if self._room <= 0:
                self._refuse(_too_long())

    def on_message_begin(self) -> None:
        self._begin(_Stage.HEAD)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._begin(_Stage.REST)
        super().on_headers_complete()
        if self.cycle is not None:  # it is where the first request asks for a WebSocket
            self.cycle.transport = _HeadWithBody(self.transport, self.loop)
        self.scope["state"]["push"] = self._push
        # For an answer without end, to whoever does not read it.
        self.scope["state"]["hang_up"] = self.transport.abort

    def handle_websocket_upgrade(self) -> None:
        self._stop_timer()
        super().handle_websocket_upgrade()

    def _should_upgrade_to_ws(self) -> bool:
        return not self._crowded and super()._should_upgrade_to_ws()

    def on_body(self, body: bytes) -> None:
        self._room += len(body)  # bounded by routes/gate.py
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._begin(_Stage.IDLE)
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words, in plain text
        self._refuse(_no_http())

    def _push(self, parts: tuple[bytes, ...]) -> bool:
        """Write more of an answer whose head and first part are sent; see routes/streams.py: Push."""
        if self.flow.write_paused or self.transport.is_closing():
            return False
        self.transport.write(_chunks(parts))
        return True

    def _begin(self, stage: _Stage) -> None:
        self._stage = stage
        self._stages += 1
        self._room = MOST_HEAD_BYTES

    def _allow(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._time_is_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_is_up(self) -> None:
        self._refuse(_too_many() if self._crowded else _too_slow())

    def _refuse(self, refusal: Response) -> None:
        """Answer, read no more, and hang up as soon as the caller has had time to read it."""
        self._refused = True
        self._stop_timer()
        answered = self._stage is _Stage.REST and self.cycle.response_started
        if self._stage is _Stage.REST:
            self.cycle.disconnected = True  # tells the app, which may wait for the rest
            self.cycle.message_event.set()
        if not answered and not self._owes:
            self.app_state["metrics"].turned_away(refusal.status_code)
            self.transport.write(_as_http(refusal))
            self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self._hang_up)

    @property
    def _owes(self) -> bool:
        """Whether answers to earlier requests of this connection are still to come."""
        if self._stage is _Stage.REST:
            return bool(self.pipeline)
        return not getattr(self.cycle, "response_complete", True)  # None before the first request

    def _hang_up(self) -> None:
        if self._owes:
            self._timer = self.loop.call_later(LINGER_SECONDS, self._hang_up)
        else:
            self.transport.abort()


class _HeadWithBody(asyncio.Transport):
    """Sends the head of one answer together with what follows it in the same turn of the loop.

    Each write is a call of the system's, and a packet: two of them took a tenth of a short answer's
    time. A head that nothing follows leaves at the end of the turn.
    """

    __slots__ = ("_begun", "_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._begun = False
        self._head = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._begun:
            head, self._head = self._head, b""
            self._transport.write(head + data if head else data)
        else:
            self._begun, self._head = True, bytes(data)
            self._loop.call_soon(self._send_head)

    def close(self) -> None:
        self._send_head()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def _send_head(self) -> None:
        head, self._head = self._head, b""
        if head and not self._transport.is_closing():
            self._transport.write(head)


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol on websockets, for what is sent without end."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"]["push"] = self._push
            # For an answer without end, to whoever does not read it.
            self.scope["state"]["hang_up"] = self.transport.abort

    def _push(self, parts: tuple[bytes, ...]) -> bool:
        """Write messages, once the WebSocket is accepted; see routes/streams.py: Push."""
        if self.close_sent or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(_frames(parts))
        return True


@lru_cache(maxsize=16)
def _chunks(parts: tuple[bytes, ...]) -> bytes:
    """Once for all who are sent them."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)


@lru_cache(maxsize=16)
def _frames(parts: tuple[bytes, ...]) -> bytes:
    return b"".join(Frame(Opcode.TEXT, part).serialize(mask=False) for part in parts)


class _OnlyProbes:
    """The app of a connection beyond MAX_CONNECTIONS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in PROBES:
            await self._app(scope, receive, send)
        else:
            scope["state"]["metrics"].turned_away(503)
            await _too_many()(scope, receive, send)


def _too_long() -> Response:
    detail = f"The first line and the headers of a request have at most {MOST_HEAD_BYTES} bytes."
    return answer("headers_too_large", "Headers too large", 431, detail)


def _too_slow() -> Response:
    detail = f"A request must be sent within {SEND_SECONDS:.0f} seconds."
    return answer("request_timeout", "Request timeout", 408, detail)


def _no_http() -> Response:
    return answer("not_http", "Not HTTP", 400, "This is no request as HTTP/1.1 has it.")


def _too_many() -> Response:
    detail = "There are as many connections as the service takes. Try again in a few seconds."
    headers = {"Retry-After": RETRY_SECONDS, "Connection": "close"}
    return answer("too_many_connections", "Too many connections", 503, detail, headers=headers)


def _as_http(refusal: Response) -> bytes:
    """The answer as it goes over the wire, the last one on its connection."""
    phrase = http.HTTPStatus(refusal.status_code).phrase
    headers = [*refusal.raw_headers, *ON_EACH_ANSWER, *UNLESS_IT_SAYS]
    lines = [
        b"%b: %b\r\n" % header for header in {**dict(headers), b"connection": b"close"}.items()
    ]
    head = f"HTTP/1.1 {refusal.status_code} {phrase}\r\n".encode()
    return head + b"".join(lines) + b"\r\n" + bytes(refusal.body)
