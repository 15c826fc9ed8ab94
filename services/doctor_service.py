"""Doctors: whom patients come to see."""

from models.access import Permission
from models.doctor import Doctor, in_order
from models.errors import UnknownDoctor
from models.ids import is_doctor_id
from services.access.guard import Guard
from services.caller import Caller
from services.ids import Ids
from services.log import log
from services.protocols.doctors_days import DoctorsDays
from services.requests import DoctorChange, NewDoctor
from services.store.doctors import DoctorStore

MOST_AT_WORK = 1000


class DoctorService:
    """Adds and finds doctors. Every method raises Forbidden."""

    def __init__(
        self,
        guard: Guard,
        doctors: DoctorStore,
        doctors_days: DoctorsDays,
        ids: Ids,
    ) -> None:
        self._guard = guard
        self._doctors = doctors
        self._doctors_days = doctors_days
        self._ids = ids

    async def add(self, caller: Caller, asked: NewDoctor) -> tuple[Doctor, bool]:
        """The doctor added, and whether an earlier request had added it already.

        Raises UnknownFacility, UnusableId, IdempotencyMismatch.
        """
        needed = Permission.MANAGE_DOCTORS
        facility = await self._guard.facility(caller.principal, needed, asked.facility_id)
        return await self._doctors.add(
            Doctor(
                id=asked.doctor_id or self._ids.doctor_id(),
                facility_id=facility.id,
                name=asked.name,
                specialization=asked.specialization,
                opd_days=in_order(asked.opd_days),
                request=caller.remember(asked),
            )
        )

    async def change(self, caller: Caller, doctor_id: str, asked: DoctorChange) -> Doctor:
        """The doctor as changed; `opd_days` count for slots that are added from now on.

        One who retires keeps the tokens that were given out. Raises UnknownDoctor, and of a day
        that could not be told of the retirement what stood against it: repeat the request.
        """
        await self._guard.doctor(caller.principal, Permission.MANAGE_DOCTORS, doctor_id)
        await self.find(doctor_id)
        if fields := asked.fields():
            await self._doctors.change(doctor_id, fields)
        if asked.retired is not None:
            await self._doctors.set_retired(doctor_id, retired=asked.retired)
        doctor = await self.find(doctor_id)
        if asked.retired is not None:
            await self._doctors_days.tell_tenure(caller, doctor)
        log.info(
            "doctor_changed",
            doctor=doctor_id,
            fields=sorted(fields),
            retired=asked.retired,
            actor=caller.actor,
            request_id=caller.request_id,
        )
        return doctor

    async def get(self, caller: Caller, doctor_id: str) -> Doctor:
        """The doctor of that id. Raises UnknownDoctor."""
        await self._guard.doctor(caller.principal, Permission.READ_QUEUE, doctor_id)
        return await self.find(doctor_id)

    async def find(self, doctor_id: str) -> Doctor:
        """The same, for a use case that has asked the guard. Raises UnknownDoctor."""
        known = is_doctor_id(doctor_id)
        doctor = await self._doctors.get(doctor_id) if known else None
        if doctor is None:
            raise UnknownDoctor
        return doctor

    async def at_work(
        self, caller: Caller, needed: Permission, specialization: str | None
    ) -> list[Doctor]:
        """Those not retired for whom the caller has the permission, MOST_AT_WORK at the most."""
        reach = self._guard.reach(caller.principal, needed)
        doctors = await self._doctors.list(reach, specialization=specialization, limit=MOST_AT_WORK)
        return [doctor for doctor in doctors if not doctor.tenure.retired]

    async def list(
        self, caller: Caller, *, specialization: str | None, after: str, limit: int
    ) -> tuple[list[Doctor], str | None]:
        """A page of doctors in order of id, and the id to go on after, if there are more."""
        doctors = await self._doctors.list(
            self._guard.reach(caller.principal, Permission.READ_QUEUE),
            specialization=specialization,
            after=after,
            limit=limit + 1,
        )
        page = doctors[:limit]
        return page, page[-1].id if len(doctors) > limit else None
