"""A caller who leaves while their booking is being written harms nobody, and keeps the seat."""

import asyncio

import pytest

from config import Driver
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.houses import Houses, book, plan_day
from tests.integration.insistent_client import InsistentClient, Ledger, booking, open_day
from tests.integration.invariants import check
from tests.integration.processes import until
from tests.integration.proxy import Loss, Proxy, store_writes
from tests.integration.stored import Stored

pytestmark = pytest.mark.integration


async def test_a_booking_stands_though_its_caller_left_while_it_was_written(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    (slot,) = await plan_day(opd, seats=[20])
    proxy.lose(store_writes, Loss.HELD)
    callers = [asyncio.create_task(book(opd, slot, f"patient{n}")) for n in range(10)]
    await proxy.met()  # all of them are in the write that is held

    callers[3].cancel()
    callers[7].cancel()
    await asyncio.wait([callers[3], callers[7]])
    proxy.release()
    answers = [await caller for n, caller in enumerate(callers) if n not in (3, 7)]

    check(stored, answers)
    assert [token.patient.id for token in stored.tokens()] == [f"patient{n}" for n in range(10)]


async def test_clients_that_disconnect_leave_the_others_unharmed(
    start_services: StartServices, stored: Stored
) -> None:
    (service,) = await start_services(1)
    (slot,) = await open_day(service.port, seats=[200])
    ledger = Ledger()

    async def stay(n: int) -> None:
        async with InsistentClient([service.port], ledger) as insistent:
            for turn in range(10):
                await insistent.book(slot, f"stays{n}.{turn}")

    async def leave(n: int) -> None:
        for turn in range(10):
            async with Client(service.port) as client:
                body = booking(slot, f"leaves{n}.{turn}")
                await client.send("POST", "/api/tokens/book", body)
                await asyncio.sleep(0)  # the bytes are out; the answer is not awaited

    await asyncio.gather(*(go(n) for n in range(8) for go in (stay, leave)))
    async with InsistentClient([service.port], ledger) as insistent:
        last = await insistent.book(slot, "last")

    assert last is not None
    check(stored, ledger.answers)
    assert ledger.statuses == {"201": 81}
    left = [token for token in stored.tokens() if token.patient.id.startswith("leaves")]
    assert left, "nobody left in the middle, so this proved nothing"


async def test_a_client_gone_while_the_database_is_slow_has_booked(
    start_services: StartServices, stored: Stored, proxy: Proxy
) -> None:
    (service,) = await start_services(1, on=proxy.address)
    (slot,) = await open_day(service.port, seats=[20])
    proxy.lose(store_writes, Loss.HELD)
    async with Client(service.port) as client:
        await client.send("POST", "/api/tokens/book", booking(slot, "leaver"))
        await proxy.met()
    proxy.release()

    await until(lambda: bool(stored.tokens()))
    async with InsistentClient([service.port], Ledger()) as insistent:
        assert await insistent.book(slot, "next") is not None
    assert [token.patient.id for token in stored.tokens()] == ["leaver", "next"]
