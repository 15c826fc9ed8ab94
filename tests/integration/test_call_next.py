"""Many desks call the next of one doctor's line at once, in four processes."""

import asyncio
from collections import Counter
from itertools import count

import pytest

from tests.integration.conftest import StartServices
from tests.integration.insistent_client import InsistentClient, Ledger
from tests.integration.processes import Service
from tests.integration.stored import Stored
from tests.integration.waiting_line import call_next, noon, open_line

pytestmark = [pytest.mark.integration, pytest.mark.timeout(270)]

PATIENTS = 60
DESKS = 4
"""In each process."""


async def test_no_patient_is_called_twice_and_none_is_forgotten(
    start_services: StartServices, stored: Stored
) -> None:
    zone, now = noon()
    services = await start_services(4, FACILITY_TIMEZONE=zone)
    ledger = Ledger()
    calls: list[str] = []
    rooms = count(1)

    async def work(service: Service) -> None:
        keys, body = count(1), {"room": str(next(rooms))}
        async with InsistentClient([service.port], ledger) as desk:
            while True:
                key = f"{body['room']}-{next(keys)}"
                one, again = await call_next(desk, "asha", body, key), None
                if one is not None:  # as if the first were unanswered
                    again = await call_next(desk, "asha", body, key)
                assert again == one
                if one is None:
                    return
                calls.append(one)
                assert (await desk.insist("POST", f"/api/tokens/{one}/start")).status == 200
                body = {**body, "finish": one}

    async with InsistentClient([services[0].port], ledger) as desk:
        tokens = await open_line(desk, "asha", f"{now:%Y-%m-%d}", PATIENTS)
    await asyncio.gather(*(work(service) for service in services for _ in range(DESKS)))

    assert Counter(calls) == Counter(tokens)
    assert {token.status for token in stored.tokens()} == {"COMPLETED"}
    assert not ledger.odd
