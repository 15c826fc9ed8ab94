"""Days whose lines are one with others': which, and how they are opened to be read."""

from collections.abc import Sequence

from engine.day import Day
from engine.shared_line import is_shared
from models.doctor import Colleague
from models.errors import UnknownDoctor
from models.ids import make_sheet_id
from models.sheet import Sheet
from services.days import DayOpener
from services.store.doctors import DoctorStore
from services.store.sheets import SheetStore


class SharedDays:
    """Every method raises DatabaseUnavailable; of a line that is not shared nothing is looked up."""

    def __init__(self, store: SheetStore, doctors: DoctorStore, days: DayOpener) -> None:
        self._store = store
        self._doctors = doctors
        self._days = days

    async def open(self, sheet: Sheet) -> Day:
        """The sheet as it stands now, to be read, with the days with whose lines its own is one."""
        return self._days.open(sheet, await self.others(sheet))

    async def others(self, own: Sheet) -> Sequence[Day]:
        """The days with whose lines that of a sheet is one; none where it is not shared.

        Those that can't be read are left out. What is found is remembered for what is told next.
        """
        if not own.config.pool or own.tenure.retired:
            return []
        doctor = await self._doctors.get(own.resource_id)
        if doctor is None:  # a restore without this doctor
            return []
        sharing = await self._doctors.sharing_with(doctor)
        ids = [make_sheet_id(each.id, own.date) for each in sharing]
        sheets, _ = await self._store.read_intact(ids)
        days = [self._days.open(sheet, ()) for sheet in sheets]
        shared = [day for day in days if is_shared(day)]
        self._days.remember_beside(own, [day.sheet for day in shared])
        return shared

    async def look(self, sheet_id: str) -> None:
        """See to it that what a command tells of this sheet is of the whole line.

        Of a sheet that this process knows it takes no time, unless its line is shared.
        """
        sheet = self._store.known(sheet_id) or await self._store.read(sheet_id)
        if sheet is not None:
            await self.others(sheet)

    async def colleague(self, own: Sheet) -> Colleague:
        """The doctor of a sheet, as others' sheets know who serves."""
        doctor = await self._doctors.get(own.resource_id)
        if doctor is None:  # pragma: no cover  # the guard has found it
            raise UnknownDoctor
        return Colleague(doctor.id, doctor.name)
