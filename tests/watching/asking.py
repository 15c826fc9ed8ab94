"""What a test of watching asks of the service."""

import asyncio
from contextlib import suppress

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from answers.lines import LineOut
from answers.watching import QueueMessage
from tests.principals import as_
from tests.watching.served import SOON, EventSource, Served

SLOT = "rao-20300115-0900"
HOST = "opd.example"
PORTAL_PAGE = "https://portal.example"


def watch(service: Served, query: str = "?doctorId=rao", who: str = "desk") -> EventSource:
    return EventSource(service.port, query, as_(who))


def watch_by_websocket(
    service: Served, path: str = "rao", who: str = "desk", **headers: str
) -> connect:
    uri = f"ws://localhost:{service.port}/ws/queue/{path}"
    return connect(uri, additional_headers={**as_(who), **headers}, compression=None)


async def hear(socket: ClientConnection) -> QueueMessage:
    async with asyncio.timeout(SOON):
        return msgspec.json.decode(await socket.recv(), type=QueueMessage)


async def closed(socket: ClientConnection) -> int:
    """With which code it is closed, whatever comes before."""
    async with asyncio.timeout(SOON):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
        await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code


async def line(service: Served, who: str = "desk") -> LineOut:
    answer = await service.api.ask("GET", "/api/queue/rao", headers=as_(who))
    return msgspec.json.decode(answer.content, type=LineOut)


async def refusal_of(connecting: connect) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as caught:
        await connecting
    answer = caught.value.response
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]
    problem = msgspec.json.decode(answer.body or b"", type=dict[str, object])
    return answer.status_code, str(problem["code"])
