"""The fields of the plan: of slots, their seats, their delays, and a doctor's days."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from models.doctor import Weekday
from routes.fields import plain, refused_as, whole

Capacity = Annotated[
    int,
    Field(ge=1, le=500, strict=True, examples=[6]),
    BeforeValidator(whole),
    refused_as("invalid_capacity", "Seats are a whole number from 1 to 500.", int),
]
SlotMinutes = Annotated[
    int,
    Field(ge=5, le=720, examples=[60]),
    refused_as(
        "invalid_slot_minutes", "A slot lasts a whole number of minutes, from 5 to 720.", int
    ),
]

DelayMinutes = Annotated[
    int,
    Field(ge=0, le=480, examples=[30]),
    refused_as(
        "invalid_delay",
        "The delay is the delay in all, in whole minutes from 0 to 480; 0 takes it back.",
        object,  # a text in a query, a number from a form
    ),
]

_SHORTEST_DAY = 3


def _weekday(value: object) -> object:
    """A weekday may be cut short, as calendars do: Tue, Thurs."""
    if isinstance(value, str) and len(start := plain(value)) >= _SHORTEST_DAY:
        return next((day for day in Weekday if day.upper().startswith(start)), value)
    return value


OpdDay = Annotated[
    Weekday,
    BeforeValidator(_weekday),
    refused_as("invalid_weekday", f"Choose one of {', '.join(Weekday)}."),
]
