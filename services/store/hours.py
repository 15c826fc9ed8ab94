"""Days in figures: one document for each doctor's day, worked out anew from that day's events."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import msgspec
from msgspec import Struct, field

from database import Database, Duplicate
from engine.accuracy import Accuracy
from engine.hours import Hour
from models.experience import Consultation
from services.store.codec import SCHEMA_VERSION
from services.store.collections import DAY_HOURS, EVENTS

CALCULATION = 5
"""Raised when what follows from days is worked out otherwise than before: then all of it is anew."""
_CURSOR = "cursor"
_DAYS = 500
_PAGE = 5000
"""Events whose sheets are looked up at once."""


class DayHours(Struct, frozen=True, kw_only=True, rename="camel"):
    """A doctor's day, hour by hour."""

    id: str = field(name="_id")
    doctor_id: str
    facility_id: str
    date: str
    """As ISO writes it, so that an index finds a span of days."""
    timezone: str
    hours: tuple[Hour, ...]
    consultations: tuple[Consultation, ...]
    came: int
    stayed_away: int
    served_by: tuple[str, ...] = ()
    """The other doctors who saw patients of this line."""
    accuracy: Accuracy = Accuracy()
    unlearned: bool | None = True
    """Whether the doctor's experience is yet to be told of it; None while the day goes on."""
    up_to: int
    """The `n` of the last event that it is worked out from."""
    schema_version: int = SCHEMA_VERSION


class Changed(Struct, frozen=True, kw_only=True):
    """Sheets on which something happened, by the events up to `seq`; `more` come behind it."""

    sheet_ids: Sequence[str]
    seq: int
    more: bool


class HourStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._events = EVENTS.answering(database)
        self._days = DAY_HOURS.answering(database)

    async def changed(self) -> Changed:
        """What happened since `done` was last told."""
        cursor = await self._days.find_one({"_id": _CURSOR})
        known = cursor is not None and cursor.get("calculation") == CALCULATION
        since = cursor.get("seq") if cursor is not None and known else 0
        events = await self._events.find(
            {"_id": {"$gt": since}}, {"sheet": 1}, order="_id", limit=_PAGE
        )
        seq = events[-1]["_id"] if events else since
        assert isinstance(seq, int)  # noqa: S101  # the relay gave it
        sheet_ids = dict.fromkeys(str(event["sheet"]) for event in events)
        return Changed(sheet_ids=tuple(sheet_ids), seq=seq, more=len(events) == _PAGE)

    async def done(self, seq: int) -> None:
        """The days of all events up to this one have been put."""
        told = {"seq": seq, "calculation": CALCULATION, "schemaVersion": SCHEMA_VERSION}
        await self._days.update({"_id": _CURSOR}, {"$set": told}, upsert=True)

    async def put(self, day: DayHours) -> None:
        """Store a day in the place of what was known of it, unless that was of later events."""
        document: dict[str, object] = msgspec.to_builtins(day, builtin_types=(bytes,))
        del document["_id"]
        not_later = {"_id": day.id, "upTo": {"$lte": day.up_to}}
        with suppress(Duplicate):  # it stands there, and is later
            await self._days.update(not_later, {"$set": document}, upsert=True)

    async def unlearned(self, before: date) -> list[DayHours]:
        """Days before a date that the doctors' experience does not know, in order of date."""
        where = {"unlearned": True, "date": {"$lt": before.isoformat()}}
        documents = await self._days.find(where, order="date", limit=_DAYS)
        return [msgspec.convert(day, DayHours) for day in documents]

    async def served_elsewhere(self, day: DayHours) -> list[str]:
        """The sheets of that date on which the doctor of a day saw patients of another's line."""
        where = {"date": day.date, "servedBy": day.doctor_id}
        return [str(each["_id"]) for each in await self._days.find(where, {"_id": 1}, order="_id")]

    async def learned(self, day: DayHours) -> None:
        """The doctor's experience knows this day, unless it is another by now."""
        where = {"_id": day.id, "upTo": day.up_to}
        await self._days.update(where, {"$unset": {"unlearned": ""}})

    async def find(self, first: date, last: date, doctor_id: str | None) -> list[DayHours]:
        """The days from one date to another, of one doctor or of all."""
        where: dict[str, object] = {
            "date": {"$gte": first.isoformat(), "$lte": last.isoformat()},
        }
        if doctor_id is not None:
            where["doctorId"] = doctor_id
        return [msgspec.convert(day, DayHours) for day in await self._days.find(where)]
