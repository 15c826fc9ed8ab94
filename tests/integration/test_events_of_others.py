"""Whoever may read few of very many events gets an answer all the same, and goes on from there."""

from datetime import UTC, datetime

import pytest

from config import Driver
from services.requests import NewDoctor
from tests.integration.houses import Houses
from tests.integration.stored import Document, Stored
from tests.principals import make_caller

pytestmark = pytest.mark.integration

OTHERS = 24_000
"""More than one answer looks at."""


async def test_a_list_ends_among_events_of_others_and_says_where_to_go_on(
    houses: Houses, stored: Stored, driver: Driver
) -> None:
    opd = await houses.build(driver=driver)
    await opd.doctors.add(
        make_caller(), NewDoctor(name="Asha Rao", specialization="Skin", doctor_id="asha")
    )
    await opd.relay.stop()
    doctors = [*(["other"] * OTHERS), "asha"]
    events: list[Document] = [
        {
            "_id": seq,
            "sheet": f"{doctor}-20900605",
            "n": seq,
            "type": "KEY_DECLINED",
            "at": datetime(2090, 6, 1, tzinfo=UTC),
            "actor": "desk",
            "reason": {"code": "booked_elsewhere"},
        }
        for seq, doctor in enumerate(doctors, start=1)
    ]
    stored["events"].insert_many(events)

    pages = []
    after: int | None = 0
    while after is not None:
        page = await opd.history.events(
            make_caller(), after=after, sheet_id=None, token_id=None, limit=100
        )
        pages.append([event.seen.seq for event in page.events])
        after = page.more_after

    assert pages == [[], [OTHERS + 1]]
