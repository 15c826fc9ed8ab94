"""Patients: whom a desk looks for, so that one who comes again keeps their id."""

from collections.abc import Sequence

from models.access import Permission
from services.access.guard import Guard
from services.caller import Caller
from services.look_ups import LookUps
from services.reads import Reads
from services.store.register import PatientRegister, RegisteredPatient, telling_digits
from services.store.tally import Tally

MOST_FOUND = 20


class PatientService:
    """Finds patients by the whole phone number, or by the id: there is no list to browse."""

    def __init__(
        self,
        guard: Guard,
        tally: Tally,
        register: PatientRegister,
        reads: Reads,
        look_ups: LookUps,
    ) -> None:
        self._guard = guard
        self._tally = tally
        self._register = register
        self._reads = reads
        self._look_ups = look_ups

    async def find(
        self, caller: Caller, *, phone_number: str | None = None, patient_id: str | None = None
    ) -> Sequence[RegisteredPatient]:
        """Who was booked last first, MOST_FOUND at the most; each is recorded as read.

        Of a doctor's account those whom the doctor was booked for. Raises Forbidden, RateLimited.
        """
        self._look_ups.begin(caller)
        reach = self._guard.reach(caller.principal, Permission.READ_NAMES)
        await self._tally.catch_up()
        found = await self._register.find(
            reach,
            digits=None if phone_number is None else telling_digits(phone_number),
            patient_id=patient_id,
            limit=MOST_FOUND,
        )
        if not found:
            self._look_ups.found_nothing(caller)
        for each in found:
            await self._reads.of_patient(caller, each.patient_id, [each.facility_id])
        return found
