"""The sheets of a patient are found, whoever else is looked up in the same query."""

import asyncio

import pytest

from services.store.patients import MOST_SHEETS
from tests.integration.houses import Houses, book, plan_day
from tests.integration.processes import until
from tests.integration.stored import Document, Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration

EVERYBODY = "0000000000"
"""The id that a desk gives to whoever has none."""


async def looked_up_together(houses: Houses, stored: Stored, *, marked: bool) -> list[str]:
    """Whose tokens are found for a patient, asked for at once with EVERYBODY."""
    opd = await houses.build()
    (slot,) = await plan_day(opd, "zara", seats=[5])
    await book(opd, slot, "patient")
    if not marked:
        await until(lambda: stored.day_sheets.count_documents({"unrelayed": True}) == 0)

    _, found = await asyncio.gather(
        opd.tokens.of_patient(make_caller(), EVERYBODY),
        opd.tokens.of_patient(make_caller(), "patient"),
        return_exceptions=True,
    )

    assert not isinstance(found, BaseException)
    return [view.token.patient.id for view in found.tokens]


async def test_a_patient_of_very_many_copied_events_hides_no_other(
    houses: Houses, stored: Stored
) -> None:
    events: list[Document] = [
        {"_id": n, "sheet": f"gone{n}-20900605", "n": 1, "patientId": EVERYBODY}
        for n in range(1, MOST_SHEETS + 1)
    ]
    stored["events"].insert_many(events)

    assert await looked_up_together(houses, stored, marked=False) == ["patient"]


async def test_a_patient_on_very_many_marked_sheets_hides_no_other(
    houses: Houses, stored: Stored
) -> None:
    """They are damaged besides, so that the relay leaves all as they are."""
    sheets: list[Document] = [
        {
            "_id": f"asha{n}-20900605",
            "unrelayed": True,
            "tokens": [{"patient": {"id": EVERYBODY}}],
        }
        for n in range(MOST_SHEETS)
    ]
    stored.day_sheets.insert_many(sheets)

    assert await looked_up_together(houses, stored, marked=True) == ["patient"]
