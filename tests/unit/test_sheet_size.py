"""A sheet's size bounds the bytes it takes in the database, and what would add to it is refused."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import bson
import pytest
from msgspec.structs import replace

from models.errors import SheetFull
from models.keyed_request import Displacement, KeyedRequest
from models.line import Mark
from models.patient import Patient
from models.sheet import MOST_BYTES, Sheet
from models.slot import ReservedHours
from models.token import Bump, EndCode, Status, Token
from services.store.codec import insertion
from tests.factories import (
    OpdDay,
    at,
    make_add_slot,
    make_policy,
    make_sheet,
    make_slot,
    make_token,
    slot_id,
)

TEXTS: Mapping[str, Callable[[int], str]] = {
    "latin": lambda length: "a" * length,
    "of four bytes": lambda length: "\U0001f600" * length,
    "quotes": lambda length: '"' * length,
    "none": lambda _: "",
}


def full_token(number: int, text: Callable[[int], str], bumps: int = 2) -> Token:
    """A token with all its fields, and texts of the greatest lengths."""
    now = at("09:00")
    token = replace(
        make_token(number),
        patient=Patient(id=text(64), name=text(200), phone_number=text(32), language="x" * 35),
        status=Status.CANCELLED,
        score=2**40,
        seated_at=now,
        checked_in_at=now,
        called_at=now,
        started_at=now,
        ended_at=now,
        cancel_reason=text(300),
        bumps=(Bump(slot_id("09:00"), now),) * bumps,
        request=KeyedRequest(
            key="k" * 43,
            fingerprint="f" * 43,
            bumped=Displacement(
                token_id=make_token().id,
                number=7,
                from_slot_id=slot_id("09:00"),
                to_slot_id=slot_id("10:00"),
            ),
        ),
        arrival=now,
        front_at=now,
        away_at=now,
        room=text(40),
        recalls=3,
        call=KeyedRequest(key="k" * 43, fingerprint="f" * 43),
        end_code=EndCode.NOT_SEEN,
        mark=Mark.URGENT,
    )
    return token.stepped(now)


def stored(sheet: Sheet) -> int:
    """The bytes of its document."""
    return len(bson.encode(insertion(sheet, [], "abcdefgh", 1).document))


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
@pytest.mark.parametrize("bumps", [0, 2, 100])
def test_no_sheet_takes_more_bytes_than_its_size(text: Callable[[int], str], bumps: int) -> None:
    clocks = [f"{hour:02d}:00" for hour in range(6, 18)]
    slots = [replace(make_slot(clock), delay_minutes=5) for clock in clocks]
    sheet = make_sheet(*slots, tokens=tuple(full_token(n, text, bumps) for n in range(1, 1500)))
    assert stored(sheet) <= sheet.size
    plain = make_sheet(*slots, tokens=tuple(make_token(n) for n in range(1, 1500)))
    assert stored(plain) <= plain.size <= 2 * stored(plain)


def test_reserved_hours_and_declined_keys_take_their_bytes() -> None:
    hours = ReservedHours(
        slot_id=slot_id("09:00"), start=at("09:00"), end=at("10:00"), at=at("08:00")
    )
    sheet = make_sheet().changed(reserved_hours=(hours,) * 30, declined=("k" * 43,) * 300)
    assert stored(sheet) <= sheet.size


def known(sheet: Sheet) -> Sheet:
    """The sheet, after somebody asked for its size."""
    assert sheet.size
    return sheet


def test_a_size_that_is_known_follows_each_change() -> None:
    first, second = (full_token(n, TEXTS["latin"]) for n in (1, 2))
    sheet = known(make_sheet(make_slot("09:00")))
    for changed in (
        sheet := known(sheet).with_token(first),
        sheet := known(sheet).with_token(second),
        sheet := known(sheet).with_token(replace(first, cancel_reason=None)),
        sheet := known(sheet).with_slot(make_slot("10:00")),
        sheet := known(sheet).changed(declined=("key",)),
        known(sheet).changed(time=at("09:00") + timedelta(hours=1)),
    ):
        assert changed.size == replace(changed).size


def large_desk() -> tuple[OpdDay, Token]:
    """A day with free seats and as many bytes as a day may have, and a token on it."""
    opd_day = OpdDay(make_slot("09:00", seats=10), policy=make_policy(max_tokens_per_sheet=10_000))
    token = opd_day.book()
    others = tuple(full_token(n, TEXTS["of four bytes"]) for n in range(2, 3_000))
    opd_day.sheet = opd_day.sheet.changed(tokens=(token, *others))
    assert opd_day.sheet.size >= MOST_BYTES
    return opd_day, token


def test_a_day_of_as_many_bytes_as_it_may_have_takes_no_booking_and_no_slot() -> None:
    opd_day, _ = large_desk()
    with pytest.raises(SheetFull):
        opd_day.book()
    with pytest.raises(SheetFull):
        opd_day.do(make_add_slot("10:00"))


def test_what_is_on_a_full_day_goes_on() -> None:
    opd_day, token = large_desk()
    opd_day.set(token, Status.CANCELLED, reason="Feels better")
    assert opd_day[token].status is Status.CANCELLED
    assert opd_day.change("09:00", seats=30).max_capacity == 30
