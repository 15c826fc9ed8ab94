"""Doctors: whom patients come to see."""

from models.doctor import WEEK, Doctor
from models.errors import UnknownDoctor
from models.ids import is_doctor_id
from services.caller import Caller
from services.ids import Ids
from services.requests import NewDoctor
from services.store.doctors import DoctorStore


class DoctorService:
    """Adds and finds doctors."""

    def __init__(self, doctors: DoctorStore, ids: Ids) -> None:
        self._doctors = doctors
        self._ids = ids

    async def add(self, caller: Caller, asked: NewDoctor) -> tuple[Doctor, bool]:
        """The doctor added, and whether an earlier request had added it already.

        Raises DoctorExists, IdempotencyMismatch.
        """
        return await self._doctors.add(
            Doctor(
                id=asked.doctor_id or self._ids.doctor_id(),
                name=asked.name,
                specialization=asked.specialization,
                opd_days=tuple(sorted(set(asked.opd_days), key=WEEK.index)),
                request=caller.remember(asked),
            )
        )

    async def get(self, doctor_id: str) -> Doctor:
        """The doctor of that id. Raises UnknownDoctor."""
        known = is_doctor_id(doctor_id)
        doctor = await self._doctors.get(doctor_id) if known else None
        if doctor is None:
            raise UnknownDoctor
        return doctor

    async def list(
        self, *, specialization: str | None, after: str, limit: int
    ) -> tuple[list[Doctor], str | None]:
        """A page of doctors in order of id, and the id to go on after, if there are more."""
        doctors = await self._doctors.list(
            specialization=specialization, after=after, limit=limit + 1
        )
        page = doctors[:limit]
        return page, page[-1].id if len(doctors) > limit else None
