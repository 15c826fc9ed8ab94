"""Many at once on one doctor's day: between tasks, and between four processes."""

import asyncio
import random
import sys
from collections.abc import Iterator

import pytest

from config import Driver
from models.commands import IfFull
from models.errors import Busy, Refusal, SlotFull
from models.source import Source
from services.clock import stopwatch
from services.opd import Opd
from services.store.room import MOST_OF_ONE
from tests.integration.client import Client
from tests.integration.conftest import StartServices
from tests.integration.houses import Houses, add_slot, book, cancel, plan_day
from tests.integration.insistent_client import InsistentClient, Ledger, draw_source, open_day
from tests.integration.invariants import Answer, Booked, Rules, check
from tests.integration.processes import Service
from tests.integration.proxy import Loss, Proxy, store_writes
from tests.integration.stored import Stored
from tests.principals import make_caller

pytestmark = [pytest.mark.integration, pytest.mark.timeout(270)]

BOOKINGS = 1000
SEATS = [50, 50, 50, 50]
CANCELS = 0.3
"""The share of bookings that are followed by a cancellation."""
ROUNDS = 10


async def test_a_thousand_bookings_and_cancels_of_tasks_leave_a_day_by_the_rules(
    houses: Houses, stored: Stored, chance: random.Random, driver: Driver
) -> None:
    opd = await houses.build(driver=driver)
    slots = await plan_day(opd, seats=SEATS)
    answers: list[Answer] = []
    refused: list[Refusal] = []

    room = asyncio.Semaphore(MOST_OF_ONE)

    async def come(n: int) -> None:
        async with room:
            await come_in(n)

    async def come_in(n: int) -> None:
        source = Source[draw_source(chance)]
        leaves = chance.random() < CANCELS
        try:
            token = await book(opd, chance.choice(slots), f"patient{n}", source)
        except SlotFull as refusal:
            assert source is Source.EMERGENCY
            refused.append(refusal)
            return
        answers.append(token)
        if leaves:
            answers.append(await cancel(opd, token.token_id))

    await asyncio.gather(*(come(n) for n in range(BOOKINGS)))

    check(stored, answers)
    assert len(stored.tokens()) == BOOKINGS - len(refused)


async def test_a_thousand_bookings_and_cancels_of_four_processes_leave_a_day_by_the_rules(
    start_services: StartServices, stored: Stored, chance: random.Random
) -> None:
    services = await start_services(4)
    slots = await open_day(services[0].port, seats=SEATS)
    ledger = Ledger()
    comers = iter(range(BOOKINGS))

    async def sit(service: Service) -> None:
        async with InsistentClient([service.port], ledger) as insistent:
            for n in comers:
                token = await insistent.book(
                    chance.choice(slots), f"patient{n}", draw_source(chance)
                )
                if token is not None and chance.random() < CANCELS:
                    assert await insistent.cancel(token.id)

    began = stopwatch()
    await asyncio.gather(*(sit(service) for service in services for _ in range(8)))
    took = stopwatch() - began

    check(stored, ledger.answers)
    assert not ledger.odd
    refused = ledger.statuses["409 slot_full"]
    assert len(stored.tokens()) == BOOKINGS - refused
    assert sorted(ledger.patients) == sorted(token.patient.id for token in stored.tokens())
    conflicts = await count_conflicts(services)
    sys.stdout.write(f"{dict(ledger.statuses)} in {took:.1f} s, conflicts {conflicts}\n")


async def count_conflicts(services: list[Service]) -> list[int]:
    """How many writes each process lost to another."""
    counts = []
    for service in services:
        async with Client(service.port) as client:
            figures = (await client.ask("GET", "/metrics")).body.decode()
        (line,) = [each for each in figures.splitlines() if each.startswith("opd_conflicts_total")]
        counts.append(int(float(line.split(" ")[1])))
    return counts


async def pairs(houses: Houses, *, emergency_overflow: int = 3) -> tuple[Opd, Opd]:
    """Two services on one database, one by each driver."""
    return (
        await houses.build(driver=Driver.MOTOR, emergency_overflow=emergency_overflow),
        await houses.build(driver=Driver.PYMONGO, emergency_overflow=emergency_overflow),
    )


def doctors() -> Iterator[str]:
    """A fresh day for each round."""
    return (f"doctor{n}" for n in range(ROUNDS))


async def test_two_cancels_at_once_promote_two_different_waiters(
    houses: Houses, stored: Stored
) -> None:
    here, there = await pairs(houses)
    for doctor in doctors():
        (slot,) = await plan_day(here, doctor, seats=[2])
        seated = [await book(here, slot, f"seated{n}") for n in range(2)]
        waiting = [await book(there, slot, f"waiting{n}") for n in range(2)]
        assert [token.status for token in waiting] == ["WAITLISTED", "WAITLISTED"]

        answers = await asyncio.gather(
            cancel(here, seated[0].token_id), cancel(there, seated[1].token_id)
        )

        promoted = [token_id for answer in answers for token_id in answer.promoted]
        assert sorted(promoted) == sorted(token.token_id for token in waiting)
        check(stored, [*seated, *waiting, *answers])


async def test_two_emergencies_with_one_bumpable_token_bump_once(
    houses: Houses, stored: Stored
) -> None:
    here, there = await pairs(houses, emergency_overflow=0)
    for doctor in doctors():
        (slot,) = await plan_day(here, doctor, seats=[1])
        loser = await book(here, slot, "walker", Source.WALKIN)
        assert (
            await there.tokens.queue(make_caller(), slot)
        ).slot.roster.seated  # both know the day

        answers = await asyncio.gather(
            book(here, slot, "emergency1", Source.EMERGENCY),
            book(there, slot, "emergency2", Source.EMERGENCY),
            return_exceptions=True,
        )

        (winner,) = [answer for answer in answers if isinstance(answer, Booked)]
        (refusal,) = [answer for answer in answers if not isinstance(answer, Booked)]
        assert isinstance(refusal, SlotFull)
        assert winner.bumped == loser.number
        check(stored, [loser, winner], Rules(overflow=0))


async def test_two_first_writes_of_a_day_both_stand(houses: Houses, stored: Stored) -> None:
    here, there = await pairs(houses)
    for doctor in doctors():
        await plan_day(here, doctor, seats=[])
        await asyncio.gather(
            add_slot(here, doctor, "08:00", "09:00"), add_slot(there, doctor, "09:00", "10:00")
        )
        assert len(stored.sheets()[-1].slots) == 2
    check(stored)


async def test_the_last_seat_is_sold_once(houses: Houses, stored: Stored) -> None:
    here, there = await pairs(houses)
    for doctor in doctors():
        (slot,) = await plan_day(here, doctor, seats=[1])

        answers = await asyncio.gather(
            *(
                book(opd, slot, f"patient{n}", if_full=IfFull.REJECT)
                for n, opd in enumerate([here, there] * 5)
            ),
            return_exceptions=True,
        )

        (winner,) = [answer for answer in answers if isinstance(answer, Booked)]
        assert {type(answer) for answer in answers} == {Booked, SlotFull}
        check(stored, [winner])


async def test_a_refusal_is_never_given_by_an_old_view_of_the_day(
    houses: Houses, stored: Stored
) -> None:
    here, there = await pairs(houses)
    (slot,) = await plan_day(here, seats=[1])
    first = await book(here, slot, "patient1")
    with pytest.raises(SlotFull):
        await book(here, slot, "patient2", if_full=IfFull.REJECT)
    left = await cancel(there, first.token_id)

    second = await book(here, slot, "patient2", if_full=IfFull.REJECT)

    check(stored, [first, left, second])


async def test_a_read_sees_what_another_process_wrote_before(houses: Houses) -> None:
    here, there = await pairs(houses)
    (slot,) = await plan_day(here, seats=[5])
    for n in range(5):
        token = await book(here if n % 2 else there, slot, f"patient{n}")
        for opd in (here, there):
            queue = (await opd.tokens.queue(make_caller(), slot)).queue
            assert [each.id for each, _ in queue][-1] == token.token_id


async def test_who_keeps_losing_races_is_served_at_last(houses: Houses, stored: Stored) -> None:
    """Otherwise the process that knows the sheet wins over the one that must read it first."""
    here, there = await pairs(houses)
    (slot,) = await plan_day(here, seats=[200])
    served = asyncio.Event()
    answers: list[Answer] = []

    async def keep_booking(who: int) -> None:
        n = 0
        while not served.is_set():
            n += 1
            answers.append(await book(here, slot, f"patient{who}.{n}"))

    busy = [asyncio.create_task(keep_booking(who)) for who in range(4)]
    refusals = 0
    for n in range(30):
        try:
            answers.append(await book(there, slot, f"other{n}"))
        except Busy:
            refusals += 1
    served.set()
    await asyncio.gather(*busy)

    check(stored, answers)
    assert refusals == 0


async def test_who_lost_a_race_comes_before_who_came_later_and_in_the_same_order(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    here, there = await houses.build(through_proxy=True), await houses.build()
    (slot,) = await plan_day(here, seats=[20])
    proxy.lose(store_writes, Loss.HELD)
    early = [asyncio.create_task(book(here, slot, f"early{n}")) for n in range(5)]
    await proxy.met()  # all of them are in the write that is held, and that will lose
    late = [asyncio.create_task(book(here, slot, f"late{n}")) for n in range(3)]
    other = await book(there, slot, "other")
    proxy.release()
    answers = await asyncio.gather(*early, *late)

    check(stored, [other, *answers])
    assert [token.patient.id for token in stored.tokens()] == [
        "other",
        *(f"early{n}" for n in range(5)),
        *(f"late{n}" for n in range(3)),
    ]
