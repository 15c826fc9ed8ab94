"""Many at once want the same seat."""

import asyncio

import pytest
from pymongo import MongoClient

from answers.tokens import BookingOut
from models.source import Source
from models.token import Status
from tests.api.client import ApiClient, Refused
from tests.api.service import GivenSettings

pytestmark = pytest.mark.both_databases

CONTENDERS = 50


async def _all_at_once(
    api: ApiClient, slot_id: str, source: Source, if_full: str = "waitlist"
) -> list[BookingOut]:
    """Those who got a token; the others were refused because the slot is full."""
    answers = await asyncio.gather(
        *(api.book(slot_id, f"p{n}", source, ifFull=if_full) for n in range(CONTENDERS)),
        return_exceptions=True,
    )
    for answer in answers:
        if isinstance(answer, BaseException):
            assert isinstance(answer, Refused)
            assert answer.problem["code"] == "slot_full"
    return [answer for answer in answers if isinstance(answer, BookingOut)]


@pytest.mark.parametrize("source", [Source.ONLINE, Source.WALKIN, Source.PRIORITY])
async def test_fifty_who_want_no_waitlist_get_one_seat(
    api: ApiClient, settings: GivenSettings, source: Source
) -> None:
    slot = await api.make_slot(seats=1)
    (winner,) = await _all_at_once(api, slot.id, source, if_full="reject")
    assert (winner.status, winner.token_number) == (Status.BOOKED, "T001")
    queue = await api.queue(slot.id)
    assert [token.id for token in queue.queue] == [winner.id]
    assert (queue.waitlist, queue.slot.taken) == ([], 1)
    if settings.mongodb_uri is not None:
        with MongoClient[dict[str, list[dict[str, object]]]](
            settings.mongodb_uri.get_secret_value()
        ) as client:
            (sheet,) = client.get_default_database()["day_sheets"].find()
        # A stored token's id leaves out its sheet's.
        assert [f"{sheet['_id']}-{token['id']}" for token in sheet["tokens"]] == [winner.id]


async def test_fifty_who_would_wait_get_one_seat_and_49_places(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    tokens = await _all_at_once(api, slot.id, Source.ONLINE)
    assert sorted(token.token_number for token in tokens) == [f"T{n:03}" for n in range(1, 51)]
    queue = await api.queue(slot.id)
    assert [token.token_number for token in queue.queue] == ["T001"]
    assert [token.waitlist_position for token in queue.waitlist] == list(range(1, 50))


async def test_fifty_emergencies_get_the_seat_and_the_overflow(api: ApiClient) -> None:
    slot = await api.make_slot(seats=1)
    assert len(await _all_at_once(api, slot.id, Source.EMERGENCY)) == 4
    assert (await api.slot(slot.id)).taken == 4


async def test_fifty_allocations_get_five_seats_of_two_doctors(api: ApiClient) -> None:
    slots = [await api.make_slot(seats=2), await api.make_slot(seats=3)]
    answers = await asyncio.gather(
        *(api.allocate(ifFull="reject") for _ in range(CONTENDERS)), return_exceptions=True
    )
    assert sum(isinstance(answer, BookingOut) for answer in answers) == 5
    assert [(await api.slot(slot.id)).taken for slot in slots] == [2, 3]
    assert [(await api.slot(slot.id)).waitlisted for slot in slots] == [0, 0]
