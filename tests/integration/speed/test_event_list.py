"""Events of one sheet or token are found among many others without looking at these."""

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from config import Driver
from services.clock import stopwatch
from services.requests import NewDoctor
from tests.integration.houses import Houses
from tests.integration.stored import Document, Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration

OTHERS = 25_000
QUICKER = 2
"""Than looking at all of them."""


async def best_of(tries: int, ask: Callable[[], Awaitable[object]]) -> float:
    """Seconds; what disturbs a measurement makes it longer."""
    times = []
    for _ in range(tries):
        began = stopwatch()
        await ask()
        times.append(stopwatch() - began)
    return min(times)


async def test_who_asks_for_a_sheet_or_token_does_not_wait_for_the_events_of_others(
    houses: Houses, stored: Stored, driver: Driver
) -> None:
    opd = await houses.build(driver=driver)
    await opd.doctors.add(
        make_caller(), NewDoctor(name="Dr Nobody", specialization="Skin", doctor_id="nobody")
    )
    await opd.relay.stop()
    events: list[Document] = [
        {
            "_id": seq,
            "sheet": f"doctor{seq % 100}-20900605",
            "n": seq // 100 + 1,
            "type": "BOOKED",
            "at": datetime(2090, 6, 1, tzinfo=UTC),
            "tokenId": f"doctor{seq % 100}-20900605-{seq // 100:012}",
        }
        for seq in range(1, OTHERS + 1)
    ]
    stored["events"].insert_many(events)

    async def look_at_all() -> None:
        assert stored["events"].find_one({"type": "NONE"}) is None

    slow = await best_of(5, look_at_all)
    for sheet, token in (("nobody-20900605", None), (None, "nobody-20900605-aaaaaaaaaaaa")):

        async def ask(sheet: str | None = sheet, token: str | None = token) -> None:
            found = await opd.history.events(
                make_caller(), after=0, sheet_id=sheet, token_id=token, limit=100
            )
            assert (found.events, found.newest) == ([], OTHERS)

        quick = await best_of(5, ask)
        sys.stdout.write(f"{1000 * quick:.1f} ms, all of them {1000 * slow:.1f} ms\n")
        assert quick * QUICKER < slow
