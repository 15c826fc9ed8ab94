"""The line of a doctor's day: who is next, all slots together."""

from datetime import date

from engine.queue import line_of
from models.ids import make_sheet_id
from services.days import DayOpener
from services.doctor_service import DoctorService
from services.store.sheets import SheetStore
from services.views import DoctorsLine, TokenView


class QueueService:
    """Tells who is next."""

    def __init__(self, store: SheetStore, doctors: DoctorService, days: DayOpener) -> None:
        self._store = store
        self._doctors = doctors
        self._days = days

    async def of_doctor(self, doctor_id: str, on: date | None) -> DoctorsLine:
        """A doctor's line on a local date, today without one. Raises UnknownDoctor."""
        await self._doctors.get(doctor_id)
        sheet_id = make_sheet_id(doctor_id, on or self._days.today())
        sheet = await self._store.read(sheet_id) or self._days.new(sheet_id)
        line = line_of(self._days.open(sheet))
        return DoctorsLine(
            doctor_id=doctor_id,
            date=sheet.date,
            line=[TokenView(sheet, token, standing) for token, standing in line],
        )
