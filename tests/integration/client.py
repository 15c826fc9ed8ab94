"""A caller over HTTP on a connection of its own, which can leave in the middle.

Plain streams: the callers share two cores with what they load, and must not be what is slow.
"""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import TypeVar

import msgspec
from msgspec import Struct

from tests.keys import dev_key

ANSWER_SECONDS = 40.0
T = TypeVar("T")


class Gone(Exception):
    """The connection ended before the answer came: the request may have been carried out."""


class Reply(Struct, frozen=True):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self, kind: type[T]) -> T:
        """The body as a value."""
        return msgspec.json.decode(self.body, type=kind)

    @property
    def code(self) -> str:
        """The code of a problem."""
        return self.read(Problem).code

    @property
    def request_id(self) -> str:
        """By which the events of this request are found."""
        return self.headers["x-request-id"]

    @property
    def replayed(self) -> bool:
        """Whether an earlier request with the same key had done it."""
        return self.headers.get("idempotent-replayed") == "true"


class Problem(Struct):
    code: str


class Client:
    """One keep-alive connection, opened when it is needed; it shows the key of a try-out or another."""

    def __init__(self, port: int, credential: str | None = None) -> None:
        self._port = port
        self._credential = credential or dev_key()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    async def ask(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> Reply:
        """Send a request and wait for its answer. Raises Gone."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.send(method, path, body, key=key)
                return await self._receive()
        except (OSError, EOFError) as error:
            self.leave()
            raise Gone from error

    async def send(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> None:
        """Send a request, and stay free to leave before its answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        content = b"" if body is None else msgspec.json.encode(body)
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n"
        head += f"Authorization: Bearer {self._credential}\r\n"
        if content:
            head += "Content-Type: application/json\r\n"
        if key is not None:
            head += f"Idempotency-Key: {key}\r\n"
        writer = self._streams[1]
        writer.write(head.encode() + b"\r\n" + content)
        await writer.drain()

    def leave(self) -> None:
        """End the connection, whatever is under way."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _receive(self) -> Reply:
        assert self._streams is not None
        reader = self._streams[0]
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.leave()
        return Reply(int(head[0].split(" ")[1]), headers, body)
