"""Past what it can do, what the service takes stays quick, and so do its refusals."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median

import pytest

from services.clock import stopwatch
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import booking, open_portals, open_slots
from tests.integration.invariants import check
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(360)]

SHEETS = 60
SATURATING = 128
"""Clients beyond which one process does hardly more in a second."""
PORTALS = 8
"""Among which they are shared, so that none has more than its share."""
SECONDS = 2.0  # of each half of a round
SLOWER_AT_MOST = 1.5 * 2.0  # twice; the rest is for a machine that does other things meanwhile
ROUNDS = 3
RECOVERS_WITHIN = 3 * 1.0  # seconds
GROWS_AT_MOST = 100  # megabytes; the sheets in its cache grow too


@dataclass
class Load:
    """Seconds that answers took."""

    taken: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    helpful: bool = True
    """Whether every refusal named a time to try again."""


async def test_four_times_the_clients_that_saturate_it_are_refused_the_excess(
    start_services: StartServices, stored: Stored
) -> None:
    """In rounds of both, so that a machine that slows down meanwhile slows both."""
    (service,) = await start_services(1)
    slots = await open_slots(service.port, SHEETS, seats=400)
    keys = await open_portals(service.port, PORTALS)
    await put_load(service.port, slots, SATURATING, "warming", keys)
    memory = service.megabytes

    taken, slower, slower_refused = 0, [], []
    for n in range(ROUNDS):
        saturated = await put_load(service.port, slots, SATURATING, f"saturating{n}.", keys)
        overloaded = await put_load(service.port, slots, 4 * SATURATING, f"overloading{n}.", keys)
        for name, load in (("saturated", saturated), ("overloaded", overloaded)):
            sys.stdout.write(
                f"{name}: {len(load.taken) / SECONDS:.0f} taken/s, p99 {p99(load.taken):.3f} s; "
                f"{len(load.refused)} refused, p99 {p99(load.refused):.3f} s\n"
            )
        assert not saturated.refused
        assert overloaded.refused
        assert overloaded.helpful
        taken += len(saturated.taken) + len(overloaded.taken)
        slower.append(p99(overloaded.taken) / p99(saturated.taken))
        slower_refused.append(p99(overloaded.refused) / p99(saturated.taken))
    grown = service.megabytes - memory
    began = stopwatch()
    await put_load(service.port, slots, 1, "after", keys, seconds=0.1)
    recovered = stopwatch() - began

    assert median(slower) < SLOWER_AT_MOST
    assert median(slower_refused) < SLOWER_AT_MOST
    assert grown < GROWS_AT_MOST
    assert recovered < RECOVERS_WITHIN
    check(stored)
    assert len(stored.tokens()) >= taken


async def put_load(
    port: int,
    slots: Sequence[str],
    clients: int,
    name: str,
    keys: Sequence[str],
    *,
    seconds: float = SECONDS,
) -> Load:
    """Clients, these portals' in turn, that book one after the other, and wait as long as a refusal tells them to.

    Their connections stand before: to open hundreds at one instant took longer than all else.
    """
    load = Load()
    async with AsyncExitStack() as stack:
        crowd = [
            await stack.enter_async_context(Client(port, credential=keys[n % len(keys)]))
            for n in range(clients)
        ]
        for client in crowd:
            await client.ask("GET", "/healthz")
        end = stopwatch() + seconds

        async def sit(who: int, client: Client) -> None:
            n = 0
            while stopwatch() < end:
                n += 1
                body = booking(slots[(who + n) % len(slots)], f"{name}{who}.{n}")
                began = stopwatch()
                reply = await client.ask("POST", "/api/tokens/book", body)
                took = stopwatch() - began
                if reply.status == 201:
                    load.taken.append(took)
                    continue
                assert (reply.status, reply.code) == (503, "busy")
                load.refused.append(took)
                load.helpful &= "retry-after" in reply.headers
                await asyncio.sleep(float(reply.headers.get("retry-after", "1")))

        await asyncio.gather(*(sit(who, client) for who, client in enumerate(crowd)))
    return load


def p99(times: Sequence[float]) -> float:
    """The time within which 99 of 100 were answered."""
    return sorted(times)[int(0.99 * (len(times) - 1))] if times else 0.0
