"""With an Idempotency-Key a request that is repeated, anywhere and at any time, is done once."""

import asyncio
from collections.abc import Mapping

import pytest

from config import Driver
from models.errors import IdempotencyMismatch
from models.source import Source
from tests.integration.client import Reply
from tests.integration.conftest import StartServices
from tests.integration.houses import Houses, allocate, book, cancel, plan_day
from tests.integration.insistent_client import (
    DAY,
    IdBody,
    InsistentClient,
    Ledger,
    booked,
    booking,
    open_day,
)
from tests.integration.invariants import check
from tests.integration.processes import Service
from tests.integration.proxy import Loss, Proxy, store_writes
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(270)]

REPEATS = 20

Body = Mapping[str, object]


async def ask_everywhere(services: list[Service], path: str, body: Body) -> list[Reply]:
    """The same request, twenty times at once, over all of the processes."""

    return await asyncio.gather(
        *(ask(services[n % len(services)], path, body) for n in range(REPEATS))
    )


async def ask(service: Service, path: str, body: Body) -> Reply:
    """Ask; who is told to come back later does."""
    async with InsistentClient([service.port], Ledger()) as insistent:
        return await insistent.insist("POST", path, body, key="the-key")


BODIES: dict[str, tuple[str, Body, Body]] = {
    "book": (
        "/api/tokens/book",
        booking(f"asha-{DAY.replace('-', '')}-0800", "patient"),
        booking(f"asha-{DAY.replace('-', '')}-0800", "another"),
    ),
    "allocate": (
        "/api/tokens/allocate",
        {"source": "ONLINE", "patientName": "Meera Iyer", "phoneNumber": "9845012345", "date": DAY},
        {"source": "WALKIN", "patientName": "Meera Iyer", "phoneNumber": "9845012345", "date": DAY},
    ),
    "doctor": (
        "/api/doctors",
        {"name": "Dr Sen", "specialization": "Surgery"},
        {"name": "Dr Sen", "specialization": "Radiology"},
    ),
    "slot": (
        "/api/slots",
        {"doctorId": "asha", "date": DAY, "startTime": "15:00", "endTime": "16:00"},
        {"doctorId": "asha", "date": DAY, "startTime": "15:00", "endTime": "16:30"},
    ),
}


@pytest.mark.parametrize("what", BODIES)
async def test_a_request_repeated_across_processes_and_a_restart_is_done_once(
    start_services: StartServices, stored: Stored, what: str
) -> None:
    path, body, other = BODIES[what]
    services = await start_services(2)
    await open_day(services[0].port, seats=[1, 1])
    await open_day(services[1].port, "bela", seats=[1, 1])
    doctors, slots = stored.doctors.count_documents({}), count_slots(stored)

    replies = await ask_everywhere(services, path, body)
    services[0].kill()
    await services[0].serve()
    replies.append(await ask(services[0], path, body))

    assert {reply.status for reply in replies} == {201}
    assert len({reply.read(IdBody).id for reply in replies}) == 1
    assert sum(not reply.replayed for reply in replies) == 1
    made = (
        stored.doctors.count_documents({})
        - doctors
        + count_slots(stored)
        - slots
        + len(stored.tokens())
    )
    assert made == 1
    refused = await ask(services[1], path, other)
    assert (refused.status, refused.code) == (422, "idempotency_mismatch")
    check(stored, [booked(reply) for reply in replies] if "tokens" in path else [])


def count_slots(stored: Stored) -> int:
    return sum(len(sheet.slots) for sheet in stored.sheets())


async def test_a_repeat_names_the_token_as_it_is_now_and_who_was_bumped_then(
    houses: Houses, stored: Stored, driver: Driver
) -> None:
    here = await houses.build(driver=driver)
    there = await houses.build(driver=driver)
    (slot,) = await plan_day(here, seats=[1])
    loser = await book(here, slot, "walker", Source.WALKIN)

    first = await book(here, slot, "patient", Source.PRIORITY, key="the-key")
    await cancel(there, first.token_id)
    again = await book(there, slot, "patient", Source.PRIORITY, key="the-key")

    assert (again.token_id, again.number, again.replayed) == (first.token_id, first.number, True)
    assert again.bumped == first.bumped == loser.number
    assert again.status == "CANCELLED"
    check(stored, [loser, first, again])


async def test_two_processes_with_one_key_never_book_two_doctors(
    houses: Houses, stored: Stored
) -> None:
    """While seats run out, so that the choice between the doctors changes all the time."""
    opds = [await houses.build(driver=driver) for driver in (*Driver, *Driver)]
    for doctor in ("asha", "bela", "chitra", "devi"):
        await plan_day(opds[0], doctor, seats=[2, 2])
    keys = [f"key{n}" for n in range(40)]

    answers = await asyncio.gather(*(allocate(opd, key) for key in keys for opd in opds))

    check(stored, answers)
    assert len(stored.tokens()) == len(keys)
    for n in range(len(keys)):
        of_key = answers[n * len(opds) : (n + 1) * len(opds)]
        assert len({answer.token_id for answer in of_key}) == 1


async def test_a_late_try_of_an_allocation_books_nothing_once_its_repeat_went_elsewhere(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    slow, quick = await houses.build(through_proxy=True), await houses.build()
    (slot,) = await plan_day(quick, seats=[1])
    await plan_day(quick, "bela", seats=[5])
    proxy.lose(store_writes, Loss.HELD)
    late = asyncio.create_task(allocate(slow, "the-key"))
    await proxy.met()  # it has claimed the first doctor, and its booking is on the way

    faster = await book(quick, slot, "faster")
    elsewhere = await allocate(quick, "the-key")
    left = await cancel(quick, faster.token_id)  # so the late try would find a seat
    proxy.release()

    assert (await late).token_id == elsewhere.token_id
    assert elsewhere.slot_id.startswith("bela-")
    assert len(stored.tokens()) == 2
    check(stored, [faster, left, elsewhere, await late])


async def test_another_request_under_the_same_key_is_refused(houses: Houses) -> None:
    opd = await houses.build()
    await plan_day(opd, seats=[5])
    await allocate(opd, "the-key")
    with pytest.raises(IdempotencyMismatch):
        await allocate(await houses.build(), "the-key", Source.WALKIN)
