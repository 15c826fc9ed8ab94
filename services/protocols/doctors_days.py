"""What a doctor's document says first, then each of the doctor's days: tenure and line's settings.

A command looks at the sheet of the day alone, so each sheet must know. A change of the doctor's
*tenure*, or of the *config* of the line, is numbered and goes to the document, then to every sheet
from yesterday on (a slot may pass midnight); a sheet takes it over unless it knows a later one. So
that no sheet is missed, a day's first slot is announced: its date is added to the document's `days`,
which a retired doctor's document refuses. The document is one, so the announcement comes before the
retirement, which then goes to that day too, whether its sheet exists yet or not, or after it and is
refused. The config is read after the announcement and brought to the new day before its slot: what
is changed after that reading goes to the announced day as well.

| case | what comes of it |
|---|---|
| a first slot is announced, then the doctor retires | the day gets the tenure, before or after the slot; then it takes no bookings |
| the doctor retires, then a first slot is announced | DoctorRetired, nothing has happened |
| a booking meets the retirement | one of them is first on the sheet: booked, or DoctorRetired |
| a crash between document and sheets, or a sheet that can't be written | the doctor's answer was an error; the same request again goes to all sheets that lack it |
| a first slot is announced, then the line's config changes | the change goes to that day |
| the config changes, then a first slot is announced | the day gets it before the slot |
| a booking meets a change of the config | one of them is first on the sheet: decided as before, or as from now on |
| retired and taken back at once | the later number wins on every sheet |
"""

import asyncio
from datetime import date, timedelta

from models.commands import SetConfig, SetTenure
from models.doctor import Doctor
from models.errors import UnknownDoctor
from models.ids import make_sheet_id, sheet_address
from services.caller import Caller
from services.days import DayOpener
from services.store.doctors import DoctorStore
from services.store.facilities import Facilities
from services.store.sheets import SheetStore

_SHEETS_AT_ONCE = 50


class DoctorsDays:
    """Tells a doctor's days whether the doctor works here, and how the line is run."""

    def __init__(
        self, store: SheetStore, doctors: DoctorStore, facilities: Facilities, opener: DayOpener
    ) -> None:
        self._store = store
        self._doctors = doctors
        self._facilities = facilities
        self._opener = opener

    async def tell_tenure(self, caller: Caller, doctor: Doctor) -> None:
        """Bring the doctor's tenure to every sheet. Raises what stood against one, after all."""
        await self._tell(doctor, SetTenure(**caller.signature, tenure=doctor.tenure))

    async def tell_config(self, caller: Caller, doctor: Doctor) -> None:
        """The same with what the doctor's line has otherwise."""
        await self._tell(doctor, SetConfig(**caller.signature, config=doctor.config))

    async def announce(self, caller: Caller, doctor_id: str, day: date) -> None:
        """Before a day's first slot: the day knows then how the line is run. Raises DoctorRetired."""
        await self._doctors.announce(doctor_id, day)
        doctor = await self._doctors.get(doctor_id)
        if doctor is None:  # pragma: no cover  # the announcement has just found it
            raise UnknownDoctor
        if doctor.config.change:
            command = SetConfig(**caller.signature, config=doctor.config)
            await self._store.submit(make_sheet_id(doctor_id, day), command)

    async def _tell(self, doctor: Doctor, command: SetTenure | SetConfig) -> None:
        facility = await self._facilities.get(doctor.facility_id)
        first = self._opener.today(facility) - timedelta(days=1)
        announced = {
            make_sheet_id(doctor.id, day)
            for day in await self._doctors.announced(doctor.id)
            if day >= first
        }
        failed: list[BaseException] = []
        while sheet_ids := await self._sheets(doctor.id, first):
            failed += await self._submit(sheet_ids, command)
            announced.difference_update(sheet_ids)
            first = sheet_address(sheet_ids[-1])[1] + timedelta(days=1)
        failed += await self._submit(sorted(announced), command)
        for error in failed:
            raise error

    async def _sheets(self, doctor_id: str, first: date) -> list[str]:
        return await self._store.ids_of_doctor(doctor_id, first, limit=_SHEETS_AT_ONCE)

    async def _submit(
        self, sheet_ids: list[str], command: SetTenure | SetConfig
    ) -> list[BaseException]:
        done = await asyncio.gather(
            *(self._store.submit(sheet_id, command) for sheet_id in sheet_ids),
            return_exceptions=True,
        )
        return [each for each in done if isinstance(each, BaseException)]
