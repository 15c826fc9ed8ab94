"""A bare connection to the service, which may send whatever it likes."""

import asyncio
from dataclasses import dataclass, field

import msgspec

from services.clock import stopwatch


@dataclass
class Heard:
    """One answer, or, with status 0, none before the service hung up."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def code(self) -> str:
        """The code of a problem, which it must be."""
        assert self.headers["content-type"] == "application/problem+json"
        problem = msgspec.json.decode(self.body, type=dict[str, object])
        assert problem["status"] == self.status
        assert problem["title"]
        assert problem["detail"]
        return str(problem["code"])


class Line:
    """A connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._opened = stopwatch()

    @classmethod
    async def open(cls, port: int) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, *parts: bytes) -> None:
        """Send as it stands; what the service no longer takes is dropped."""
        try:
            for part in parts:
                self._writer.write(part)
                await self._writer.drain()
        except OSError:
            pass

    async def hear(self) -> Heard:
        """The next answer."""
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except (asyncio.IncompleteReadError, OSError):
            return Heard()
        headers = {}
        for line in head[1:-2]:
            name, _, value = line.partition(": ")
            headers[name] = value
        body = await self._reader.readexactly(int(headers["content-length"]))
        return Heard(int(head[0].split(" ")[1]), headers, body)

    async def ended(self) -> float:
        """Wait until the service has hung up; seconds since the connection was opened."""
        try:
            while await self._reader.read(65536):
                pass
        except OSError:
            pass
        return stopwatch() - self._opened

    async def leave(self) -> None:
        """Hang up."""
        self._writer.transport.abort()
        await asyncio.sleep(0)  # for the transport to close its socket
