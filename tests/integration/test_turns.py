"""Many processes write one doctor's day: who keeps losing races is let write."""

from itertools import count

import pytest
from pydantic import SecretStr

from config import Settings
from database import connect
from models.errors import Busy
from services.clock import stopwatch
from services.store.loader import SheetLoader
from services.store.turns import TAKEOVER_SECONDS, Turns
from tests.integration.houses import Houses, book, plan_day
from tests.integration.invariants import check
from tests.integration.proxy import Loss, Proxy, Request
from tests.integration.stored import Stored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(360)]


async def test_a_turn_that_a_crash_left_is_taken_over(houses: Houses, stored: Stored) -> None:
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[5])
    stored.day_sheets.update_one(
        {}, {"$set": {"turn": "crashed", "lastWrite": "crashed.1"}, "$inc": {"version": 1}}
    )
    began = stopwatch()

    answer = await book(opd, slot, "patient")

    assert stopwatch() - began >= TAKEOVER_SECONDS
    check(stored, [answer])
    document = stored.day_sheets.find_one()
    assert document is not None
    assert "turn" not in document


async def test_nobody_writes_on_anothers_turn(houses: Houses, stored: Stored, proxy: Proxy) -> None:
    """The name that stands there changes again and again, so nobody takes it for a crash's."""
    opd = await houses.build(through_proxy=True)
    opd.writer.patience = 1.0
    (slot,) = await plan_day(opd, seats=[5])
    turns = count(1)

    def give_turn_to_another() -> None:
        name = f"other{next(turns)}"
        change = {"$set": {"turn": name, "lastWrite": f"{name}.1"}, "$inc": {"version": 1}}
        stored.day_sheets.update_one({}, change)

    def change_before_it_is_looked_at(request: Request) -> bool:
        looks = request.collection == "day_sheets" and request.command == "find"
        if looks and b"turn" in request.message:
            give_turn_to_another()
        return False

    give_turn_to_another()
    proxy.lose(change_before_it_is_looked_at, Loss.UNSENT)
    with pytest.raises(Busy):
        await book(opd, slot, "patient")

    assert next(turns) > 3  # it looked again and again
    assert stored.tokens() == []


async def test_a_turn_in_which_nothing_is_written_is_given_back(
    houses: Houses, stored: Stored, address: str
) -> None:
    opd = await houses.build()
    await plan_day(opd, seats=[5])
    (sheet_id,) = (sheet.id for sheet in stored.sheets())
    database = connect(Settings(_env_file=None, mongodb_uri=SecretStr(address)))
    names = iter(["this.1", "this.2"])
    turns = Turns(SheetLoader(database, "main"), "this", lambda: next(names))

    taken = await turns.take(sheet_id)
    document = stored.day_sheets.find_one()
    assert document is not None
    assert document["turn"] == "this"
    assert taken is not None
    assert not isinstance(taken, Exception)
    await turns.give_back(taken)
    await database.close()

    document = stored.day_sheets.find_one()
    assert document is not None
    assert "turn" not in document
