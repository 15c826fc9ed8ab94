"""The relay copies every event once, whatever interrupts it."""

import pytest

from config import Driver
from tests.integration.houses import Houses, book, plan_day
from tests.integration.invariants import check
from tests.integration.processes import until
from tests.integration.proxy import Loss, Proxy, Request
from tests.integration.stored import Stored

pytestmark = pytest.mark.integration


def copies(request: Request) -> bool:
    """The relay copies events."""
    return (request.collection, request.command) == ("events", "insert")


async def test_a_relay_that_is_stopped_while_it_copies_copies_the_rest(
    houses: Houses, stored: Stored, proxy: Proxy, driver: Driver
) -> None:
    """What it was about to learn it must learn anew: how far the copies go."""
    opd = await houses.build(driver=driver, through_proxy=True)
    (slot,) = await plan_day(opd, seats=[5])
    await until(lambda: len(stored.relayed()) == 1)
    proxy.lose(copies, Loss.NOT_ANSWERED_YET)
    first = await book(opd, slot, "first")
    await proxy.met()
    second = await book(opd, slot, "second")

    await opd.relay.stop()

    tokens = [event.token_id for event in stored.relayed()]
    assert tokens == [None, first.token_id, second.token_id]
    check(stored, [first, second])


async def test_what_happens_on_a_sheet_that_was_quiet_is_copied_too(
    houses: Houses, stored: Stored
) -> None:
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[5])
    await until(lambda: stored.day_sheets.count_documents({"unrelayed": True}) == 0)

    token = await book(opd, slot, "patient")

    await until(lambda: token.token_id in {event.token_id for event in stored.relayed()})
