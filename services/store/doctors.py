"""The doctors: a plain collection, one document each."""

import re
from collections.abc import Mapping

from database import Database, Document, Duplicate
from models.doctor import Doctor
from models.errors import DatabaseUnavailable, DoctorExists, IdempotencyMismatch, OutcomeUnknown
from models.request import Request
from services.store.codec import doctor_document, read_doctor
from services.store.collections import DOCTORS


class DoctorStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._doctors = DOCTORS.answering(database)

    async def add(self, doctor: Doctor) -> tuple[Doctor, bool]:
        """Store a doctor; the stored one, and whether an earlier request had stored it already.

        Raises DoctorExists when the id is taken, IdempotencyMismatch, and OutcomeUnknown when the
        database did not confirm it.
        """
        try:
            await self._doctors.insert(doctor_document(doctor))
        except Duplicate:
            if doctor.request is not None and (earlier := await self._made_by(doctor.request)):
                return earlier, True
            raise DoctorExists from None
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error
        return doctor, False

    async def _made_by(self, request: Request) -> Doctor | None:
        doctor = await self._find_one({"request.key": request.key})
        if doctor is None or doctor.request is None:
            return None
        if doctor.request.fingerprint != request.fingerprint:
            raise IdempotencyMismatch
        return doctor

    async def get(self, doctor_id: str) -> Doctor | None:
        """The doctor of that id, or None. Raises DocumentDamaged."""
        return await self._find_one({"_id": doctor_id})

    async def list(
        self, *, specialization: str | None = None, after: str = "", limit: int
    ) -> list[Doctor]:
        """Doctors in order of id, those behind `after`. Raises DocumentDamaged.

        `specialization` is compared whole, ignoring case.
        """
        where: dict[str, object] = {"_id": {"$gt": after}}
        if specialization is not None:
            where["specialization"] = _ignoring_case(specialization)
        documents = await self._doctors.find(where, order="_id", limit=limit)
        return [read_doctor(document) for document in documents]

    async def _find_one(self, where: Document) -> Doctor | None:
        document = await self._doctors.find_one(where)
        return None if document is None else read_doctor(document)


def _ignoring_case(text: str) -> Mapping[str, str]:
    return {"$regex": f"^{re.escape(text)}$", "$options": "i"}
