"""Patients: whom a desk looks for, so that one who comes again keeps their id."""

from collections.abc import Sequence

from limits import RateLimitItemPerMinute

from models.access import Permission
from services.access.guard import Guard
from services.access.limits import Limits
from services.caller import Caller
from services.reads import Reads
from services.store.register import PatientRegister, RegisteredPatient, telling_digits
from services.store.tally import Tally

MOST_FOUND = 20
_UNKNOWN_PATIENTS = RateLimitItemPerMinute(60, namespace="patients")
"""By principal, of look-ups that find nothing, together with those of tokens by patient."""


class PatientService:
    """Finds patients by the whole phone number, or by the id: there is no list to browse."""

    def __init__(
        self,
        guard: Guard,
        tally: Tally,
        register: PatientRegister,
        reads: Reads,
        limits: Limits,
        *,
        most_look_ups: int,
    ) -> None:
        self._guard = guard
        self._tally = tally
        self._register = register
        self._reads = reads
        self._limits = limits
        self._look_ups = RateLimitItemPerMinute(most_look_ups, namespace="look_ups")

    async def find(
        self, caller: Caller, *, phone_number: str | None = None, patient_id: str | None = None
    ) -> Sequence[RegisteredPatient]:
        """Who was booked last first, MOST_FOUND at the most; each is recorded as read.

        Of a doctor's account those whom the doctor was booked for. Raises Forbidden, RateLimited.
        """
        self._limits.take(self._look_ups, caller.counted_as)
        self._limits.refuse_if_spent(_UNKNOWN_PATIENTS, caller.counted_as)
        reach = self._guard.reach(caller.principal, Permission.READ_NAMES)
        await self._tally.catch_up()
        found = await self._register.find(
            reach,
            digits=None if phone_number is None else telling_digits(phone_number),
            patient_id=patient_id,
            limit=MOST_FOUND,
        )
        if not found:
            self._limits.take(_UNKNOWN_PATIENTS, caller.counted_as)
        for each in found:
            await self._reads.of_patient(caller, each.patient_id, [each.facility_id])
        return found
