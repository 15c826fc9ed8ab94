"""Sessions that nobody has begun: whoever makes them up is soon refused, and keeps nobody else out."""

import asyncio
from datetime import timedelta

import pytest

from database import Database
from models.errors import RateLimited
from models.session import Session
from services.access.directory import CHANGE_SECONDS
from services.access.sessions import Sessions
from services.clock import ManualClock
from services.store.sessions import SessionStore
from tests.api.people import ELSEWHERE, HOME, Process

MOST_LOOKED_UP = 300


class _Counting(SessionStore):
    """Counts how often the database is asked for a session."""

    finds = 0

    async def find(self, session_id: str) -> Session | None:
        self.finds += 1
        return await super().find(session_id)


class Elsewhere:
    """Another process, and what its database is asked for."""

    def __init__(self, here: Process, database: Database, clock: ManualClock) -> None:
        self.store = _Counting(database)
        self.sessions = Sessions(here.directory, self.store, clock)

    async def knows(self, held: str, address: str = ELSEWHERE) -> bool:
        return await self.sessions.find(held, address) is not None

    async def is_flooded(self) -> int:
        """How many of an address's made-up sessions the database is asked for."""
        before = self.store.finds
        for n in range(2 * MOST_LOOKED_UP):
            try:
                assert not await self.knows(f"made up {n}")
            except RateLimited:
                break
        return self.store.finds - before


@pytest.fixture
def elsewhere(here: Process, database: Database, clock: ManualClock) -> Elsewhere:
    return Elsewhere(here, database, clock)


async def test_a_session_that_is_nobodys_is_looked_up_once_in_a_while(
    elsewhere: Elsewhere, clock: ManualClock
) -> None:
    for _ in range(2):
        for _ in range(2 * MOST_LOOKED_UP):
            assert not await elsewhere.knows("has run out")
        clock.advance(timedelta(seconds=CHANGE_SECONDS))
    assert elsewhere.store.finds == 2


async def test_who_makes_up_sessions_is_soon_refused_without_a_look_into_the_database(
    elsewhere: Elsewhere, clock: ManualClock
) -> None:
    assert await elsewhere.is_flooded() == MOST_LOOKED_UP
    assert await elsewhere.is_flooded() == 0
    clock.advance(timedelta(minutes=1))
    assert await elsewhere.is_flooded() == MOST_LOOKED_UP


async def test_who_makes_up_sessions_keeps_out_nobody_who_is_known_or_comes_from_elsewhere(
    here: Process, elsewhere: Elsewhere, clock: ManualClock
) -> None:
    known, unknown = await here.signs_in(), await here.signs_in()
    assert await elsewhere.knows(known)
    await elsewhere.is_flooded()
    assert await elsewhere.knows(known)
    begun = await elsewhere.sessions.begin("asha", here.directory.accounts["asha"].epoch)
    assert await elsewhere.knows(begun.secret)
    assert await elsewhere.knows(await here.signs_in(), HOME)
    with pytest.raises(RateLimited):
        await elsewhere.knows(unknown)
    clock.advance(timedelta(minutes=1))
    assert await elsewhere.knows(unknown)


async def test_of_looked_up_sessions_those_that_hold_do_not_count(
    here: Process, elsewhere: Elsewhere
) -> None:
    for n in range(MOST_LOOKED_UP - 1):
        await elsewhere.knows(f"made up {n}")
    for _ in range(3):
        assert await elsewhere.knows(await here.signs_in())
    assert not await elsewhere.knows("the last one")
    with pytest.raises(RateLimited):
        await elsewhere.knows("one too many")


async def test_of_sessions_looked_up_at_once_no_more_are_than_one_after_the_other(
    elsewhere: Elsewhere,
) -> None:
    asked = (elsewhere.knows(f"made up {n}") for n in range(2 * MOST_LOOKED_UP))
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in told] == [bool] * MOST_LOOKED_UP + [RateLimited] * MOST_LOOKED_UP
    assert elsewhere.store.finds == MOST_LOOKED_UP
