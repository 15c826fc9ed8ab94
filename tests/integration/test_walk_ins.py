"""However many press at once in however many processes, a line takes no more than it may."""

import asyncio

import pytest

from models.errors import NotAccepting, QueueFull, Refusal
from models.source import Source
from services.opd import Opd
from tests.integration.houses import DAY, Houses, asking, book, plan_day
from tests.integration.invariants import Booked

pytestmark = pytest.mark.integration

MOST = 7
COMERS = 24


async def _walk_in(opd: Opd, slot_id: str, n: int) -> Booked | Refusal:
    try:
        return await book(opd, slot_id, f"p{n}", Source.WALKIN)
    except Refusal as refusal:
        return refusal


async def test_no_more_walk_ins_than_the_line_may_hold(houses: Houses) -> None:
    opds = [await houses.build() for _ in range(3)]
    slots = await plan_day(opds[0], seats=[30, 30])
    await opds[1].configs.change(asking(opds[1]), "asha", {"maxSize": MOST})
    answers = await asyncio.gather(*(_walk_in(opds[n % 3], slots[n % 2], n) for n in range(COMERS)))
    assert sum(isinstance(answer, Booked) for answer in answers) == MOST
    refused = {type(answer) for answer in answers if isinstance(answer, Refusal)}
    assert refused == {QueueFull}
    view = await opds[2].queues.of_doctor(asking(opds[2]), "asha", on=DAY)
    assert (view.size, view.max_size, view.accepting) == (MOST, MOST, True)


async def test_nobody_is_taken_after_it_was_acknowledged_that_nobody_is(houses: Houses) -> None:
    one, other = await houses.build(), await houses.build()
    (slot_id,) = await plan_day(one, seats=[90])
    shut = False
    late: list[object] = []

    async def come_one_after_the_other(opd: Opd, first: int) -> None:
        for n in range(first, first + 40):
            was_shut = shut
            answer = await _walk_in(opd, slot_id, n)
            if was_shut:
                late.append(type(answer))

    async def shut_the_door() -> None:
        nonlocal shut
        await one.configs.change(asking(one), "asha", {"accepting": False})
        shut = True

    await asyncio.gather(
        come_one_after_the_other(one, 0), come_one_after_the_other(other, 100), shut_the_door()
    )
    assert set(late) == {NotAccepting}
