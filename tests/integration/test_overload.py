"""What is more than the service can do is refused at once, and what was taken is kept."""

import asyncio

import pytest

from models.errors import Busy
from services.store.writer import MOST_WAITING
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.houses import Houses, book, plan_day
from tests.integration.insistent_client import booking, open_day
from tests.integration.invariants import Booked, check
from tests.integration.proxy import Loss, Proxy, store_writes
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


async def test_past_its_bound_the_store_refuses_at_once_and_keeps_what_it_took(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    opd = await houses.build(through_proxy=True)
    (slot,) = await plan_day(opd, seats=[500])
    proxy.lose(store_writes, Loss.HELD)
    taken = [asyncio.create_task(book(opd, slot, f"taken{n}")) for n in range(MOST_WAITING)]
    await proxy.met()

    refused = await asyncio.gather(
        *(book(opd, slot, f"refused{n}") for n in range(100)), return_exceptions=True
    )
    assert [type(answer) for answer in refused] == [Busy] * 100
    assert not any(task.done() for task in taken)
    proxy.release()

    answers: list[Booked] = await asyncio.gather(*taken)
    after = await book(opd, slot, "after")
    check(stored, [*answers, after])
    assert len(stored.tokens()) == MOST_WAITING + 1


async def test_a_busy_service_refuses_before_it_parses_but_never_a_probe(
    start_services: StartServices, proxy: Proxy
) -> None:
    (service,) = await start_services(1, on=proxy.address)
    (slot,) = await open_day(service.port, seats=[500])
    proxy.lose(store_writes, Loss.HELD)
    waiting = [Client(service.port) for _ in range(MOST_WAITING)]
    for n, client in enumerate(waiting):
        await client.send("POST", "/api/tokens/book", booking(slot, f"patient{n}"))
    await proxy.met()

    async with Client(service.port) as client:
        while (reply := await client.ask("POST", "/api/tokens/book", {})).status == 422:
            pass  # not all have come in yet
        for method, path in (("GET", "/api/doctors"), ("POST", "/api/tokens/book"), ("GET", "/x")):
            reply = await client.ask(method, path, {})
            assert (reply.status, reply.code) == (503, "busy")
            assert reply.headers["retry-after"]
            assert reply.request_id
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.ask("GET", path)).status == 200
        proxy.release()
        for each in waiting:
            each.leave()
        while (await client.ask("GET", "/api/doctors")).status == 503:
            pass  # it recovers by itself
