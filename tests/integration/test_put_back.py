"""An older sheet stands in the database again: a failover lost writes, or a backup was restored."""

import pytest
from pydantic import SecretStr

from config import Driver, Settings
from database import connect
from driver.collection import ServersCollection
from models.errors import OutcomeUnknown
from tests.integration.houses import Houses, book, plan_day
from tests.integration.stored import Document, Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration


def put_back(stored: Stored, sheet: Document) -> None:
    """Have an earlier state of a sheet stand in the database."""
    stored.day_sheets.replace_one({"_id": sheet["_id"]}, sheet)


def the_sheet(stored: Stored) -> Document:
    """The only sheet there is."""
    found = stored.day_sheets.find_one()
    assert found is not None
    return found


def patients(stored: Stored) -> list[str]:
    """Who has a token, in order of number."""
    return [token.patient.id for token in stored.tokens()]


async def test_a_sheet_that_was_put_back_is_read_as_it_stands(
    houses: Houses, stored: Stored
) -> None:
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[5])
    await book(opd, slot, "first")
    before = the_sheet(stored)
    await book(opd, slot, "lost")

    put_back(stored, before)
    queue = (await opd.tokens.queue(make_caller(), slot)).queue
    await book(opd, slot, "next")

    assert [token.patient.id for token, _ in queue] == ["first"]
    assert patients(stored) == ["first", "next"]


async def test_a_write_on_a_sheet_that_was_put_back_has_an_unknown_outcome_and_the_next_is_done(
    houses: Houses, stored: Stored
) -> None:
    """The database may yet come forward again, so it is no lost race."""
    opd = await houses.build()
    opd.writer.patience = 1.0
    (slot,) = await plan_day(opd, seats=[5])
    await book(opd, slot, "first")
    before = the_sheet(stored)
    await book(opd, slot, "lost")

    put_back(stored, before)
    with pytest.raises(OutcomeUnknown):
        await book(opd, slot, "unsure")
    opd.writer.patience = 10.0
    await book(opd, slot, "next")

    assert patients(stored) == ["first", "next"]


@pytest.mark.parametrize("looks", [True, False], ids=["reads first", "writes at once"])
async def test_a_sheet_that_came_to_the_same_version_by_another_write_is_another_sheet(
    houses: Houses, stored: Stored, *, looks: bool
) -> None:
    here, there = await houses.build(), await houses.build()
    (slot,) = await plan_day(here, seats=[5])
    await book(here, slot, "first")
    before = the_sheet(stored)
    await book(here, slot, "lost")
    put_back(stored, before)
    await book(there, slot, "instead")

    if looks:
        queue = (await here.tokens.queue(make_caller(), slot)).queue
        assert [token.patient.id for token, _ in queue] == ["first", "instead"]
    await book(here, slot, "next")

    assert patients(stored) == ["first", "instead", "next"]


async def test_a_sheet_without_the_name_of_its_last_write_is_written(
    houses: Houses, stored: Stored
) -> None:
    """It was stored before writes had names."""
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[5])
    stored.day_sheets.update_one({}, {"$unset": {"lastWrite": ""}})

    await book(opd, slot, "first")

    assert patients(stored) == ["first"]
    assert the_sheet(stored)["lastWrite"]


@pytest.mark.parametrize("driver", list(Driver))
async def test_decisions_are_made_on_what_the_primary_says_whatever_the_address_prefers(
    address: str, driver: Driver
) -> None:
    uri = SecretStr(f"{address}?readPreference=secondaryPreferred")
    database = connect(Settings(_env_file=None, mongodb_uri=uri, mongodb_driver=driver))

    sheets = database["day_sheets"]
    assert isinstance(sheets, ServersCollection)
    assert sheets._documents.read_preference.name == "Primary"  # no server here can show it
    await database.close()
