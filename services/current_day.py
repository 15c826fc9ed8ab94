"""Which of a doctor's days is the one that runs."""

from datetime import date, timedelta

from models.access import Facility
from models.ids import make_sheet_id
from models.sheet import Sheet
from services.days import DayOpener
from services.store.sheets import SheetStore


class CurrentDay:
    """Without a date it is today, unless the session of yesterday still runs past midnight."""

    def __init__(self, store: SheetStore, days: DayOpener) -> None:
        self._store = store
        self._days = days

    def today(self, facility: Facility) -> date:
        """The facility's, whatever the server's zone."""
        return self._days.today(facility)

    async def sheet(self, facility: Facility, doctor_id: str, on: date | None = None) -> Sheet:
        """The doctor's sheet, an empty one where nothing is planned.

        Raises DocumentDamaged, DatabaseUnavailable.
        """
        today = self._days.today(facility)
        days = [today, today - timedelta(days=1)] if on is None else [on]
        ids = [make_sheet_id(doctor_id, day) for day in days]
        sheets = await self._store.read_many(ids)
        running = [sheet for sheet in sheets if sheet.session.runs]
        asked = [sheet for sheet in sheets if sheet.id == ids[0]]
        return next(iter((*running, *asked)), None) or Sheet.new(ids[0], facility)
