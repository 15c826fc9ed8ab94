"""Retirement: a doctor's document says it first, then each of the doctor's days.

A booking looks at the sheet of the day alone, so each sheet must know. A change of the doctor's
*tenure* is numbered and goes to the document, then to every sheet from yesterday on (a slot may pass
midnight); a sheet takes it over unless it knows a later one. So that no sheet is missed, a day's
first slot is announced: its date is added to the document's `days`, which a retired doctor's
document refuses. The document is one, so the announcement comes before the retirement, which then
goes to that day too, whether its sheet exists yet or not, or after it and is refused.

| case | what comes of it |
|---|---|
| a first slot is announced, then the doctor retires | the day gets the tenure, before or after the slot; then it takes no bookings |
| the doctor retires, then a first slot is announced | DoctorRetired, nothing has happened |
| a booking meets the retirement | one of them is first on the sheet: booked, or DoctorRetired |
| a crash between document and sheets, or a sheet that can't be written | the doctor's answer was an error; the same request again goes to all sheets that lack it |
| retired and taken back at once | the later number wins on every sheet |
"""

import asyncio
from datetime import date, timedelta

from models.commands import SetTenure
from models.doctor import Doctor
from models.ids import make_sheet_id, sheet_address
from services.caller import Caller
from services.days import DayOpener
from services.store.doctors import DoctorStore
from services.store.facilities import Facilities
from services.store.sheets import SheetStore

_SHEETS_AT_ONCE = 50


class Retirement:
    """Tells a doctor's days whether the doctor works here."""

    def __init__(
        self, store: SheetStore, doctors: DoctorStore, facilities: Facilities, opener: DayOpener
    ) -> None:
        self._store = store
        self._doctors = doctors
        self._facilities = facilities
        self._opener = opener

    async def tell_days(self, caller: Caller, doctor: Doctor) -> None:
        """Bring the doctor's tenure to every sheet. Raises what stood against one, after all."""
        command = SetTenure(**caller.signature, tenure=doctor.tenure)
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

    async def announce(self, doctor_id: str, day: date) -> None:
        """Before a day's first slot. Raises DoctorRetired."""
        await self._doctors.announce(doctor_id, day)

    async def _sheets(self, doctor_id: str, first: date) -> list[str]:
        return await self._store.ids_of_doctor(doctor_id, first, limit=_SHEETS_AT_ONCE)

    async def _submit(self, sheet_ids: list[str], command: SetTenure) -> list[BaseException]:
        done = await asyncio.gather(
            *(self._store.submit(sheet_id, command) for sheet_id in sheet_ids),
            return_exceptions=True,
        )
        return [each for each in done if isinstance(each, BaseException)]
