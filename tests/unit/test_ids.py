"""Ids lead to their sheet (DESIGN §3), and tokens are printed with their number."""

from datetime import date

import pytest

from models.errors import UnknownSlot, UnknownToken
from models.ids import (
    doctor_of,
    is_doctor_id,
    make_sheet_id,
    sheet_address,
    sheet_of_slot,
    sheet_of_token,
)
from models.token import token_label
from services.ids import Ids
from tests.factories import make_token


@pytest.mark.parametrize(
    ("doctor", "day", "sheet"),
    [
        ("asha", date(2026, 3, 9), "asha-20260309"),
        ("Dr.7", date(2026, 12, 31), "Dr.7-20261231"),
        ("a", date(999, 1, 2), "a-09990102"),
        ("a", date(1000, 1, 2), "a-10000102"),
    ],
)
def test_a_sheet_id_names_doctor_and_day(doctor: str, day: date, sheet: str) -> None:
    assert make_sheet_id(doctor, day) == sheet
    assert sheet_address(sheet) == (doctor, day)


@pytest.mark.parametrize(
    "text",
    ["", "asha", "asha-2026", "asha-20260230", "a-b-20260309", f"{'a' * 33}-20260309", "-20260309"],
)
def test_what_is_no_sheet_id_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a sheet id|day|month"):
        sheet_address(text)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a", True),
        ("Dr.7", True),
        ("a" * 32, True),
        ("a" * 33, False),
        ("a-b", False),
        ("", False),
        ("a\n", False),
        ("é", False),
        ("٣", False),
    ],
)
def test_a_doctor_id_is_short_and_has_no_dash(text: str, *, fits: bool) -> None:
    assert is_doctor_id(text) is fits


@pytest.mark.parametrize(
    ("slot", "sheet"),
    [
        ("asha-20260309-0900", "asha-20260309"),
        ("asha-20261101-0130r", "asha-20261101"),
        (f"{'a' * 32}-20260309-0900", f"{'a' * 32}-20260309"),
        ("asha-20260309-900", None),
        ("asha-20260309-0900x", None),
        ("asha-20260309-0900\n", None),
        ("asha-20260230-0900", None),
        ("asha-20260309", None),
        ("a_b-20260309-0900", None),
        ("", None),
    ],
)
def test_a_slot_id_leads_to_its_sheet(slot: str, sheet: str | None) -> None:
    if sheet is None:
        with pytest.raises(UnknownSlot):
            sheet_of_slot(slot)
    else:
        assert sheet_of_slot(slot) == sheet


@pytest.mark.parametrize(
    ("token", "sheet"),
    [
        ("asha-20260309-abcdefgh2345", "asha-20260309"),
        ("asha-20260309-abcdefgh234", None),
        ("asha-20260309-abcdefgh23456", None),
        ("asha-20260309-ABCDEFGH2345", None),
        ("asha-20260309-abcdefgh0189", None),
        ("asha-20261301-abcdefgh2345", None),
        ("asha-20260309-0900", None),
        ("", None),
    ],
)
def test_a_token_id_leads_to_its_sheet(token: str, sheet: str | None) -> None:
    if sheet is None:
        with pytest.raises(UnknownToken):
            sheet_of_token(token)
    else:
        assert sheet_of_token(token) == sheet


@pytest.mark.parametrize(
    ("number", "label"), [(1, "T001"), (42, "T042"), (999, "T999"), (1000, "T1000")]
)
def test_a_number_is_printed_with_three_digits_or_more(number: int, label: str) -> None:
    assert token_label(number) == label
    assert make_token(number).label == label


def test_no_random_id_is_given_twice() -> None:
    ids = Ids()
    given = [ids.request_id() for _ in range(10_000)]
    assert len(set(given)) == len(given)
    assert set("".join(given)) == set("abcdefghijklmnopqrstuvwxyz234567")


def test_a_sheets_id_names_its_doctor() -> None:
    assert doctor_of("dr.rao-20300115") == "dr.rao"
