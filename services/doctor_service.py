"""Doctors: whom patients come to see."""

from models.doctor import Doctor, in_order
from models.errors import UnknownDoctor
from models.ids import is_doctor_id
from services.caller import Caller
from services.ids import Ids
from services.log import log
from services.protocols.retirement import Retirement
from services.requests import DoctorChange, NewDoctor
from services.store.doctors import DoctorStore
from services.store.facilities import Facilities


class DoctorService:
    """Adds and finds doctors."""

    def __init__(
        self, doctors: DoctorStore, facilities: Facilities, retirement: Retirement, ids: Ids
    ) -> None:
        self._doctors = doctors
        self._facilities = facilities
        self._retirement = retirement
        self._ids = ids

    async def add(self, caller: Caller, asked: NewDoctor) -> tuple[Doctor, bool]:
        """The doctor added, and whether an earlier request had added it already.

        Raises UnknownFacility, DoctorExists, IdempotencyMismatch.
        """
        facility = self._facilities.home
        if asked.facility_id is not None:
            facility = await self._facilities.get(asked.facility_id)
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
        await self.get(doctor_id)
        if fields := asked.fields():
            await self._doctors.change(doctor_id, fields)
        if asked.retired is not None:
            await self._doctors.set_retired(doctor_id, retired=asked.retired)
        doctor = await self.get(doctor_id)
        if asked.retired is not None:
            await self._retirement.tell_days(caller, doctor)
        log.info(
            "doctor_changed",
            doctor=doctor_id,
            fields=sorted(fields),
            retired=asked.retired,
            actor=caller.actor,
            request_id=caller.request_id,
        )
        return doctor

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
