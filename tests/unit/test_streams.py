"""What a stream costs each who watches: one frame for all, and asking spread over the time."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message as Sent

from routes.streams import RIGHT_SECONDS, EventStream, Push
from services.clock import stopwatch
from services.feed import Feed
from services.metrics import Metrics
from services.store.events import SeenEvent
from services.watcher import Message, Watcher

SOON = 10.0
_OPENED = 2
"""Sends before anything is told: the head, and how soon to come again."""


class _Nothing:
    """No event at all."""

    async def newest(self) -> int:
        return 0

    async def after(
        self, seq: int, *, sheet_id: str | None, token_id: str | None, limit: int
    ) -> list[SeenEvent]:
        assert (seq, sheet_id, token_id) == (0, None, None)
        return [][:limit]


async def _for_ever() -> Sent:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


async def _always() -> bool:
    return True


async def _stream(
    told: Message | None, may: Callable[[], Awaitable[bool]], push: Push | None = None
) -> list[bytes]:
    """What is sent to who is told this, if anything, and leaves; or may watch no more.

    `push` is the short way to the connection, if the server has one.
    """
    watcher = Watcher(())
    bodies: list[bytes] = []

    async def send(sent: Sent) -> None:
        bodies.append(sent.get("body", b""))
        if told is None or len(bodies) < _OPENED:
            return
        if len(bodies) == _OPENED and push is None:
            watcher.tell([told])
        elif len(bodies) == _OPENED:
            asyncio.get_running_loop().call_soon(tell_who_waits, told)
        else:
            watcher.end()

    def tell_who_waits(told: Message) -> None:
        watcher.tell([told])
        watcher.end()

    stream = EventStream(Feed(_Nothing(), Metrics()), watcher, may)
    async with asyncio.timeout(SOON):
        await stream({"type": "http", "state": {"push": push}}, _for_ever, send)
    return bodies[_OPENED:-1]


async def test_what_many_are_told_is_framed_once() -> None:
    told = Message(7, b"{}")
    frames = [frame for _ in range(3) for frame in await _stream(told, _always)]
    assert frames == [b"id: 7\ndata: {}\n\n"] * 3
    assert len({id(frame) for frame in frames}) == 1


async def test_where_the_server_has_a_short_way_what_many_are_told_is_framed_once_and_goes_there() -> (
    None
):
    pushed: list[bytes] = []

    def push(parts: tuple[bytes, ...]) -> bool:
        pushed.extend(parts)
        return True

    told = Message(7, b"{}")
    assert [await _stream(told, _always, push) for _ in range(3)] == [[], [], []]
    assert pushed == [b"id: 7\ndata: {}\n\n"] * 3
    assert len({id(frame) for frame in pushed}) == 1


async def test_who_came_together_is_asked_about_one_after_the_other() -> None:
    began = stopwatch()
    asked: list[float] = []

    async def may() -> bool:
        asked.append(stopwatch() - began)
        return False

    await asyncio.gather(*(_stream(None, may) for _ in range(20)))
    assert len(asked) == 20
    assert max(asked) - min(asked) > RIGHT_SECONDS / 2
