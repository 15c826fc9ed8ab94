"""Two services under load, each killed and started again in turn."""

import asyncio
import random
import sys
from itertools import count

from services.clock import stopwatch
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import InsistentClient, Ledger, draw_source, open_day

SHEETS = 10
THINK_SECONDS = 0.02
"""A desk's pause between two patients: the days must not fill up before the last kill."""


async def kill_under_load(
    start_services: StartServices, chance: random.Random, kills: int
) -> tuple[Ledger, list[float]]:
    """What the desks were told; and the seconds from each kill until the service was ready."""
    services = await start_services(2)
    days = [await open_day(services[0].port, f"doctor{n}", seats=[60] * 4) for n in range(SHEETS)]
    slots = [slot for day in days for slot in day]
    ledger = Ledger()
    comers = count()
    over = asyncio.Event()

    async def sit(n: int) -> None:
        ports = [service.port for service in services[:: 1 if n % 2 else -1]]
        async with InsistentClient(ports, ledger) as insistent:
            while not over.is_set():
                patient = f"patient{next(comers)}"
                token = await insistent.book(chance.choice(slots), patient, draw_source(chance))
                if token is not None and chance.random() < 0.3:
                    await insistent.cancel(token.id)
                await asyncio.sleep(THINK_SECONDS * chance.random())

    load = [asyncio.create_task(sit(n)) for n in range(6)]
    waits = []
    for n in range(kills):
        await ledger.grow(chance.randint(5, 25))
        victim = services[n % 2]
        victim.kill()
        began = stopwatch()
        victim.start()
        await ledger.grow(5)  # the other goes on
        await victim.ready()
        waits.append(stopwatch() - began)
    over.set()
    await asyncio.gather(*load)
    sys.stdout.write(
        f"{dict(ledger.statuses)}; restart to ready: mean {sum(waits) / kills:.2f} s, "
        f"worst {max(waits):.2f} s\n"
    )
    return ledger, waits
