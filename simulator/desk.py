"""The desk: what a hospital's staff can ask of the service, wherever the service runs."""

from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from models.token import Source, Status
from simulator.answers import (
    Booking,
    Cancellation,
    Doctor,
    Queue,
    Reallocation,
    Slot,
    Stats,
    Token,
)


class NewToken(Struct, frozen=True):
    """A patient who wants a token in a slot."""

    slot_id: str
    source: Source
    patient_id: str
    name: str
    phone: str


class Desk(Protocol):
    """Each method raises Refused with the service's own sentence, or Unusable."""

    def now(self) -> datetime:
        """What the service's clock says, as far as is known here."""
        ...

    def at(self, instant: datetime) -> None:
        """Move the service's clock there, if it can be moved."""
        ...

    async def add_doctor(self, name: str, specialization: str) -> Doctor: ...
    async def add_slot(
        self, doctor_id: str, day: date, start: str, end: str, capacity: int | None
    ) -> Slot: ...
    async def slots(self, doctor_id: str, day: date) -> list[Slot]: ...
    async def delay(self, slot_id: str, minutes: int) -> Slot: ...
    async def stats(self, slot_id: str) -> Stats: ...
    async def book(self, wanted: NewToken) -> Booking: ...
    async def token(self, token_id: str) -> Token: ...
    async def reason(self, token_id: str) -> str:
        """Why the last thing that happened to a token happened, in the service's words."""
        ...

    async def queue(self, slot_id: str) -> Queue: ...
    async def set_status(self, token_id: str, status: Status) -> Token: ...
    async def cancel(self, token_id: str, reason: str) -> Cancellation: ...
    async def reallocate(self, slot_id: str) -> Reallocation: ...
