"""The doctors: a plain collection, one document each."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from database import Database, Document, Duplicate, Undecodable
from models.doctor import Doctor
from models.errors import (
    DatabaseUnavailable,
    DoctorRetired,
    DocumentDamaged,
    IdempotencyMismatch,
    OutcomeUnknown,
    UnusableId,
)
from models.keyed_request import KeyedRequest
from services.store.batches import Inquiry
from services.store.codec import doctor_document, read_doctor
from services.store.collections import DOCTORS

_QUERIES = 2
"""Under way at once, for single doctors; who asks meanwhile shares the next one."""
MOST_SHARING = 50
"""Others with whom one doctor's line may be shared."""
_FIELDS: Document = {"days": 0}
"""All but the announced days, which only what is told to all days looks at."""


class DoctorStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database, home_id: str) -> None:
        """`home_id`: whose those are that name no facility."""
        self._home_id = home_id
        self._doctors = DOCTORS.answering(database)
        self._inquiry = Inquiry(_QUERIES, self._find_all)
        self._whereabouts = Inquiry(_QUERIES, self._find_facilities)

    async def add(self, doctor: Doctor) -> tuple[Doctor, bool]:
        """Store a doctor; the stored one, and whether an earlier request had stored it already.

        Raises UnusableId when the id is taken, IdempotencyMismatch, and OutcomeUnknown when the
        database did not confirm it.
        """
        try:
            await self._doctors.insert(doctor_document(doctor))
        except Duplicate:
            if doctor.request is not None and (earlier := await self._made_by(doctor.request)):
                return earlier, True
            raise UnusableId from None
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error
        return doctor, False

    async def _made_by(self, request: KeyedRequest) -> Doctor | None:
        doctor = await self._find_one({"request.key": request.key})
        if doctor is None or doctor.request is None:
            return None
        if doctor.request.fingerprint != request.fingerprint:
            raise IdempotencyMismatch
        return doctor

    async def get(self, doctor_id: str) -> Doctor | None:
        """The doctor of that id, or None. Raises DocumentDamaged."""
        found = (await self._inquiry.about([doctor_id])).get(doctor_id)
        if isinstance(found, DocumentDamaged):
            raise found
        return found

    async def _find_all(self, doctor_ids: set[str]) -> dict[str, Doctor | DocumentDamaged]:
        """Those that exist; a damaged one is an answer like the others, which are not to suffer."""
        try:
            documents = await self._doctors.find({"_id": {"$in": list(doctor_ids)}}, _FIELDS)
        except Undecodable as error:  # one of them, so the driver gave none
            if len(doctor_ids) == 1:
                return {each: DocumentDamaged(each, str(error)) for each in doctor_ids}
            found = {}
            for each in doctor_ids:
                found.update(await self._find_all({each}))
            return found
        return {str(document["_id"]): self._read(document) for document in documents}

    async def facility_of(self, doctor_id: str) -> str | None:
        """The id of a doctor's facility; None for one who does not exist.

        Nothing else of the document is looked at: whatever is wrong with it, bookings go on.
        """
        return (await self._whereabouts.about([doctor_id])).get(doctor_id)

    async def _find_facilities(self, doctor_ids: set[str]) -> dict[str, str]:
        where = {"_id": {"$in": list(doctor_ids)}}
        documents = await self._doctors.find(where, {"facilityId": 1})
        return {
            str(document["_id"]): str(document.get("facilityId", self._home_id))
            for document in documents
        }

    async def change(self, doctor_id: str, fields: Mapping[str, object]) -> None:
        """Store other values of these fields. Raises OutcomeUnknown."""
        await self._update({"_id": doctor_id}, {"$set": {**fields}})

    async def set_retired(self, doctor_id: str, *, retired: bool) -> None:
        """Store another tenure, unless it is that already. Raises OutcomeUnknown."""
        await self._update(
            {"_id": doctor_id, "tenure.retired": {"$ne": True} if retired else True},
            {"$set": {"tenure.retired": retired}, "$inc": {"tenure.change": 1}},
        )

    async def configure(self, doctor_id: str, settings: Mapping[str, object | None]) -> None:
        """Store of the doctor's line these settings, None: no longer. Raises OutcomeUnknown."""
        own = {f"config.{name}": each for name, each in settings.items() if each is not None}
        gone = {f"config.{name}": "" for name, each in settings.items() if each is None}
        change: dict[str, object] = {"$inc": {"config.change": 1}}
        if own:
            change["$set"] = own
        if gone:
            change["$unset"] = gone
        await self._update({"_id": doctor_id}, change)

    async def announce(self, doctor_id: str, day: date) -> None:
        """Store that a day of the doctor's will be planned. Raises DoctorRetired."""
        where = {"_id": doctor_id, "tenure.retired": {"$ne": True}}
        if not await self._doctors.update(where, {"$addToSet": {"days": day.isoformat()}}):
            raise DoctorRetired

    async def announced(self, doctor_id: str) -> Sequence[date]:
        """The days that were announced."""
        document = await self._doctors.find_one({"_id": doctor_id}, {"days": 1})
        days = None if document is None else document.get("days")
        return [date.fromisoformat(str(day)) for day in days] if isinstance(days, list) else []

    async def drop_past(self, facility_id: str, today: date) -> None:
        """Let a facility's announced days go that ended before yesterday: no retirement goes there."""
        first = (today - timedelta(days=1)).isoformat()
        await self._doctors.update_all(
            {"facilityId": facility_id, "days": {"$lt": first}}, {"$pull": {"days": {"$lt": first}}}
        )

    async def _update(self, where: Document, change: Document) -> None:
        try:
            await self._doctors.update(where, change)
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error

    async def list(
        self,
        reach: Mapping[str, frozenset[str]],
        *,
        specialization: str | None = None,
        after: str = "",
        limit: int,
    ) -> list[Doctor]:
        """Doctors in order of id, those behind `after`. Raises DocumentDamaged.

        Only those of the facilities in `reach`; where it names doctors of one, only these.
        `specialization` is compared whole, ignoring case.
        """
        where: dict[str, object] = {
            "_id": {"$gt": after},
            "$or": [
                {"facilityId": each, **({"_id": {"$in": sorted(named)}} if named else {})}
                for each, named in reach.items()
            ],
        }
        if specialization is not None:
            where["specialization"] = _ignoring_case(specialization)
        documents = await self._doctors.find(where, _FIELDS, order="_id", limit=limit)
        return [read_doctor(document, self._home_id) for document in documents]

    async def sharing_with(self, doctor: Doctor) -> Sequence[Doctor]:
        """Others of the facility and specialization who share their lines, those that can be read."""
        where: Document = {
            "_id": {"$ne": doctor.id},
            "facilityId": doctor.facility_id,
            "config.pool": True,
            "tenure.retired": {"$ne": True},
            "specialization": _ignoring_case(doctor.specialization),
        }
        documents = await self._doctors.find(where, {"_id": 1}, order="_id", limit=MOST_SHARING)
        found = await self._inquiry.about([str(document["_id"]) for document in documents])
        return [each for each in found.values() if isinstance(each, Doctor)]

    async def _find_one(self, where: Document) -> Doctor | None:
        document = await self._doctors.find_one(where, _FIELDS)
        return None if document is None else read_doctor(document, self._home_id)

    def _read(self, document: Document) -> Doctor | DocumentDamaged:
        try:
            return read_doctor(document, self._home_id)
        except DocumentDamaged as damage:
            return damage


def _ignoring_case(text: str) -> Mapping[str, str]:
    return {"$regex": f"^{re.escape(text)}$", "$options": "i"}
