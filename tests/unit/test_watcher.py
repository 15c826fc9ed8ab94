"""What a watcher is told goes straight on while it waits for it, and never past what came before."""

import asyncio
from collections.abc import Sequence

import pytest

from services.watcher import Message, Watcher

SOON = 10.0
FIRST, SECOND, THIRD = (Message(seq, b"{}") for seq in (1, 2, 3))


class _Connection:
    """Takes messages as long as it is free."""

    def __init__(self) -> None:
        self.free = True
        self.taken: list[Message] = []

    def take(self, messages: Sequence[Message]) -> bool:
        if self.free:
            self.taken += messages
        return self.free


@pytest.fixture
def connection() -> _Connection:
    return _Connection()


@pytest.fixture
def watcher(connection: _Connection) -> Watcher:
    watcher = Watcher(())
    watcher.straight = connection.take
    return watcher


async def _reading(watcher: Watcher) -> "asyncio.Task[Sequence[Message]]":
    """One who waits for what comes next."""
    reading = asyncio.create_task(watcher.next(SOON))
    await asyncio.sleep(0)
    return reading


async def test_who_waits_is_told_straight_and_not_woken(
    watcher: Watcher, connection: _Connection
) -> None:
    reading = await _reading(watcher)
    watcher.tell([FIRST])
    watcher.tell([SECOND])
    await asyncio.sleep(0)
    assert not reading.done()
    watcher.end()
    assert await reading == []
    assert connection.taken == [FIRST, SECOND]


async def test_what_the_connection_cannot_take_is_read_and_all_that_comes_behind_it(
    watcher: Watcher, connection: _Connection
) -> None:
    reading = await _reading(watcher)
    connection.free = False
    watcher.tell([FIRST])
    connection.free = True
    watcher.tell([SECOND])
    assert await reading == [FIRST, SECOND]
    reading = await _reading(watcher)
    watcher.tell([THIRD])
    assert connection.taken == [THIRD]
    watcher.end()
    assert await reading == []


async def test_nothing_goes_straight_past_what_was_read_and_is_being_sent(
    watcher: Watcher, connection: _Connection
) -> None:
    watcher.tell([FIRST])
    assert await watcher.next(SOON) == [FIRST]
    watcher.tell([SECOND])
    assert connection.taken == []
    assert await watcher.next(SOON) == [SECOND]


async def test_who_is_let_go_is_told_nothing_more(
    watcher: Watcher, connection: _Connection
) -> None:
    reading = await _reading(watcher)
    watcher.end()
    watcher.tell([FIRST])
    assert await reading == []
    assert connection.taken == []
