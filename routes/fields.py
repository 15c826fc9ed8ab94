"""The fields of requests: what each accepts, its code when it does not, and a sentence that helps.

A value that is refused never appears in the answer: it may be a patient's name or phone number.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

import langcodes
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from models.local_time import LOCAL_TIME
from routes.text import Control, Invisible, read_id, read_known_id, read_line, read_name

Choice = TypeVar("Choice", bound=StrEnum)


class Body(BaseModel):
    """A request: camelCase, or snake_case; fields that are not asked for are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
    )


def example(*, schema: Mapping[str, JsonValue] | None = None, **body: JsonValue) -> ConfigDict:
    """What the documentation offers to send; `schema`: what no single field's schema says."""
    return ConfigDict(json_schema_extra={"examples": [body], **(schema or {})})


_WANTED: Mapping[type, str] = {
    str: "Send a text, in quotes.",
    int: "Send a number, without quotes.",
    bool: "Send true or false, without quotes.",
    list: "Send a list, in [ ].",
}


def refused_as(code: str, sentence: str, kind: type = str) -> WrapValidator:
    """Whatever is wrong with the field, say it with this code and sentence.

    A value that is not even of this kind of JSON is first told what kind is wanted. What stands in
    a query or a header is always a text.
    """

    def validate(value: object, inner: ValidatorFunctionWrapHandler) -> object:
        try:
            return inner(value)
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False):
                if problem["type"] in _TOLD_AS_THEY_ARE:
                    raise PydanticCustomError(problem["type"], problem["msg"]) from None
            wanted = "" if _is_a(kind, value) else f"{_WANTED[kind]} "
            raise PydanticCustomError(code, wanted + sentence) from None

    return WrapValidator(validate)


def _is_a(kind: type, value: object) -> bool:
    """Whether a value of JSON is of this kind; true and false are no numbers, 6.5 is one."""
    if kind is int:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind)


_UNSHOWN: Mapping[type[ValueError], tuple[str, str]] = {
    Control: (
        "control_characters",
        "Control characters are not allowed here; write it as one line of text.",
    ),
    Invisible: (
        "invisible_characters",
        "Something in it shows nothing or turns the writing around. Type it anew, don't paste it.",
    ),
}
_TOLD_AS_THEY_ARE = frozenset(code for code, _ in _UNSHOWN.values())


def _text(read: Callable[[str], str]) -> BeforeValidator:
    """A text as this function reads it."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return read(value)
        except (Control, Invisible) as error:
            raise PydanticCustomError(*_UNSHOWN[type(error)]) from None

    return BeforeValidator(validate)


NameText = _text(read_name)
IdText = _text(read_id)
LineText = _text(read_line)

# Patterns are part of the schema, so that it says what is accepted.
_LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
LINE_NOT_BLANK = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"

Name = Annotated[
    str,
    Field(pattern=LINE_NOT_BLANK, min_length=1, max_length=200, examples=["Asha Rao"]),
    NameText,
    refused_as("invalid_name", "A name has 1 to 200 characters and is not blank."),
]

Specialization = Annotated[
    str,
    Field(pattern=LINE_NOT_BLANK, min_length=1, max_length=100, examples=["Cardiology"]),
    NameText,
    refused_as(
        "invalid_specialization", "A specialization has 1 to 100 characters and is not blank."
    ),
]

Reason = Annotated[
    str,
    Field(pattern=_LINE, max_length=300, examples=["Feels better"]),
    NameText,
    refused_as("invalid_reason", "A reason has at most 300 characters."),
]

PatientId = Annotated[
    str,
    Field(pattern=LINE_NOT_BLANK, min_length=1, max_length=64, examples=["MRN-1001"]),
    IdText,
    refused_as("invalid_patient_id", "A patientId has 1 to 64 characters and is not blank."),
]

NewDoctorId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9.]*[A-Za-z0-9][A-Za-z0-9.]*$", max_length=32, examples=["dr.rao"]),
    _text(read_known_id),
    refused_as(
        "invalid_doctor_id", "A doctor's id has 1 to 32 letters, digits or dots, not only dots."
    ),
]

KnownId = Annotated[str, BeforeValidator(read_known_id)]
"""An id in a path."""
SomeId = Annotated[
    str, _text(read_known_id), refused_as("invalid_id", "An id is one that the service has told.")
]

_PHONE = r"^[ (]*\+?([ ()-]*[0-9]){7,15}[ ()-]*$"

PhoneNumber = Annotated[
    str,
    Field(pattern=_PHONE, min_length=7, max_length=32, examples=["+91 98450 12345"]),
    LineText,
    refused_as(
        "invalid_phone_number",
        "A phone number has 7 to 15 digits; a leading +, spaces, dashes and brackets are fine.",
    ),
]


def _language_tag(text: str) -> str:
    """As the registry writes it: `en-in` is `en-IN`."""
    if not langcodes.tag_is_valid(text):
        raise ValueError("no language")
    return langcodes.standardize_tag(text)


Language = Annotated[
    str,
    Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35, examples=["hi", "en-IN"]),
    AfterValidator(_language_tag),
    refused_as(
        "invalid_language",
        "Write a language as its tag of BCP 47, for example hi, or en-IN for India's English.",
    ),
]

# Far from both ends of the calendar, where zones and delays would lead out of it.
DATE = "2[0-9]{3}-[0-9]{2}-[0-9]{2}"


def _local_date(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(DATE, value):
        return value
    raise ValueError("no date")


LocalDate = Annotated[
    date,
    Field(examples=["2030-01-15"], json_schema_extra={"pattern": f"^{DATE}$"}),
    BeforeValidator(_local_date),
    refused_as(
        "invalid_date",
        "Write a date that exists as YYYY-MM-DD, from 2000 to 2999, for example 2030-01-15.",
    ),
]

LocalTime = Annotated[
    str,
    Field(pattern=f"^{LOCAL_TIME}$", examples=["09:00"]),
    refused_as(
        "invalid_time", "Write a time of day as HH:MM, from 00:00 to 23:59, for example 09:30."
    ),
]


def whole(value: object) -> object:
    """JSON has one kind of number: 6.0 is 6."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Close = Annotated[
    bool,
    Field(strict=True),
    refused_as("invalid_close", "close says whether the slot closes.", bool),
]

CheckIn = Annotated[
    bool,
    Field(strict=True),
    refused_as("invalid_check_in", "checkIn says whether the patient is there.", bool),
]

AnyDay = Annotated[
    bool,
    Field(strict=True),
    refused_as("invalid_any_day", "anyDay says whether it may happen before its date.", bool),
]

Limit = Annotated[
    int,
    Field(ge=1, le=500),
    refused_as("invalid_limit", "limit is a whole number from 1 to 500."),
]


_BETWEEN_WORDS = re.compile(r"[\s_.-]+")


def plain(text: str) -> str:
    """A choice without what people spell in several ways: case, spaces, dashes, a last dot."""
    return _BETWEEN_WORDS.sub("", text).upper()


def _spelled(kind: type[StrEnum]) -> Callable[[object], object]:
    by_name = {plain(member.value): member.value for member in kind}

    def read(value: object) -> object:
        return by_name.get(plain(value), value) if isinstance(value, str) else value

    return read


def any_spelling(kind: type[StrEnum], code: str) -> tuple[BeforeValidator, WrapValidator]:
    """Read a choice however it is spelled; what is none of them is refused with this code."""
    sentence = f"Choose one of {', '.join(kind)}."
    return BeforeValidator(_spelled(kind)), refused_as(code, sentence)
