"""A stored sheet says once what its parts repeat, and is read back as it was."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from database import Document
from models.keyed_request import Displacement, KeyedRequest
from models.slot import SlotStatus
from models.source import Source
from models.token import Bump, Status, Token
from services.store.codec import insertion, read_sheet
from tests.factories import SHEET_ID, at, make_sheet, make_slot, make_token, slot_id, token_id

NOON = at("12:00")
REQUEST = KeyedRequest(
    key="k",
    fingerprint="f",
    bumped=Displacement(
        token_id=token_id(7), number=7, from_slot_id=slot_id("09:00"), to_slot_id=slot_id("10:00")
    ),
)
USUAL = replace(
    make_token(1), source=Source.ONLINE, status=Status.BOOKED, booked_at=NOON, seated_at=NOON
)


def document_of(*tokens: Token) -> Document:
    slots = (
        make_slot("09:00"),
        replace(make_slot("10:00"), status=SlotStatus.CLOSED, request=REQUEST),
    )
    return insertion(make_sheet(*slots, tokens=tokens), [], "me", 1).document


def stored(token: Token) -> Document:
    tokens = document_of(token)["tokens"]
    assert isinstance(tokens, list)
    (fields,) = tokens
    assert isinstance(fields, dict)
    return fields


@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("seated_at", [None, NOON, at("13:00")])
def test_a_token_is_read_as_it_was_stored(
    source: Source, status: Status, seated_at: datetime | None
) -> None:
    token = replace(
        USUAL,
        source=source,
        status=status,
        seated_at=seated_at,
        bumps=(Bump(slot_id("09:00"), NOON),),
        request=REQUEST,
    )
    assert read_sheet(document_of(token), "main").tokens == (token,)


def test_slots_are_read_as_they_were_stored() -> None:
    first, second = read_sheet(document_of(), "main").slots
    assert first == make_slot("09:00")
    assert (second.id, second.request) == (slot_id("10:00"), REQUEST)


def test_nothing_that_is_stored_repeats_the_sheets_id() -> None:
    document = document_of(replace(USUAL, bumps=(Bump(slot_id("09:00"), NOON),), request=REQUEST))
    parts = (document["slots"], document["tokens"])
    assert SHEET_ID not in str(parts)


def test_what_is_usual_is_left_out() -> None:
    left_out = {"number", "source", "status", "seatedAt"}
    assert not left_out & stored(USUAL).keys()
    unusual = replace(USUAL, source=Source.WALKIN, status=Status.WAITLISTED, seated_at=None)
    assert stored(unusual)["status"] == "WAITLISTED"
    assert stored(unusual)["source"] == "WALKIN"


def test_who_booked_is_stored_once_for_all_in_a_row() -> None:
    bookers = [None, None, "portal", "portal", "desk", "portal", "portal", None]
    tokens = tuple(
        replace(USUAL, id=token_id(n), number=n, booked_by=booker)
        for n, booker in enumerate(bookers, start=1)
    )
    document = document_of(*tokens)
    assert read_sheet(document, "main").tokens == tokens
    assert str(document["tokens"]).count("bookedBy") == 4


def test_what_was_stored_at_length_is_read_too() -> None:
    token = replace(USUAL, seated_at=None)
    at_length = {
        **stored(token),
        "id": token.id,
        "number": 1,
        "slotId": token.slot_id,
        "source": "ONLINE",
        "status": "BOOKED",
    }
    assert read_sheet({**document_of(), "tokens": [at_length]}, "main").tokens == (token,)
