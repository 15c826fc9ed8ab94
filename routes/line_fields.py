"""The fields of requests that run a line."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from routes.fields import DATE, LINE_NOT_BLANK, NameText, refused_as

_MOMENT = rf"{DATE}T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]+)?)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})"


def _moment(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(_MOMENT, value, re.ASCII):
        return value
    raise ValueError("no moment")


def _as_stored(moment: datetime) -> datetime:
    """In UTC and whole milliseconds, as the database keeps it."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


Moment = Annotated[
    AwareDatetime,
    Field(examples=["2030-01-15T11:30:00+05:30"], json_schema_extra={"pattern": f"^{_MOMENT}$"}),
    AfterValidator(_as_stored),
    BeforeValidator(_moment),
    refused_as(
        "invalid_moment",
        "Write an instant with its offset, for example 2030-01-15T11:30:00+05:30.",
    ),
]

Room = Annotated[
    str,
    Field(pattern=LINE_NOT_BLANK, min_length=1, max_length=40, examples=["Room 3"]),
    NameText,
    refused_as("invalid_room", "A room has 1 to 40 characters and is not blank."),
]

TokenNumber = Annotated[
    str,
    Field(pattern=r"^ *[Tt]? *[0-9]{1,5} *$", max_length=20, examples=["T007"]),
    refused_as("invalid_token_number", "Write the number as it is printed, for example T007."),
]

PhoneDigits = Annotated[
    str,
    Field(pattern=r"^[0-9]{4,15}$", examples=["2345"]),
    refused_as("invalid_phone_digits", "Give the last four digits of the phone number, or more."),
]

TokenLink = Annotated[
    str,
    Field(pattern=r"^[!-~]+$", max_length=500, examples=["https://opd.example.org/t/opl_k1.r"]),
    refused_as("invalid_link", "Give the link as the patient has it."),
]

DespiteOverrun = Annotated[
    bool,
    Field(strict=True),
    refused_as(
        "invalid_despite_overrun",
        "despiteOverrun says whether no other doctor is to be offered.",
        bool,
    ),
]
