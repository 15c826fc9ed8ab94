"""A sheet that can't be written is an affair of its own: no other waits for it."""

import asyncio
from collections.abc import Sequence

import bson
import pytest

from config import Driver
from models.errors import Refusal, SheetFull
from services.clock import stopwatch
from services.opd import Opd
from services.store.writer import BATCHES
from tests.integration.houses import DAY, Houses, book, plan_day
from tests.integration.invariants import Booked, check
from tests.integration.proxy import Loss, Proxy, Request, store_writes
from tests.integration.stored import Stored

pytestmark = pytest.mark.integration

SICK = [f"sick{n}" for n in range(BATCHES)]
"""As many as there are batches, so that each could be stuck with one."""
HEALTHY = ["asha", "bela", "cara"]
SOON = 3 * 1.0  # seconds; a write takes some milliseconds
MEGABYTE = "x" * 1_000_000
MOST_DOCUMENT_BYTES = 16 * 1024 * 1024


async def plan(opd: Opd, doctors: Sequence[str]) -> list[str]:
    """A slot with many seats for each."""
    return [(await plan_day(opd, doctor, seats=[100]))[0] for doctor in doctors]


async def outcome(opd: Opd, slot: str, patient: str) -> Booked | Refusal:
    try:
        return await book(opd, slot, patient)
    except Refusal as refusal:
        return refusal


def fill(stored: Stored, sheet_id: str) -> None:
    """Make a document as large as a document may be, but for some bytes."""
    where = {"_id": sheet_id}
    for part in range(16):
        stored.day_sheets.update_one(where, {"$set": {f"x{part}": MEGABYTE}})
    room = MOST_DOCUMENT_BYTES - len(bson.encode(stored.day_sheets.find_one(where) or {}))
    stored.day_sheets.update_one(where, {"$set": {"y": "y" * (room - 100)}})


async def test_sheets_too_large_to_be_written_are_full_at_once_and_stall_no_other(
    houses: Houses, stored: Stored, driver: Driver
) -> None:
    opd = await houses.build(driver=driver)
    sick, healthy = await plan(opd, SICK), await plan(opd, HEALTHY)
    await opd.relay.stop()  # it would make room
    for doctor in SICK:
        fill(stored, f"{doctor}-{DAY:%Y%m%d}")

    answers: list[Booked] = []
    for n in range(2):
        refused, taken = await asyncio.gather(
            asyncio.gather(*(outcome(opd, slot, f"patient{n}") for slot in sick)),
            asyncio.gather(*(book(opd, slot, f"patient{n}") for slot in healthy)),
        )
        assert [type(each) for each in refused] == [SheetFull] * len(sick)
        answers += taken

    assert len(answers) == 2 * len(HEALTHY)
    check(stored, answers)


async def test_sheets_whose_writes_get_no_answer_stall_no_other(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver
) -> None:
    opd = await houses.build(driver=driver, through_proxy=True, options="socketTimeoutMS=300")
    sick, healthy = await plan(opd, SICK), await plan(opd, HEALTHY)

    def of_the_sick(request: Request) -> bool:
        return store_writes(request) and b"sick" in request.message

    proxy.lose(of_the_sick, Loss.HELD, times=10_000)
    stuck = []
    for n, slot in enumerate(sick):  # each in a bulk of its own
        stuck.append(asyncio.create_task(outcome(opd, slot, "patient")))
        await proxy.met(n + 1)
    began = stopwatch()
    answers: list[Booked] = []
    for n in range(20):
        answers += await asyncio.gather(*(book(opd, slot, f"patient{n}") for slot in healthy))
    took = stopwatch() - began

    assert not any(task.done() for task in stuck)
    assert took < SOON
    for task in stuck:
        task.cancel()
    check(stored, answers)
