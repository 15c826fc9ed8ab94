"""Ids that carry their address: a slot or token id leads to its sheet without a look-up.

Doctor `[A-Za-z0-9.]{1,32}`, sheet `{doctorId}-{YYYYMMDD}`, slot `{sheetId}-{HHMM}` (`{HHMM}r` in
the second pass of an hour that a clock change repeats), token `{sheetId}-{12 base32 characters}`.
All fit FHIR's id, `[A-Za-z0-9\\-\\.]{1,64}`. To callers they are opaque.
"""

import re
from datetime import date

from models.errors import UnknownSlot, UnknownToken

DOCTOR_ID = r"[A-Za-z0-9.]{1,32}"
_SHEET = rf"(?P<sheet>(?P<doctor>{DOCTOR_ID})-(?P<day>[0-9]{{8}}))"
_DOCTOR_ID = re.compile(DOCTOR_ID)
_SHEET_ID = re.compile(_SHEET)
_SLOT_ID = re.compile(rf"{_SHEET}-[0-9]{{4}}r?")
_TOKEN_ID = re.compile(rf"{_SHEET}-[a-z2-7]{{12}}")


def is_doctor_id(text: str) -> bool:
    """Whether this can be the id of a doctor."""
    return _DOCTOR_ID.fullmatch(text) is not None


def make_sheet_id(doctor_id: str, day: date) -> str:
    """The id of one doctor's sheet on one local date."""
    return (
        f"{doctor_id}-{day:%Y%m%d}" if day.year > 999 else f"{doctor_id}-{day.year:04d}{day:%m%d}"
    )


def sheet_of_slot(slot_id: str) -> str:
    """The sheet that a slot id names. Raises UnknownSlot when it is no slot id."""
    sheet_id = _sheet(_SLOT_ID, slot_id)
    if sheet_id is None:
        raise UnknownSlot
    return sheet_id


def sheet_of_token(token_id: str) -> str:
    """The sheet that a token id names. Raises UnknownToken when it is no token id."""
    sheet_id = _sheet(_TOKEN_ID, token_id)
    if sheet_id is None:
        raise UnknownToken
    return sheet_id


def doctor_of(sheet_id: str) -> str:
    """The doctor whom a well-formed sheet id names: no doctor's id has a dash in it."""
    return sheet_id.partition("-")[0]


def sheet_address(sheet_id: str) -> tuple[str, date]:
    """The doctor and the local date of a sheet id. ValueError when it is none."""
    found = _SHEET_ID.fullmatch(sheet_id)
    if not found:
        raise ValueError("not a sheet id")
    return found["doctor"], date.fromisoformat(found["day"])


def _sheet(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.fullmatch(text)
    if not found:
        return None
    try:
        date.fromisoformat(found["day"])
    except ValueError:
        return None
    return found["sheet"]
