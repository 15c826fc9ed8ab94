"""The baseline: a plain FastAPI app with a booking's body and answers, and nothing else.

Pydantic models in and out, no middleware, no dependencies, no log, its own process on uvloop: what
the framework costs as it comes. `python -m bench.plain` serves it on PORT.
"""

import os
from datetime import UTC, date, datetime

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from models.slot import SlotStatus
from models.source import Source
from models.token import Status

QUEUE_LENGTH = 15


class _Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


class BookingIn(_Camel):
    """A booking's request."""

    slot_id: str
    patient_id: str
    patient_name: str
    phone_number: str
    language: str | None = None
    if_full: str = "waitlist"


class RangeOut(_Camel):
    """When it begins in four cases of five."""

    earliest: datetime
    latest: datetime


class TokenOut(_Camel):
    """A token as the service answers it."""

    id: str
    token_number: str
    slot_id: str
    doctor_id: str
    date: date
    patient_id: str
    patient_name: str
    phone_number: str | None
    language: str | None
    source: Source
    priority: int
    status: Status
    position: int | None
    waitlist_position: int | None
    queue_position: int | None
    estimated_time: datetime | None
    estimated_range: RangeOut | None
    served_by: str | None
    room: str | None
    recalls: int
    mark: str | None
    booked_at: datetime
    booked_by: str | None
    checked_in_at: datetime | None
    called_at: datetime | None
    started_at: datetime | None
    away_since: datetime | None
    ended_at: datetime | None
    cancel_reason: str | None
    end_code: str | None


class BumpedOut(_Camel):
    """Who gave way."""

    token_id: str
    token_number: str
    from_slot_id: str
    to_slot_id: str | None


class OverrunOut(_Camel):
    """What a walk-in is told."""

    code: str
    words: str
    expected_end: datetime


class BookingOut(TokenOut):
    """A booking's answer."""

    bumped: BumpedOut | None
    patient_link: str | None
    notice: OverrunOut | None


class SlotOut(_Camel):
    """A slot as the service answers it."""

    id: str
    doctor_id: str
    date: date
    start_time: str
    end_time: str
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
    over: bool


class QueueOut(_Camel):
    """A slot's queue."""

    slot: SlotOut
    queue: list[TokenOut]
    waitlist: list[TokenOut]


app = FastAPI()

_DAY = date(2030, 1, 15)
_NINE = datetime(2030, 1, 15, 9, tzinfo=UTC)
_SLOT_ID = "dr.rao-20300115-0900"


def _token(place: int, slot_id: str, patient_id: str, name: str, phone: str) -> dict[str, object]:
    return {
        "id": f"dr.rao-20300115-aaaaaaaaaa{place:02}",
        "token_number": f"T{place:03}",
        "slot_id": slot_id,
        "doctor_id": "dr.rao",
        "date": _DAY,
        "patient_id": patient_id,
        "patient_name": name,
        "phone_number": phone,
        "language": None,
        "source": Source.ONLINE,
        "priority": 200,
        "status": Status.BOOKED,
        "position": place,
        "waitlist_position": None,
        "queue_position": None,
        "estimated_time": _NINE,
        "estimated_range": None,
        "served_by": None,
        "room": None,
        "recalls": 0,
        "mark": None,
        "booked_at": _NINE,
        "booked_by": "portal",
        "checked_in_at": None,
        "called_at": None,
        "started_at": None,
        "away_since": None,
        "ended_at": None,
        "cancel_reason": None,
        "end_code": None,
    }


_QUEUE = QueueOut(
    slot=SlotOut(
        id=_SLOT_ID,
        doctor_id="dr.rao",
        date=_DAY,
        start_time="09:00",
        end_time="10:00",
        start=_NINE,
        end=_NINE,
        expected_start=_NINE,
        max_capacity=20,
        capacity=20,
        taken=QUEUE_LENGTH,
        available=20 - QUEUE_LENGTH,
        waitlisted=0,
        delay_minutes=0,
        status=SlotStatus.OPEN,
        over=False,
    ),
    queue=[
        TokenOut.model_validate(
            _token(place, _SLOT_ID, f"P{place:08}", "Asha Rao", "+91 98450 12345")
        )
        for place in range(1, QUEUE_LENGTH + 1)
    ],
    waitlist=[],
)


@app.post("/api/tokens/book", status_code=201)
async def book(body: BookingIn) -> BookingOut:
    """A booking's answer without a booking."""
    token = _token(1, body.slot_id, body.patient_id, body.patient_name, body.phone_number)
    return BookingOut.model_validate(
        {**token, "bumped": None, "patient_link": None, "notice": None}
    )


@app.get("/api/tokens/queue/{slot_id}")
async def queue(slot_id: str) -> QueueOut:  # noqa: ARG001  # as the path has it
    """A queue's answer, ready-made: only the framework has work with it."""
    return _QUEUE


@app.get("/readyz")
async def ready() -> None:
    """It is."""


def serve() -> None:
    """Serve it as main.py serves the service: on uvloop, with httptools, without a log."""
    uvicorn.run(
        app,
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
    )


if __name__ == "__main__":
    serve()
