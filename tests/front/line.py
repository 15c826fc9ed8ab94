"""A bare connection to the service, which may send whatever it likes."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field

import msgspec

from services.clock import stopwatch

_TCP_INFO, _DATA_SEGS_IN = 11, 152
"""Of Linux: what the kernel tells of a connection, and where that has the packets with data."""


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

    @property
    def packets(self) -> int:
        """How many have come that had something in them."""
        told = self._writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 160)
        (packets,) = struct.unpack_from("=I", told, _DATA_SEGS_IN)
        return int(packets)

    async def hear_head(self) -> list[str]:
        """The lines of the head of the next answer; none before the service hung up."""
        try:
            return (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except (asyncio.IncompleteReadError, OSError):
            return []

    async def hear(self) -> Heard:
        """The next answer."""
        head = await self.hear_head()
        if not head:
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
