"""While one client asks for more than the service can do, the others are served."""

import asyncio
import sys
from collections import Counter

import pytest

from services.store.room import MOST_WAITING
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import booking, open_portals, open_slots
from tests.integration.invariants import check
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(360)]

SHEETS = 8
DESK = 15
"""What the desk books, and looks at, while the portal hammers."""


async def test_while_one_portal_goes_wild_the_desk_never_sees_busy(
    start_services: StartServices, stored: Stored
) -> None:
    (service,) = await start_services(1)
    slots = await open_slots(service.port, SHEETS, seats=400)
    (key,) = await open_portals(service.port, 1)
    wild: Counter[int] = Counter()
    over = asyncio.Event()

    async def hammer(who: int) -> None:
        async with Client(service.port, credential=key) as client:
            n = 0
            while not over.is_set():
                n += 1
                body = booking(slots[(who + n) % SHEETS], f"wild{who}.{n}")
                wild[(await client.ask("POST", "/api/tokens/book", body)).status] += 1

    portal = [asyncio.create_task(hammer(who)) for who in range(MOST_WAITING + 40)]
    async with Client(service.port) as desk:
        while not wild[429] + wild[503]:
            await desk.ask("GET", "/healthz")
        told: Counter[str] = Counter()
        for n in range(DESK):
            for method, path, body in (
                ("POST", "/api/tokens/book", booking(slots[n % SHEETS], f"desk{n}")),
                ("GET", f"/api/queue/doctor{n % SHEETS}", None),
            ):
                reply = await desk.ask(method, path, body)
                told["ok" if reply.status < 400 else reply.code] += 1
    over.set()
    await asyncio.gather(*portal)
    sys.stdout.write(f"the portal was told {dict(wild)}, the desk {dict(told)}\n")
    assert told == {"ok": 2 * DESK}
    assert wild.keys() == {201, 429}
    check(stored)
