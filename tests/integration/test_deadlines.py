"""What a caller is told at the deadline is true: nothing was changed, or it may have been."""

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import count

import pytest
from pydantic import SecretStr

from config import Settings
from database import Database, connect
from models.commands import ChangeSlot
from models.errors import Busy, DatabaseUnavailable, OutcomeUnknown
from services.clock import ManualClock, stopwatch
from services.days import DayOpener
from services.home import policy_from
from services.metrics import Metrics
from services.store.doctors import DoctorStore
from services.store.facilities import Facilities
from services.store.loader import SheetLoader
from services.store.turns import RACES_LOST
from services.store.writer import SILENCE_SECONDS, SheetWriter
from tests.api.service import HOME
from tests.integration.houses import BEFORE, Houses, book, plan_day
from tests.integration.invariants import check
from tests.integration.processes import until
from tests.integration.proxy import Loss, Proxy, Request, store_asks_what_became, store_writes
from tests.integration.stored import Stored

pytestmark = pytest.mark.integration

PATIENCE = 0.5  # seconds


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    """A connection of its own."""
    connected = connect(Settings(_env_file=None, mongodb_uri=SecretStr(address)))
    yield connected
    await connected.close()


def hold_up_the_loop(seconds: float) -> None:
    """As a burst of other work does."""
    end = stopwatch() + seconds
    while stopwatch() < end:
        pass


async def test_a_deadline_between_decision_and_write_is_an_unknown_outcome(
    houses: Houses, stored: Stored, database: Database
) -> None:
    """The write leaves: "nothing was changed" would be untrue."""
    (slot,) = await plan_day(await houses.build(), seats=[5])
    sheet_id = slot.rsplit("-", 1)[0]
    days = DayOpener(policy_from(Settings(_env_file=None)), ManualClock(BEFORE), lambda _: None)
    writer = SheetWriter(
        database,
        SheetLoader(database, HOME.id),
        days.decide,
        name="abcdefgh",
        new_sheet=Facilities(database, DoctorStore(database, HOME.id), HOME).new_sheet,
        chance=random.Random(1),
        metrics=Metrics(),
        on_stored=lambda: None,
    )
    writer.patience = PATIENCE

    def change(seats: int) -> ChangeSlot:
        return ChangeSlot(actor="desk", slot_id=slot, max_capacity=seats)

    await writer.submit(sheet_id, change(6))  # so that the next is decided at once
    asked = asyncio.create_task(writer.submit(sheet_id, change(7)))
    await asyncio.sleep(0)  # it waits
    await asyncio.sleep(0)  # it is taken, to be decided in the loop's next round
    hold_up_the_loop(2 * PATIENCE)

    with pytest.raises(OutcomeUnknown):
        await asked
    await until(lambda: stored.sheet(sheet_id).slots[0].max_capacity == 7)
    await writer.stop()


async def test_what_the_database_kept_from_being_sent_is_told_so_and_never_happens(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    """Neither "busy", which the service is not, nor an unknown outcome."""
    (slot,) = await plan_day(await houses.build(), seats=[5])
    opd = await houses.build(through_proxy=True)  # which does not know the day yet
    opd.writer.patience = SILENCE_SECONDS + PATIENCE
    proxy.lose(lambda request: request.collection == "day_sheets", Loss.HELD, times=10_000)

    with pytest.raises(DatabaseUnavailable):
        await book(opd, slot, "patient")
    proxy.release()
    later = await book(opd, slot, "later")

    check(stored, [later])
    assert [token.patient.id for token in stored.tokens()] == ["later"]


async def test_of_two_bookings_behind_a_write_without_answer_only_the_sent_one_may_have_happened(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    opd = await houses.build(through_proxy=True)
    (slot,) = await plan_day(opd, seats=[5])
    opd.writer.patience = SILENCE_SECONDS + PATIENCE
    proxy.lose(store_writes, Loss.HELD)
    sent = asyncio.create_task(book(opd, slot, "sent"))
    await proxy.met()
    waits = asyncio.create_task(book(opd, slot, "waits"))

    with pytest.raises(OutcomeUnknown):
        await sent
    with pytest.raises(DatabaseUnavailable):
        await waits
    proxy.release()
    later = await book(opd, slot, "later")

    check(stored, [later])
    assert [token.patient.id for token in stored.tokens()] == ["sent", "later"]


async def test_who_lost_every_race_until_the_deadline_is_told_busy_and_nothing_happened(
    houses: Houses, stored: Stored, proxy: Proxy
) -> None:
    """The database told of each race, though of the booking nothing for longer than it is silent."""
    (slot,) = await plan_day(await houses.build(), seats=[5])
    opd = await houses.build(through_proxy=True)
    opd.writer.patience = SILENCE_SECONDS + PATIENCE
    end_of_races = stopwatch() + SILENCE_SECONDS - PATIENCE
    races = count(1)

    def lose_a_race(request: Request) -> bool:
        """Another process writes right before, as often as this one would."""
        if store_writes(request):
            others = {"$set": {"lastWrite": f"other.{next(races)}"}, "$unset": {"turn": ""}}
            stored.day_sheets.update_one({}, {**others, "$inc": {"version": 1}})
        return False

    def look_at_the_sheet_after_the_races(request: Request) -> bool:
        looks = request.collection == "day_sheets" and not store_asks_what_became(request)
        return looks and not store_writes(request) and stopwatch() > end_of_races

    proxy.lose(lose_a_race, Loss.UNSENT)
    proxy.lose(look_at_the_sheet_after_the_races, Loss.HELD, times=10_000)
    with pytest.raises(Busy):
        await book(opd, slot, "patient")
    proxy.release()
    later = await book(await houses.build(), slot, "later")

    assert next(races) > RACES_LOST
    check(stored, [later])
    assert [token.patient.id for token in stored.tokens()] == ["later"]
