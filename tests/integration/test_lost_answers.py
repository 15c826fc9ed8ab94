"""A write whose answer was lost is looked up by its number in `writers`, and never done twice."""

import asyncio

import pytest

from config import Driver
from models.errors import OutcomeUnknown
from services.opd import Opd
from services.requests import NewDoctor
from tests.integration.houses import Houses, asking, book, cancel, plan_day
from tests.integration.invariants import Answer, check
from tests.integration.proxy import Loss, Proxy, store_asks_what_became, store_writes
from tests.integration.stored import Stored

pytestmark = pytest.mark.integration

LOSSES = [Loss.UNSENT, Loss.UNANSWERED]
MORE_THAN_A_HUNDRED = 120


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name.lower())
async def test_a_lost_write_is_found_out_and_done_once(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver, loss: Loss
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    slots = await plan_day(opd, seats=[5, 5])
    before = stored.sheets()[0]
    proxy.lose(store_writes, loss)

    answers = await asyncio.gather(*(book(opd, slots[n % 2], f"patient{n}") for n in range(6)))

    check(stored, answers)
    after = stored.sheets()[0]
    assert len(after.tokens) == 6
    assert after.version == before.version + 1  # all six in one write, and that one once


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name.lower())
async def test_the_first_write_of_a_day_is_done_once(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver, loss: Loss
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    proxy.lose(store_writes, loss)

    await plan_day(opd, seats=[5])

    (sheet,) = stored.sheets()
    assert sheet.version == 1
    check(stored)


async def test_of_many_sheets_in_a_lost_bulk_write_each_is_done_once(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    slots = [(await plan_day(opd, f"doctor{n}", seats=[5]))[0] for n in range(8)]
    for loss in (Loss.UNANSWERED, Loss.UNSENT, Loss.UNANSWERED):
        proxy.lose(store_writes, loss)

    answers = await asyncio.gather(
        *(book(opd, slot, f"patient{n}") for slot in slots for n in range(3))
    )

    check(stored, answers)
    assert len(stored.tokens()) == 24
    assert {sheet.version for sheet in stored.sheets()} == {2}


async def test_a_lost_write_is_found_out_after_more_than_a_hundred_others(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver
) -> None:
    here = await houses.build(driver=driver, through_proxy=True)
    there = await houses.build()
    (slot,) = await plan_day(there, seats=[200])
    proxy.lose(store_writes, Loss.UNANSWERED)
    proxy.lose(store_asks_what_became, Loss.HELD)
    asked = asyncio.create_task(book(here, slot, "patient"))
    await proxy.met(2)  # the write has happened, its answer is lost, the question is on its way

    answers: list[Answer] = [
        await book(there, slot, f"other{n}") for n in range(MORE_THAN_A_HUNDRED)
    ]
    proxy.release()
    answer = await asked

    assert answer.number == 1
    check(stored, [answer, *answers])
    (sheet,) = stored.sheets()
    assert len(sheet.tokens) == 1 + MORE_THAN_A_HUNDRED
    assert sheet.version == 1 + 1 + MORE_THAN_A_HUNDRED


@pytest.mark.parametrize("first", ["the repeat", "the late one"])
async def test_a_write_that_arrives_late_and_its_repeat_land_once(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver, first: str
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    (slot,) = await plan_day(opd, seats=[5])
    proxy.lose(store_writes, Loss.LATE)
    if first == "the repeat":
        answer = await book(opd, slot, "patient")
        await proxy.deliver()
    else:
        proxy.lose(store_writes, Loss.HELD)
        asked = asyncio.create_task(book(opd, slot, "patient"))
        await proxy.met(2)  # nothing was found in the sheet, so the repeat is on its way
        await proxy.deliver()
        proxy.release()
        answer = await asked
    after = await book(opd, slot, "other")

    check(stored, [answer, after])
    (sheet,) = stored.sheets()
    assert [token.patient.id for token in sheet.tokens] == ["patient", "other"]
    assert sheet.version == 3


async def test_a_lost_race_is_not_mistaken_for_a_lost_answer(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    """The write never reached the database, and another process has written since."""
    here, there = await houses.build(through_proxy=True), await houses.build()
    (slot,) = await plan_day(there, seats=[5])
    proxy.lose(store_writes, Loss.UNSENT)
    proxy.lose(store_asks_what_became, Loss.HELD)
    asked = asyncio.create_task(book(here, slot, "patient"))
    await proxy.met(2)

    other = await book(there, slot, "other")
    proxy.release()

    check(stored, [other, await asked])
    assert len(stored.tokens()) == 2


async def test_a_lost_cancel_answers_whom_it_promoted(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver
) -> None:
    """Decided again it would find the token cancelled already, and nobody promoted by it."""
    opd = await houses.build(driver=driver, through_proxy=True)
    (slot,) = await plan_day(opd, seats=[1])
    seated, waiting = await book(opd, slot, "first"), await book(opd, slot, "second")
    proxy.lose(store_writes, Loss.UNANSWERED)

    left = await cancel(opd, seated.token_id)

    assert left.promoted == (waiting.token_id,)
    check(stored, [seated, waiting, left])


async def test_a_doctor_whose_answer_was_lost_is_added_once(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True)
    proxy.lose(lambda request: request.collection == "doctors", Loss.UNANSWERED)

    with pytest.raises(OutcomeUnknown):
        await add_doctor(opd)
    doctor_id, replayed = await add_doctor(opd)

    assert replayed
    assert [doctor["_id"] for doctor in stored.doctors.find()] == [doctor_id]


async def add_doctor(opd: Opd) -> tuple[str, bool]:
    doctor, replayed = await opd.doctors.add(
        asking(opd, key="the-key"),
        NewDoctor(name="Dr Rao", specialization="Cardiology"),
    )
    return doctor.id, replayed
