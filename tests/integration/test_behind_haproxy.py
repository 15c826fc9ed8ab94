"""Workers behind HAProxy: each doctor's sheets are written by one of them, until it dies."""

import asyncio
import sys
from itertools import count
from pathlib import Path

import pytest

from services.clock import stopwatch
from tests.deploy.haproxy import Haproxy
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import InsistentClient, Ledger, open_day
from tests.integration.invariants import check
from tests.integration.processes import Service
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(450)]

DOCTORS = 12
DESKS = 8
MOVES_WITHIN = 3 * 1.5  # seconds: two checks, half a second apart, and the load of this machine
THINK_SECONDS = 0.02


async def test_without_a_kill_each_sheet_has_one_writer_and_no_race(
    start_services: StartServices, stored: Stored, tmp_path: Path
) -> None:
    services = await start_services(2)
    async with Haproxy(tmp_path, [service.port for service in services]) as haproxy:
        slots = await _open_days(haproxy)
        ledger = Ledger()

        async def sit(n: int) -> None:
            async with InsistentClient([haproxy.port], ledger) as insistent:
                for turn in range(3 * DOCTORS):
                    await insistent.book(slots[(n + turn) % len(slots)], f"patient{n}.{turn}")

        await asyncio.gather(*(sit(n) for n in range(DESKS)))
    check(stored, ledger.answers)
    writers = [sheet.writers for sheet in stored.sheets()]
    assert all(len(names) == 1 for names in writers)
    assert len({name for names in writers for name in names}) == 2
    assert [await _conflicts(service) for service in services] == [0, 0]


async def test_the_doctors_of_a_killed_worker_move_to_another_and_nothing_is_lost(
    start_services: StartServices, stored: Stored, tmp_path: Path
) -> None:
    services = await start_services(2)
    async with Haproxy(tmp_path, [service.port for service in services]) as haproxy:
        slots = await _open_days(haproxy)
        ledger = Ledger()
        comers = count()
        over = asyncio.Event()

        async def sit(n: int) -> None:
            async with InsistentClient([haproxy.port], ledger) as insistent:
                while not over.is_set():
                    patient = next(comers)
                    token = await insistent.book(slots[patient % len(slots)], f"patient{patient}")
                    if token is not None and patient % 5 == n % 5:
                        await insistent.cancel(token.id)
                    await asyncio.sleep(THINK_SECONDS)

        load = [asyncio.create_task(sit(n)) for n in range(DESKS)]
        waits = []
        for victim in (services[0], services[1], services[0]):
            await ledger.grow(60)
            victim.kill()
            began = stopwatch()
            await haproxy.until_up(*(n for n, each in enumerate(services, 1) if each is not victim))
            waits.append(stopwatch() - began)
            await ledger.grow(60)  # of all doctors, by the other
            victim.start()
            await haproxy.until_up(1, 2)
        over.set()
        await asyncio.gather(*load)

    sys.stdout.write(f"{dict(ledger.statuses)}; moved within {max(waits):.2f} s\n")
    check(stored, ledger.answers)
    assert not ledger.odd
    assert sorted(ledger.patients) == sorted(token.patient.id for token in stored.tokens())
    assert max(waits) < MOVES_WITHIN


async def _open_days(haproxy: Haproxy) -> list[str]:
    await haproxy.until_up(1, 2)
    days = [await open_day(haproxy.port, f"doctor{n}", seats=[400]) for n in range(DOCTORS)]
    return [slot for day in days for slot in day]


async def _conflicts(service: Service) -> float:
    async with Client(service.port) as client:
        told = (await client.ask("GET", "/metrics")).body.decode()
    (line,) = [line for line in told.splitlines() if line.startswith("opd_conflicts_total ")]
    return float(line.split()[1])
