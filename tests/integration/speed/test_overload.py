"""Past what it can do, what the service takes stays quick, and so do its refusals."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from services.clock import stopwatch
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import booking, open_day
from tests.integration.invariants import check
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

SHEETS = 60
SATURATING = 128
"""Clients beyond which one process does hardly more in a second."""
SECONDS = 4.0
SLOWER_AT_MOST = 3 * 2.0  # twice; the rest is for a machine that does other things meanwhile
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
    (service,) = await start_services(1)
    slots = [
        slot
        for n in range(SHEETS)
        for slot in await open_day(service.port, f"doctor{n}", seats=[400])
    ]

    saturated = await put_load(service.port, slots, SATURATING, "saturating")
    memory = service.megabytes
    overloaded = await put_load(service.port, slots, 4 * SATURATING, "overloading")
    grown = service.megabytes - memory
    began = stopwatch()
    await put_load(service.port, slots, 1, "after", seconds=0.1)
    recovered = stopwatch() - began

    for name, load in (("saturated", saturated), ("overloaded", overloaded)):
        sys.stdout.write(
            f"{name}: {len(load.taken) / SECONDS:.0f} taken/s, p99 {p99(load.taken):.3f} s; "
            f"{len(load.refused)} refused, p99 {p99(load.refused):.3f} s; grown {grown} MB\n"
        )
    assert not saturated.refused
    assert overloaded.refused
    assert overloaded.helpful
    assert p99(overloaded.taken) < SLOWER_AT_MOST * p99(saturated.taken)
    assert p99(overloaded.refused) < SLOWER_AT_MOST * p99(saturated.taken)
    assert grown < GROWS_AT_MOST
    assert recovered < RECOVERS_WITHIN
    check(stored)
    taken = len(saturated.taken) + len(overloaded.taken)
    assert len(stored.tokens()) >= taken


async def put_load(
    port: int, slots: Sequence[str], clients: int, name: str, *, seconds: float = SECONDS
) -> Load:
    """Clients that book one after the other, and wait as long as a refusal tells them to."""
    load = Load()
    end = stopwatch() + seconds

    async def sit(who: int) -> None:
        async with Client(port) as client:
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

    await asyncio.gather(*(sit(who) for who in range(clients)))
    return load


def p99(times: Sequence[float]) -> float:
    """The time within which 99 of 100 were answered."""
    return sorted(times)[int(0.99 * (len(times) - 1))] if times else 0.0
