"""A worker that does nothing but say who it is, and remember what it was asked."""

import asyncio
from collections.abc import Mapping
from types import TracebackType

import msgspec
from msgspec import Struct

from tests.integration.client import Client
from tests.integration.processes import free_port
from tests.listening import stop_listening


class Asked(Struct, frozen=True):
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]


class Echo:
    """Answers each request with its own number. A path with `/die` in it is not answered."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.port = free_port()
        self.ready = True
        self.asked: list[Asked] = []
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._idle = asyncio.Event()

    async def __aenter__(self) -> "Echo":
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Listen no more, and cut every connection."""
        assert self._server is not None
        await stop_listening(self._server)
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()
        if self._writers:
            await self._idle.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._idle.clear()
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, EOFError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)
            if not self._writers:
                self._idle.set()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        pairs = (line.split(":", 1) for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, value in pairs}
        await reader.readexactly(int(headers.get("content-length", "0")))
        if path == "/readyz":
            status = "200 OK" if self.ready else "503 Service Unavailable"
        else:
            status = "200 OK"
            self.asked.append(Asked(method, path, headers))
        if "/die" in path:
            return False
        body = b"" if method == "HEAD" else msgspec.json.encode(self.number)
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        return True


async def who_answers(client: Client, method: str, path: str, body: object = None) -> int:
    """The number of the worker that a request reaches."""
    return (await client.ask(method, path, body)).read(int)
