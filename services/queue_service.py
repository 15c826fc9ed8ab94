"""The line of a doctor's day: who is next, all slots together."""

from datetime import date

from engine.queue import line_of
from models.errors import UnknownDoctor
from models.ids import is_doctor_id, make_sheet_id
from models.sheet import Sheet
from services.days import DayOpener
from services.store.facilities import Facilities
from services.store.sheets import SheetStore
from services.views import DoctorsLine, TokenView


class QueueService:
    """Tells who is next."""

    def __init__(self, store: SheetStore, facilities: Facilities, days: DayOpener) -> None:
        self._store = store
        self._facilities = facilities
        self._days = days

    async def of_doctor(self, doctor_id: str, on: date | None) -> DoctorsLine:
        """A doctor's line on a local date, today without one. Raises UnknownDoctor."""
        known = is_doctor_id(doctor_id)
        facility = await self._facilities.of_doctor(doctor_id) if known else None
        if facility is None:
            raise UnknownDoctor
        sheet_id = make_sheet_id(doctor_id, on or self._days.today(facility))
        sheet = await self._store.read(sheet_id) or Sheet.new(sheet_id, facility)
        line = line_of(self._days.open(sheet))
        return DoctorsLine(
            doctor_id=doctor_id,
            date=sheet.date,
            line=[TokenView(sheet, token, standing) for token, standing in line],
        )
