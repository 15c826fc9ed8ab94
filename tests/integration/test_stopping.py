"""SIGTERM: what was taken is answered, what is answered is stored, and nothing else."""

import asyncio
import sys
from contextlib import AsyncExitStack

import pytest

from config import Driver
from models.errors import Busy
from services.clock import stopwatch
from tests.integration.client import Client, Gone, Reply
from tests.integration.conftest import StartServices
from tests.integration.houses import Houses, book, plan_day
from tests.integration.insistent_client import booked, booking, open_day
from tests.integration.invariants import Answer, Booked, check
from tests.integration.processes import until
from tests.integration.proxy import Loss, Proxy, store_writes
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(270)]

STOP_SECONDS = 3 * 10.0
SLOW_SECONDS = 0.5
"""How long a write takes meanwhile: more than a stop without patience would wait."""


async def test_sigterm_under_load_answers_what_was_taken_and_exits_0(
    start_services: StartServices, stored: Stored
) -> None:
    (service,) = await start_services(1)
    slots = await open_day(service.port, seats=[100, 100, 100, 100])
    answers: list[Answer] = []
    patients: list[str] = []

    async def keep_booking(who: int) -> None:
        async with Client(service.port) as client:
            for n in range(10_000):
                body = booking(slots[n % 4], f"patient{who}.{n}")
                try:
                    reply = await client.ask("POST", "/api/tokens/book", body)
                except Gone:
                    return
                if reply.status == 503:
                    return  # it takes no more
                assert reply.status == 201
                answers.append(booked(reply))
                patients.append(f"patient{who}.{n}")

    load = [asyncio.create_task(keep_booking(who)) for who in range(32)]
    await until(lambda: len(answers) > 200)
    service.terminate()
    began = stopwatch()
    code = await service.ended(STOP_SECONDS)
    took = stopwatch() - began
    await asyncio.gather(*load)

    sys.stdout.write(f"stopped in {took:.2f} s with {len(answers)} bookings\n")
    assert code == 0
    check(stored, answers)
    assert sorted(token.patient.id for token in stored.tokens()) == sorted(patients)


async def test_sigterm_waits_for_the_write_that_is_under_way(
    start_services: StartServices, stored: Stored, proxy: Proxy
) -> None:
    (service,) = await start_services(1, on=proxy.address)
    (slot,) = await open_day(service.port, seats=[20])
    proxy.lose(store_writes, Loss.HELD)
    async with Client(service.port) as client:
        asked = asyncio.create_task(
            client.ask("POST", "/api/tokens/book", booking(slot, "patient"))
        )
        await proxy.met()
        service.terminate()
        await until(lambda: not service.listens)
        await asyncio.sleep(SLOW_SECONDS)
        assert service.running
        proxy.release()
        reply = await asked

    assert reply.status == 201
    assert await service.ended(STOP_SECONDS) == 0
    check(stored, [booked(reply)])


async def test_sigterm_while_the_database_hangs_exits_in_time(
    start_services: StartServices, proxy: Proxy
) -> None:
    (service,) = await start_services(1, on=proxy.address)
    (slot,) = await open_day(service.port, seats=[20])
    proxy.lose(lambda _: True, Loss.HELD, times=10_000)
    async with Client(service.port) as client:
        await client.send("POST", "/api/tokens/book", booking(slot, "patient"))
        await proxy.met()
        service.terminate()
        assert await service.ended(STOP_SECONDS) == 0


async def test_who_is_cut_short_at_a_stop_is_told_that_it_may_have_happened(
    start_services: StartServices, stored: Stored, proxy: Proxy
) -> None:
    """Of a read that the database did not answer, not that the service were busy."""
    (service,) = await start_services(1, on=proxy.address)
    (slot,) = await open_day(service.port, seats=[20])
    proxy.lose(lambda request: request.collection == "day_sheets", Loss.HELD, times=10_000)
    async with AsyncExitStack() as clients:

        async def ask(method: str, path: str, body: object = None) -> "asyncio.Task[Reply]":
            client = await clients.enter_async_context(Client(service.port))
            return asyncio.create_task(client.ask(method, path, body))

        asked = [await ask("POST", "/api/tokens/book", booking(slot, "patient"))]
        for held in (1, 2):
            await proxy.met(held)
            asked.append(await ask("GET", f"/api/tokens/queue/{slot}"))
        await proxy.met(3)
        # Two questions are under way, so this one is asked only when they have been given up.
        asked.append(await ask("GET", f"/api/tokens/queue/{slot}"))
        service.terminate()
        answers = await asyncio.gather(*asked)

    assert [(answer.status, answer.code) for answer in answers] == [
        (503, "outcome_unknown"),
        (503, "database_unavailable"),
        (503, "database_unavailable"),
        (503, "database_unavailable"),
    ]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert "retry-after" in answer.headers
    assert await service.ended(STOP_SECONDS) == 0
    proxy.release()
    await until(lambda: [token.patient.id for token in stored.tokens()] == ["patient"])


async def test_a_store_that_stops_takes_no_more_and_finishes_what_it_took(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    opd = await houses.build(through_proxy=True)
    (slot,) = await plan_day(opd, seats=[50])
    proxy.lose(store_writes, Loss.HELD)
    flying = [asyncio.create_task(book(opd, slot, f"flying{n}")) for n in range(10)]
    await proxy.met()
    waiting = [asyncio.create_task(book(opd, slot, f"waiting{n}")) for n in range(10)]
    await asyncio.sleep(0)  # each has handed in its command

    stopping = asyncio.create_task(opd.stop())
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await book(opd, slot, "late")
    proxy.release()
    await stopping

    answers: list[Booked] = await asyncio.gather(*flying, *waiting)
    check(stored, answers)
    assert len(stored.tokens()) == 20


async def test_a_service_stops_right_after_a_connection_broke(
    houses: Houses, proxy: Proxy, driver: Driver
) -> None:
    """PyMongo's async client may swallow the cancellation of what goes on in the background."""
    for n in range(5):
        opd = await houses.build(driver=driver, through_proxy=True)
        proxy.lose(store_writes, Loss.UNSENT)
        await plan_day(opd, f"doctor{n}", seats=[5])
        stopping = asyncio.create_task(opd.stop())
        done, _ = await asyncio.wait([stopping], timeout=30)
        assert done
