"""What the creating use cases are asked, and the fingerprint by which a repeat is known.

A field that is added here with a default changes no fingerprint of the requests that don't use
it, so a request may be repeated across an upgrade. Renaming a field or an operation does change
them.
"""

from datetime import date
from functools import cache
from hashlib import blake2b
from typing import ClassVar

import msgspec
from msgspec import NODEFAULT, Struct

from models.commands import IfFull
from models.doctor import Weekday, in_order
from models.patient import Newcomer
from models.source import Source


class CreatingRequest(Struct, frozen=True, kw_only=True):
    """A request that creates something; `operation` is its name for good."""

    operation: ClassVar[str]

    def fingerprint(self) -> str:
        """A hash of the operation and the fields that were given, by name.

        A field that equals its default counts as not given.
        """
        text = msgspec.json.encode((self.operation, _given(self)), order="sorted")
        return blake2b(text, digest_size=16).hexdigest()


class NewDoctor(CreatingRequest, frozen=True, kw_only=True):
    """A doctor to add; without an id a short one is made, without a facility it is the home."""

    operation = "doctor"

    name: str
    specialization: str
    opd_days: tuple[Weekday, ...] = ()
    doctor_id: str | None = None
    facility_id: str | None = None


class DoctorChange(Struct, frozen=True, kw_only=True):
    """What to change of a doctor; None leaves a thing as it is."""

    name: str | None = None
    specialization: str | None = None
    opd_days: tuple[Weekday, ...] | None = None
    retired: bool | None = None

    def fields(self) -> dict[str, object]:
        """What is stored of it as it is, by the name there."""
        asked = {
            "name": self.name,
            "specialization": self.specialization,
            "opdDays": None if self.opd_days is None else list(in_order(self.opd_days)),
        }
        return {name: value for name, value in asked.items() if value is not None}


class NewSlot(CreatingRequest, frozen=True, kw_only=True):
    """A slot to plan from one local hour to another; an earlier end means the next day."""

    operation = "slot"

    doctor_id: str
    day: date
    start_time: str
    end_time: str
    max_capacity: int | None = None


class NewBooking(CreatingRequest, frozen=True, kw_only=True):
    """A token to give in this slot; `check_in`: to one who is there.

    `despite_overrun`: to one who was offered another doctor and wants this one.
    """

    operation = "book"

    slot_id: str
    source: Source
    patient: Newcomer
    if_full: IfFull = IfFull.WAITLIST
    check_in: bool = False
    despite_overrun: bool = False


class NewAllocation(CreatingRequest, frozen=True, kw_only=True):
    """A token to give where it suits best; without a `day`, today."""

    operation = "allocate"

    source: Source
    patient: Newcomer
    specialization: str | None = None
    doctor_id: str | None = None
    day: date | None = None
    if_full: IfFull = IfFull.WAITLIST


class NextCall(CreatingRequest, frozen=True, kw_only=True):
    """To call whoever is next, into a room; `finish` is whose consultation ends with it."""

    operation = "next"

    room: str | None = None
    finish: str | None = None


def _given(value: Struct) -> dict[str, object]:
    given = {}
    for name, default in _defaults(type(value)):
        field = getattr(value, name)
        if field != default:
            given[name] = _given(field) if isinstance(field, Struct) else field
    return given


@cache
def _defaults(kind: type[Struct]) -> tuple[tuple[str, object], ...]:
    """Each field of a struct with its default; NODEFAULT, where there is none, equals no value."""
    return tuple(
        (
            field.name,
            field.default if field.default_factory is NODEFAULT else field.default_factory(),
        )
        for field in msgspec.structs.fields(kind)
    )
