"""What is more than the service can do is refused at once, and what was taken is kept.

Who asks for too much alone is told so alone.
"""

import asyncio

import pytest

from models.access import Kind, Principal
from models.errors import Busy, RateLimited
from models.token import Status
from services.access.links import PATIENT, READ_AND_CANCEL
from services.caller import Caller
from services.opd import Opd
from services.store.room import MOST_OF_ONE, MOST_WAITING
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.houses import Houses, book, plan_day
from tests.integration.insistent_client import booking, open_day, open_portals
from tests.integration.invariants import Booked, check
from tests.integration.proxy import Loss, Proxy, store_writes
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(360)]


async def test_past_its_bound_the_store_refuses_at_once_and_keeps_what_it_took(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    opd = await houses.build(through_proxy=True)
    (slot,) = await plan_day(opd, seats=[500])
    proxy.lose(store_writes, Loss.HELD)
    taken = [
        asyncio.create_task(book(opd, slot, f"taken{n}", by=f"portal{n % 2}"))
        for n in range(MOST_WAITING)
    ]
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


async def test_past_its_share_a_client_alone_is_refused(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    opd = await houses.build(through_proxy=True)
    (slot,) = await plan_day(opd, seats=[500])
    proxy.lose(store_writes, Loss.HELD)
    wild = [
        asyncio.create_task(book(opd, slot, f"wild{n}", by="portal"))
        for n in range(MOST_OF_ONE + 100)
    ]
    await proxy.met()
    refused = [task for task in wild if task.done()]
    assert len(refused) == 100
    assert {type(task.exception()) for task in refused} == {RateLimited}
    desk = asyncio.create_task(book(opd, slot, "desk"))
    proxy.release()

    taken = [await task for task in wild if task not in refused]
    check(stored, [*taken, await desk, await book(opd, slot, "after", by="portal")])


async def test_patients_who_come_by_links_have_a_share_each(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    opd = await houses.build(through_proxy=True)
    (slot,) = await plan_day(opd, seats=[500])
    tokens = [await book(opd, slot, f"patient{n}") for n in range(MOST_OF_ONE + 10)]
    proxy.lose(store_writes, Loss.HELD)
    leaving = [asyncio.create_task(_cancel_by_link(opd, token.token_id)) for token in tokens]
    await proxy.met()
    assert not any(task.done() for task in leaving)
    proxy.release()
    await asyncio.gather(*leaving)
    assert {token.status for token in stored.tokens()} == {Status.CANCELLED}


async def _cancel_by_link(opd: Opd, token_id: str) -> None:
    patient = Principal(
        id=PATIENT, kind=Kind.PATIENT_LINK, token_id=token_id, rights=READ_AND_CANCEL
    )
    await opd.tokens.cancel(Caller(principal=patient), token_id, None)


async def test_a_busy_service_refuses_before_it_parses_but_never_a_probe(
    start_services: StartServices, proxy: Proxy
) -> None:
    (service,) = await start_services(1, on=proxy.address)
    (slot,) = await open_day(service.port, seats=[500])
    proxy.lose(store_writes, Loss.HELD)
    keys = await open_portals(service.port, 2)
    waiting = [Client(service.port, credential=keys[n % 2]) for n in range(MOST_WAITING)]
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
