"""The service in this process, behind the server that it really runs on; and who watches there."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TypeVar

import httpx
import msgspec
import uvicorn
from msgspec import Struct

from answers.watching import QueueMessage, Told
from main import create_app
from server import configured
from services.access.doorkeeper import Doorkeeper
from services.clock import Clock, SystemClock
from services.ids import Ids
from services.opd import Opd
from tests.api.client import ApiClient
from tests.api.service import GivenSettings
from tests.integration.processes import until, until_so

SOON = 20.0
_LITTLE = 4096
T = TypeVar("T")


class Served(Struct):
    """A service that answers at this port."""

    port: int
    api: ApiClient
    server: uvicorn.Server
    stopped: "asyncio.Task[None]"

    @property
    def opd(self) -> Opd:
        """What serves."""
        opd: Opd = self.server.lifespan.state["opd"]
        return opd

    async def has_copied(self, events: int) -> None:
        """Wait until so many events have left their sheets: from then on they lie in the past."""

        async def newest() -> bool:
            answer = await self.api.ask("GET", "/api/events", query={"limit": 1})
            return int(answer.headers["X-Newest-Seq"]) >= events

        await until_so(newest, SOON)

    async def stop(self) -> None:
        """As a signal would."""
        self.server.should_exit = True
        await self.stopped


@asynccontextmanager
async def served(
    settings: GivenSettings, clock: Clock, ids: Ids, doorkeeper: Doorkeeper | None = None
) -> AsyncIterator[Served]:
    """As long as the block. Little fits between it and who does not read."""
    app = create_app(settings, clock, ids, machine_clock=SystemClock(), doorkeeper=doorkeeper)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LITTLE)
    server = uvicorn.Server(configured(app))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started, SOON)
    port = listening.getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://localhost:{port}", timeout=60) as client:
        serving = Served(port, ApiClient(client), server, task)
        yield serving
        await serving.stop()


class Event(Struct, frozen=True):
    """An event as it came, with its id."""

    id: str | None
    told: Told

    @property
    def line(self) -> QueueMessage:
        """What it tells of a line, which it must."""
        assert isinstance(self.told, QueueMessage)
        return self.told

    @property
    def seqs(self) -> list[int]:
        """Of the changes that it tells."""
        return [each.seq for each in self.told.changes]


class EventSource:
    """A stream of server-sent events: `async with EventSource(port, "?doctorId=rao") as source`."""

    def __init__(
        self,
        port: int,
        query: str,
        headers: Mapping[str, str] | None = None,
        *,
        little: bool = False,
    ) -> None:
        self._port = port
        self._head = f"GET /api/stream{query} HTTP/1.1\r\nHost: localhost\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in (headers or {}).items()
        )
        self._little = little
        self.heartbeats = 0

    async def __aenter__(self) -> "EventSource":
        sock = socket.socket()
        if self._little:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LITTLE)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self._port))
        self._reader, self._writer = await asyncio.open_connection(
            sock=sock, limit=_LITTLE if self._little else 2**24
        )
        self._writer.write(self._head.encode() + b"\r\n")
        head = (await _within(self._reader.readuntil(b"\r\n\r\n"))).decode()
        self.status = int(head.split(" ")[1])
        assert "text/event-stream" in head, head
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.transport.abort()
        await asyncio.sleep(0)

    def ask_more(self) -> None:
        """Send a request behind the one whose answer has no end."""
        self._writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")

    async def next(self) -> Event:
        """The next event."""
        while True:
            text = await _within(self._block())
            assert text is not None, "the stream ended"
            if text.startswith(":"):
                self.heartbeats += 1
            elif not text.startswith("retry:"):
                fields = dict(line.split(": ", 1) for line in text.splitlines())
                told = msgspec.json.decode(fields["data"], type=Told)
                return Event(fields.get("id"), told)

    async def ended(self) -> None:
        """Wait until there is no more, whatever comes before."""
        while await _within(self._block()) is not None:
            pass

    async def _block(self) -> str | None:
        """What stands between two empty lines, out of the chunks; None at the end."""
        while True:
            before, found, after = self._text.partition("\n\n")
            if found:
                self._text = after
                return before
            try:
                size = int(await self._reader.readuntil(b"\r\n"), 16)
                chunk = await self._reader.readexactly(size + 2)
            except (asyncio.IncompleteReadError, OSError):
                return None
            if not size:
                return None
            self._text += chunk[:-2].decode()

    _text = ""


async def _within(awaited: Awaitable[T]) -> T:
    async with asyncio.timeout(SOON):
        return await awaited
