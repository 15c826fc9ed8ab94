"""What is changed of access in one process holds in the others, and is missed by nobody meanwhile."""

import asyncio
import os
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import pytest

from services.access.directory import CHANGE_SECONDS
from services.clock import stopwatch
from tests.integration.client import Client, Gone
from tests.integration.conftest import StartServices
from tests.integration.insistent_client import open_day
from tests.integration.processes import ROOT, Service, until, until_so
from tests.integration.proxy import Loss, Proxy, Request

pytestmark = pytest.mark.integration

ACCOUNTS = "/api/access/accounts"
PORTAL = {"id": "portal", "kind": "client", "name": "City portal", "role": "portal"}
PHONE = "+91 98450 12345"
CALLERS = 8
BOOKINGS = 50


async def _make_portal(service: Service) -> None:
    async with Client(service.port) as operator:
        assert (await operator.ask("POST", ACCOUNTS, PORTAL)).status == HTTPStatus.CREATED


async def _make_key(service: Service) -> dict[str, str]:
    async with Client(service.port) as operator:
        made = await operator.ask("POST", f"{ACCOUNTS}/portal/keys", {})
        assert made.status == HTTPStatus.CREATED
        return made.read(dict[str, str])


async def _revoke(service: Service, key: dict[str, str]) -> None:
    async with Client(service.port) as operator:
        done = await operator.ask("DELETE", f"{ACCOUNTS}/portal/keys/{key['id']}")
        assert done.status == HTTPStatus.OK


async def _opens(services: Sequence[Service], key: dict[str, str]) -> list[bool]:
    """Of each process, whether it lets that key in."""
    found = []
    for service in services:
        async with Client(service.port, credential=key["key"]) as portal:
            status = (await portal.ask("GET", "/api/doctors")).status
            assert status in (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED)
            found.append(status == HTTPStatus.OK)
    return found


async def test_a_key_revoked_in_one_process_is_refused_by_another_within_five_seconds(
    start_services: StartServices,
) -> None:
    here, there = services = await start_services(2)
    await _make_portal(here)
    key = await _make_key(here)

    async def both_open() -> bool:
        return all(await _opens(services, key))

    async def there_closed() -> bool:
        return await _opens([there], key) == [False]

    await until_so(both_open, CHANGE_SECONDS)
    began = stopwatch()
    await _revoke(here, key)
    assert await _opens([here], key) == [False], "not even where it was revoked"
    await until_so(there_closed, CHANGE_SECONDS)
    assert stopwatch() - began < CHANGE_SECONDS


async def test_a_key_is_changed_under_load_without_one_refusal(
    start_services: StartServices,
) -> None:
    services = await start_services(2)
    slots = await open_day(services[0].port, "asha", seats=[400])
    await _make_portal(services[0])
    keys = [await _make_key(services[0])]
    statuses: list[int] = []
    over = asyncio.Event()

    async def keys_open() -> bool:
        return all([all(await _opens(services, key)) for key in keys])

    async def call(n: int) -> None:
        """Books, with whichever key is the portal's at the moment."""
        used, client = "", Client(services[n % 2].port)
        turn = 0
        while not over.is_set():
            turn += 1
            if used != keys[-1]["key"]:
                client.leave()
                used = keys[-1]["key"]
                client = Client(services[n % 2].port, credential=used)
            body = {"slotId": slots[0], "patientId": f"p{n}.{turn}", "patientName": "Asha Iyer"}
            booked = await client.ask("POST", "/api/tokens/book", {**body, "phoneNumber": PHONE})
            statuses.append(booked.status)
        client.leave()

    async def more_bookings() -> None:
        goal = len(statuses) + 3 * CALLERS
        await until(lambda: len(statuses) >= goal)

    await until_so(keys_open, CHANGE_SECONDS)
    load = [asyncio.create_task(call(n)) for n in range(CALLERS)]
    await more_bookings()
    for _ in range(3):
        old, new = keys[-1], await _make_key(services[0])

        async def new_opens(key: dict[str, str] = new) -> bool:
            return all(await _opens(services, key))

        await until_so(new_opens, CHANGE_SECONDS)
        assert await _opens(services, old) == [True, True], "both are valid at once"
        await more_bookings()
        keys.append(new)
        await more_bookings()  # each caller has taken up the new one
        await _revoke(services[1], old)
        await more_bookings()

        async def old_closed(key: dict[str, str] = old) -> bool:
            return not any(await _opens(services, key))

        await until_so(old_closed, CHANGE_SECONDS)
    over.set()
    await asyncio.gather(*load)
    assert set(statuses) == {HTTPStatus.CREATED}


async def test_production_without_an_admin_refuses_all_but_healthz_and_says_how_to_begin(
    address: str, tmp_path: Path
) -> None:
    settings = {"MONGODB_URI": address, "ENVIRONMENT": "production"}
    service = Service(tmp_path, settings)
    service.start()
    try:
        async with Client(service.port) as client:

            async def is_told(path: str, status: int) -> bool:
                try:
                    return (await client.ask("GET", path)).status == status
                except Gone:
                    assert service.running, service.log
                    return False

            await until_so(lambda: is_told("/api/doctors", HTTPStatus.SERVICE_UNAVAILABLE), 30)
            for path in ("/", "/docs", "/readyz", "/metrics", "/api/doctors"):
                told = await client.ask("GET", path)
                assert (told.status, told.code) == (HTTPStatus.SERVICE_UNAVAILABLE, "no_admin")
                assert b"access create-admin" in told.body
            assert await is_told("/healthz", HTTPStatus.OK)

            made = await asyncio.create_subprocess_exec(
                *(sys.executable, str(ROOT / "main.py"), "access", "create-admin", "asha"),
                cwd=tmp_path,
                env={**os.environ, **settings},
                stdout=asyncio.subprocess.PIPE,
            )
            told_once, _ = await made.communicate()
            assert made.returncode == 0
            assert b"/password/" in told_once
            await until_so(lambda: is_told("/readyz", HTTPStatus.OK), CHANGE_SECONDS)
            # The key of a try-out, which this client shows, opens nothing here.
            assert await is_told("/api/doctors", HTTPStatus.UNAUTHORIZED)
    finally:
        service.end()


async def test_who_asks_and_whether_they_may_costs_a_booking_no_request_to_the_database(
    start_services: StartServices, proxy: Proxy
) -> None:
    """A process looks once a second at what all need to know, however many ask."""
    (service,) = await start_services(1, on=proxy.address)
    slots = await open_day(service.port, seats=[400])
    await _make_portal(service)
    key = await _make_key(service)
    asked: list[str] = []

    def note(request: Request) -> bool:
        asked.append(request.collection)
        return False

    async with Client(service.port, credential=key["key"]) as portal:

        async def book(patient: str) -> None:
            body = {"slotId": slots[0], "patientId": patient, "patientName": "Asha Iyer"}
            booked = await portal.ask("POST", "/api/tokens/book", {**body, "phoneNumber": PHONE})
            assert booked.status == HTTPStatus.CREATED

        await book("first")
        proxy.lose(note, Loss.HELD)
        began = stopwatch()
        for n in range(BOOKINGS):
            await book(f"p{n}")
        seconds = stopwatch() - began
    assert asked.count("day_sheets") >= BOOKINGS
    assert not {"principals", "facilities", "doctors", "audit"} & set(asked)
    assert asked.count("access") <= seconds + 1
