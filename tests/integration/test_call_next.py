"""Many desks call the next of one doctor's line at once, in four processes."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import pytest
from msgspec import Struct

from services.clock import SystemClock
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import IdBody, InsistentClient, Ledger, TokenBody
from tests.integration.processes import Service
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

PATIENTS = 60
DESKS = 4
"""In each process."""


class CalledBody(Struct):
    token: TokenBody | None


def noon() -> tuple[str, datetime]:
    """A zone in which it is about noon now, so that the day has come and does not end; its time."""
    now = SystemClock().now().astimezone(UTC)
    ahead = 12 - now.hour
    zone = f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
    return zone, now.astimezone(timezone(timedelta(hours=ahead)))


async def open_day(desk: InsistentClient, day: str) -> list[str]:
    """A doctor's slot with room for all, and a token for each patient, all checked in."""
    doctor = {"id": "asha", "name": "Asha Rao", "specialization": "Cardiology"}
    assert (await desk.insist("POST", "/api/doctors", doctor)).status == 201
    slot = {"doctorId": "asha", "date": day, "startTime": "10:00", "endTime": "20:00"}
    made = await desk.insist("POST", "/api/slots", {**slot, "maxCapacity": PATIENTS})
    slot_id = made.read(IdBody).id
    tokens = []
    for n in range(PATIENTS):
        token = await desk.book(slot_id, f"patient{n}")
        assert token is not None
        tokens.append(token.id)
        reply = await desk.insist("POST", f"/api/tokens/{token.id}/check-in")
        assert reply.status == 200
    return tokens


async def test_no_patient_is_called_twice_and_none_is_forgotten(
    start_services: StartServices, stored: Stored
) -> None:
    zone, now = noon()
    services = await start_services(4, FACILITY_TIMEZONE=zone)
    ledger = Ledger()
    calls: list[str] = []
    rooms = count(1)

    async def call(desk: InsistentClient, room: int, finish: str | None, key: str) -> str | None:
        body = {"room": str(room)} if finish is None else {"room": str(room), "finish": finish}
        reply = await desk.insist("POST", "/api/queue/asha/next", body, key=key)
        assert reply.status == 200, reply.body
        token = reply.read(CalledBody).token
        return None if token is None else token.id

    async def work(service: Service) -> None:
        room, keys, seen = next(rooms), count(1), None
        async with InsistentClient([service.port], ledger) as desk:
            while True:
                key = f"{room}-{next(keys)}"
                one, again = await call(desk, room, seen, key), None
                if one is not None:
                    again = await call(desk, room, seen, key)  # as if the first were unanswered
                assert again == one
                if one is None:
                    return
                calls.append(one)
                assert (await desk.insist("POST", f"/api/tokens/{one}/start")).status == 200
                seen = one

    async with InsistentClient([services[0].port], ledger) as desk:
        tokens = await open_day(desk, f"{now:%Y-%m-%d}")
    await asyncio.gather(*(work(service) for service in services for _ in range(DESKS)))

    assert Counter(calls) == Counter(tokens)
    assert {token.status for token in stored.tokens()} == {"COMPLETED"}
    assert not ledger.odd
