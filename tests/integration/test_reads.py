"""A read tells what is stored, to each who asked and stayed."""

import asyncio

import pytest

from models.errors import UnknownSlot
from tests.integration.houses import DAY, Houses, book, plan_day
from tests.integration.proxy import Loss, Proxy, Request
from tests.integration.stored import Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration


def reads(request: Request) -> bool:
    """A sheet is read; the relay looks for those that are marked."""
    read = (request.collection, request.command) == ("day_sheets", "find")
    return read and b"unrelayed" not in request.message


async def test_a_deleted_sheet_is_not_served_from_the_cache(houses: Houses, stored: Stored) -> None:
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[5])
    await book(opd, slot, "patient")
    assert len((await opd.tokens.queue(make_caller(), slot)).queue) == 1

    stored.day_sheets.delete_one({"_id": f"asha-{DAY:%Y%m%d}"})

    with pytest.raises(UnknownSlot):
        await opd.tokens.queue(make_caller(), slot)
    with pytest.raises(UnknownSlot):
        await book(opd, slot, "other")


async def test_a_reader_who_leaves_takes_the_answer_from_no_other(
    houses: Houses, proxy: Proxy
) -> None:
    opd = await houses.build(through_proxy=True)
    (slot,) = await plan_day(opd, seats=[5])
    await book(opd, slot, "patient")
    proxy.lose(reads, Loss.HELD)
    leaver, *others = [asyncio.create_task(opd.tokens.queue(make_caller(), slot)) for _ in range(3)]
    await proxy.met()  # all three share the one query

    leaver.cancel()
    await asyncio.wait([leaver])
    proxy.release()

    for other in others:
        assert len((await other).queue) == 1
