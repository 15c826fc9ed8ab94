"""How a doctor's line is run: what the doctor has otherwise than the service's settings say."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from models.access import Permission
from models.doctor import Doctor
from models.line_config import LineConfig
from models.policy import Policy
from services.access.guard import Guard
from services.caller import Caller
from services.doctor_service import DoctorService
from services.log import log
from services.protocols.doctors_days import DoctorsDays
from services.store.doctors import DoctorStore


class LineSettings(Struct, frozen=True):
    """A doctor with what the line goes by in all, the doctor's own and the service's."""

    doctor: Doctor
    policy: Policy


class ConfigService:
    """Every method raises UnknownDoctor, Forbidden."""

    def __init__(
        self,
        guard: Guard,
        doctors: DoctorService,
        store: DoctorStore,
        doctors_days: DoctorsDays,
        policy: Policy,
    ) -> None:
        self._guard = guard
        self._doctors = doctors
        self._store = store
        self._doctors_days = doctors_days
        self._policy = policy

    async def get(self, caller: Caller, doctor_id: str) -> LineSettings:
        """What the line goes by."""
        await self._guard.doctor(caller.principal, Permission.CONFIGURE_QUEUE, doctor_id)
        return await self._settings(doctor_id)

    async def change(
        self, caller: Caller, doctor_id: str, asked: Mapping[str, object | None]
    ) -> LineSettings:
        """Change what is named, by the names of LineConfig as it is stored; None takes it back.

        Once this returns, each of the doctor's days from yesterday on goes by it. Raises
        OutcomeUnknown, and of a day that could not be told what stood against it: repeat the request.
        """
        await self._guard.doctor(caller.principal, Permission.CONFIGURE_QUEUE, doctor_id)
        doctor = await self._doctors.find(doctor_id)
        if _with(doctor.config, asked).differs_from(doctor.config):
            await self._store.configure(doctor_id, asked)
        settings = await self._settings(doctor_id)
        await self._doctors_days.tell_config(caller, settings.doctor)
        log.info(
            "line_configured",
            doctor=doctor_id,
            settings=sorted(asked),
            actor=caller.actor,
            request_id=caller.request_id,
        )
        return settings

    async def _settings(self, doctor_id: str) -> LineSettings:
        doctor = await self._doctors.find(doctor_id)
        return LineSettings(doctor, self._policy.under(doctor.config))


def _with(config: LineConfig, asked: Mapping[str, object | None]) -> LineConfig:
    own = {
        name: value for name, value in {**dict(config.own()), **asked}.items() if value is not None
    }
    return msgspec.convert(own, LineConfig)
