"""The register: who the patients are, for a desk that looks for one. Written behind the bookings.

It follows from the sheets, as the days in figures do: what is lost of it is worked out anew. A
patient is what their latest booking says, at each facility by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct, field

from database import Database, Update
from models.sheet import Sheet
from models.token import Status, Token
from services.store.codec import SCHEMA_VERSION
from services.store.collections import PATIENTS
from services.store.puts import find_by_id, put_all

_TELLING_DIGITS = 10
"""Of a phone number: what stands before them, a country's code or a 0, is written or left out."""
_REMEMBERED = 50_000
"""Entries that this process knows to be stored; one is about 300 bytes."""


class RegisteredPatient(Struct, frozen=True, kw_only=True, rename="camel"):
    """A patient at one facility, as of the booking at `seen_at`."""

    facility_id: str
    patient_id: str
    name: str
    phone_number: str | None = None
    digits: str | None = None
    language: str | None = None
    seen_at: datetime


class _Entry(RegisteredPatient, frozen=True, kw_only=True, rename="camel"):
    id: str = field(name="_id")
    schema_version: int


class PatientRegister:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._patients = PATIENTS.answering(database)
        self._put: dict[tuple[str, str], _Entry] = {}
        """By patient and doctor."""

    async def put(self, sheet: Sheet) -> None:
        """Enter the patients of a sheet, but for those of whom something later is known."""
        entries: dict[str, _Entry] = {}
        for token in sheet.tokens:
            if token.status is Status.MOVED:
                continue
            entry = _entry(sheet, token)
            known = entries.get(entry.id) or self._put.get((entry.id, sheet.resource_id))
            if known is None or (known != entry and known.seen_at <= entry.seen_at):
                entries[entry.id] = entry
        if not entries:
            return
        doctor_id = sheet.resource_id
        await self._store(entries, doctor_id)
        if len(self._put) >= _REMEMBERED:
            self._put.clear()
        self._put.update({(id_, doctor_id): entry for id_, entry in entries.items()})

    async def find(
        self,
        reach: Mapping[str, frozenset[str]],
        *,
        digits: str | None,
        patient_id: str | None,
        limit: int,
    ) -> Sequence[RegisteredPatient]:
        """Those of this number or id, at these facilities and with these doctors (none: any)."""
        what = {"digits": digits} if patient_id is None else {"patientId": patient_id}
        where = [
            {**what, "facilityId": facility, **({"doctors": {"$in": sorted(of)}} if of else {})}
            for facility, of in sorted(reach.items())
        ]
        found = [
            msgspec.convert(document, RegisteredPatient)
            for each in where
            for document in await self._patients.find(each, limit=limit)
        ]
        return sorted(found, key=lambda each: each.seen_at, reverse=True)[:limit]

    async def _store(self, entries: Mapping[str, _Entry], doctor_id: str) -> None:
        """After a start all of a sheet are new to this process, and most are stored already."""
        stored = await find_by_id(self._patients, entries, {"doctors": doctor_id})
        with_doctor = {"$addToSet": {"doctors": doctor_id}}
        upserts = {}
        for id_, entry in entries.items():
            document: dict[str, object] = msgspec.to_builtins(
                entry, builtin_types=(bytes, datetime)
            )
            if stored.get(id_, {}).items() >= document.items():
                continue
            del document["_id"]
            not_later = {"_id": id_, "seenAt": {"$lte": entry.seen_at}}
            upserts[id_] = Update(not_later, {"$set": document, **with_doctor}, upsert=True)
        put = await put_all(self._patients, list(upserts.values()))
        later = [id_ for id_, done in zip(upserts, put, strict=True) if not done]
        await put_all(self._patients, [Update({"_id": id_}, with_doctor) for id_ in later])


def telling_digits(phone_number: str) -> str:
    """By what a number is found, however it is written."""
    return "".join(each for each in phone_number if each.isdigit())[-_TELLING_DIGITS:]


def _entry(sheet: Sheet, token: Token) -> _Entry:
    patient = token.patient
    phone = patient.phone_number
    return _Entry(
        id=f"{sheet.facility_id} {patient.id}",
        schema_version=SCHEMA_VERSION,
        facility_id=sheet.facility_id,
        patient_id=patient.id,
        name=patient.name,
        phone_number=phone,
        digits=None if phone is None else telling_digits(phone),
        language=patient.language,
        seen_at=token.booked_at,
    )
