"""A line between the service and its database that can be cut: real TCP, on loopback.

It reads the requests that pass (OP_MSG of MongoDB's wire protocol) well enough to know a write to
the sheets from a read of them, and does to chosen ones what networks do.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit, urlunsplit

import bson

from tests.listening import stop_listening

_HEADER = 16
_OP_MSG = 2013
_BODY_AT = 21  # after the header, 4 bytes of flags and the kind of the section


class Loss(Enum):
    """What becomes of a request."""

    UNSENT = auto()
    """It never reaches the database, and the connection breaks."""
    UNANSWERED = auto()
    """The database carries it out, and the connection breaks before the answer."""
    NOT_ANSWERED_YET = auto()
    """The database carries it out, and the answer waits until `release` is called."""
    LATE = auto()
    """The connection breaks; the request reaches the database later, when `deliver` is called."""
    HELD = auto()
    """It waits on the way until `release` is called; then all goes on as ever."""


@dataclass(frozen=True)
class Request:
    """A command to the database; `message` is all of it."""

    command: str
    collection: str
    message: bytes


Concerns = Callable[[Request], bool]


def store_writes(request: Request) -> bool:
    """What commands decided, not what the relay trims."""
    write = request.collection == "day_sheets" and request.command in {"update", "insert"}
    return write and b"writers" in request.message


def store_asks_what_became(request: Request) -> bool:
    """The store reads back the number of its last write."""
    read = request.collection == "day_sheets" and request.command == "find"
    return read and b"writers." in request.message


class _Rule:
    def __init__(self, concerns: Concerns, loss: Loss, times: int) -> None:
        self.concerns = concerns
        self.loss = loss
        self.left = times


class Proxy:
    """Listens on a port of its own and passes on what comes, but for what it was told to lose."""

    def __init__(self, server: str) -> None:
        """`server`: the address of the database."""
        self._server = urlsplit(server)
        self._rules: list[_Rule] = []
        self._released = asyncio.Event()
        self._met = asyncio.Event()
        self._late = asyncio.Event()
        self._arrived = asyncio.Event()
        self._listener: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._seen = 0

    async def start(self) -> None:
        """Listen."""
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    @property
    def address(self) -> str:
        """The database's address by way of this proxy."""
        assert self._listener is not None
        port = self._listener.sockets[0].getsockname()[1]
        return urlunsplit(self._server._replace(netloc=f"127.0.0.1:{port}"))

    def lose(self, concerns: Concerns, loss: Loss, *, times: int = 1) -> None:
        """Do this to the next requests of this kind."""
        self._rules.append(_Rule(concerns, loss, times))

    async def met(self, count: int = 1) -> None:
        """Wait until so many requests in all have met their fate."""
        async with asyncio.timeout(10):
            while self._seen < count:
                self._met.clear()
                await self._met.wait()

    async def deliver(self) -> None:
        """Let the database carry out what is late, and wait until it has."""
        self._late.set()
        async with asyncio.timeout(10):
            await self._arrived.wait()

    def release(self) -> None:
        """Let what is held go on, now and from now on."""
        self._released.set()

    async def refuse(self) -> None:
        """Listen no more; the lines that there are go on."""
        assert self._listener is not None
        await stop_listening(self._listener)

    async def close(self) -> None:
        """Cut every line."""
        self.release()
        if self._listener is None:
            return
        await stop_listening(self._listener)
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        await self._listener.wait_closed()
        self._listener = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            async with self._connected() as (there, server):
                back = asyncio.create_task(_copy(there, writer))
                self._lines.add(back)
                try:
                    while await self._pass(await _read_message(reader), server, back, writer):
                        pass
                finally:
                    back.cancel()
                    self._lines.discard(back)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the line is cut
        finally:
            writer.transport.abort()
            self._lines.discard(line)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A line of its own to the database."""
        reader, writer = await asyncio.open_connection(
            self._server.hostname, self._server.port or 27017
        )
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def _pass(
        self,
        message: bytes,
        server: asyncio.StreamWriter,
        back: "asyncio.Task[None]",
        client: asyncio.StreamWriter,
    ) -> bool:
        """Pass a request on, or do to it what was told; whether the line goes on."""
        loss = self._loss_of(message)
        if loss is None:
            server.write(message)
            return True
        if loss is Loss.HELD:
            self._note()
            await self._released.wait()
            server.write(message)
            return True
        if loss is Loss.NOT_ANSWERED_YET:
            answer = await self._carry_out(message)
            self._note()
            await self._released.wait()
            client.write(answer)
            return True
        back.cancel()
        if loss is Loss.UNANSWERED:
            await self._carry_out(message)
        elif loss is Loss.LATE:
            self._lines.add(asyncio.create_task(self._carry_out_late(message)))
        self._note()
        return False

    def _note(self) -> None:
        self._seen += 1
        self._met.set()

    async def _carry_out(self, message: bytes) -> bytes:
        """Send a request, and wait until it was carried out; the answer."""
        async with self._connected() as (reader, writer):
            writer.write(message)
            return await _read_message(reader)

    async def _carry_out_late(self, message: bytes) -> None:
        await self._late.wait()
        await self._carry_out(message)
        self._arrived.set()

    def _loss_of(self, message: bytes) -> Loss | None:
        if int.from_bytes(message[12:16], "little") != _OP_MSG or message[_BODY_AT - 1] != 0:
            return None
        size = int.from_bytes(message[_BODY_AT : _BODY_AT + 4], "little")
        body = bson.decode(message[_BODY_AT : _BODY_AT + size])
        command = next(iter(body))
        request = Request(command, str(body[command]), message)
        for rule in self._rules:
            if rule.left and rule.concerns(request):
                rule.left -= 1
                return rule.loss
        return None


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(_HEADER)
    return header + await reader.readexactly(int.from_bytes(header[:4], "little") - _HEADER)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.transport.abort()
