"""An answer that fails half-way is left as it is: it has one beginning."""

import asyncio
from collections.abc import AsyncIterator

from asgi_lifespan import LifespanManager
from fastapi.responses import StreamingResponse
from starlette.types import Message

from main import create_app
from services.clock import ManualClock, SystemClock
from services.ids import Ids
from tests.api.service import GivenSettings

ASKED = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.4"},
    "http_version": "1.1",
    "scheme": "http",
    "method": "GET",
    "path": "/half",
    "raw_path": b"/half",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "client": None,
    "server": None,
}


async def _half() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"the first part"
        raise RuntimeError("there is no second")

    return StreamingResponse(parts())


async def test_no_second_answer_is_begun_where_one_fails_half_way(
    clock: ManualClock, ids: Ids
) -> None:
    app = create_app(GivenSettings(), clock, ids, machine_clock=SystemClock())
    app.add_api_route("/half", _half, response_model=None)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return await asyncio.Future()  # the caller says no more, and stays

    async with LifespanManager(app) as running:
        await running.app(dict(ASKED), receive, send)

    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 200
