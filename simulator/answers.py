"""What the service answers, as the simulation reads it: from JSON, or from the services' views."""

from datetime import date, datetime

import msgspec
from msgspec import Struct

from models.slot import SlotStatus
from models.token import Source, Status


class Refused(Exception):
    """The service refused; `code` is for machines, `str()` is its own sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class Unusable(Exception):
    """Nobody answers at the URL, or not as this service would. `str()` is one line."""


class Doctor(Struct, frozen=True, rename="camel"):
    """A doctor."""

    id: str
    name: str
    specialization: str


class Slot(Struct, frozen=True, rename="camel"):
    """A slot."""

    id: str
    doctor_id: str
    date: date
    start: datetime
    end: datetime
    expected_start: datetime
    max_capacity: int
    capacity: int
    taken: int
    available: int
    waitlisted: int
    delay_minutes: int
    status: SlotStatus

    @property
    def expected_end(self) -> datetime:
        """When it should end, delays included; from then on it is over."""
        return self.expected_start + (self.end - self.start)

    @property
    def hour(self) -> str:
        """Its planned start as people say it: `09:00`."""
        return f"{self.start:%H:%M}"


class Token(Struct, frozen=True, rename="camel"):
    """A token."""

    id: str
    token_number: str
    slot_id: str
    patient_id: str
    patient_name: str
    phone_number: str | None
    source: Source
    priority: int
    status: Status
    position: int | None
    waitlist_position: int | None
    estimated_time: datetime | None


class Bumped(Struct, frozen=True, rename="camel"):
    """A token that gave way; `to_slot_id` None: it waits."""

    token_id: str
    token_number: str
    from_slot_id: str
    to_slot_id: str | None


class Booking(Struct, frozen=True):
    """A new token, and who gave way to it."""

    token: Token
    bumped: Bumped | None


class Cancellation(Struct, frozen=True, rename="camel"):
    """A cancelled token, and who got a seat by it."""

    token: Token
    promoted: list[Token]


class Moved(Struct, frozen=True, rename="camel"):
    """A token that was moved to another slot."""

    token: Token
    from_: str = msgspec.field(name="from")


class Stayed(Struct, frozen=True, rename="camel"):
    """A token that was not moved, and why."""

    token: Token
    why: str


class Reallocation(Struct, frozen=True, rename="camel"):
    """What became of the tokens of a slot that can't be held."""

    moved: list[Moved]
    stayed: list[Stayed]


class Queue(Struct, frozen=True, rename="camel"):
    """A slot, its queue in order, then its waitlist in order."""

    slot: Slot
    queue: list[Token]
    waitlist: list[Token]


class Place(Struct, frozen=True, rename="camel"):
    """A token with its place in a doctor's line."""

    place: int
    token: Token


class Line(Struct, frozen=True, rename="camel"):
    """Who is next in a doctor's day, all slots together."""

    line: list[Place]


class Stats(Struct, frozen=True, rename="camel"):
    """The figures of a slot."""

    by_status: dict[Status, int]
    by_source: dict[Source, int]
    max_capacity: int
    taken: int
    fill_rate: float
    waitlisted: int
    bumped: int
    overflow: int
