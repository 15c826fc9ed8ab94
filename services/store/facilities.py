"""The facilities, and which of them each doctor belongs to."""

from database import Database, Duplicate
from models.access import Facility
from models.errors import (
    DatabaseUnavailable,
    DocumentDamaged,
    FacilityExists,
    OutcomeUnknown,
    UnknownFacility,
)
from models.ids import sheet_address
from models.sheet import Sheet
from services.store.codec import facility_fields, read_facility
from services.store.collections import FACILITIES
from services.store.doctors import DoctorStore

_MOST_DOCTORS = 10_000
"""Whose facility is remembered: a few hundred bytes each."""


class Facilities:
    """Tells where a doctor works. `home` is the facility of the settings.

    A doctor's never changes, so it is looked up once. A facility's name and zone are those of its
    settings at the start: what another process was started with since is seen at the next start.
    """

    def __init__(self, database: Database, doctors: DoctorStore, home: Facility) -> None:
        self.home = home
        self._facilities = FACILITIES.answering(database)
        self._doctors = doctors
        self._known = {home.id: home}
        self._of_doctors: dict[str, Facility] = {}

    async def get(self, facility_id: str) -> Facility:
        """The facility of that id. Raises UnknownFacility, DatabaseUnavailable."""
        known = self._known.get(facility_id)
        if known is None:
            document = await self._facilities.find_one({"_id": facility_id})
            if document is None:
                raise UnknownFacility
            known = self._known[facility_id] = read_facility(document)
        return known

    async def all(self) -> list[Facility]:
        """All of them, in order of id. Raises DatabaseUnavailable."""
        return [read_facility(each) for each in await self._facilities.find({}, order="_id")]

    async def add(self, facility: Facility) -> None:
        """Store one more. Raises FacilityExists, OutcomeUnknown."""
        try:
            await self._facilities.insert({"_id": facility.id, **facility_fields(facility)})
        except Duplicate:
            raise FacilityExists from None
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error

    async def of_doctor(self, doctor_id: str) -> Facility | None:
        """Where a doctor works; None for one who does not exist. Raises DatabaseUnavailable."""
        known = self._of_doctors.get(doctor_id)
        if known is not None:
            return known
        facility_id = await self._doctors.facility_of(doctor_id)
        if facility_id is None:
            return None
        try:
            facility = await self.get(facility_id)
        except UnknownFacility:
            raise DocumentDamaged(doctor_id, "its facilityId is that of no facility") from None
        while len(self._of_doctors) >= _MOST_DOCTORS:
            del self._of_doctors[next(iter(self._of_doctors))]
        self._of_doctors[doctor_id] = facility
        return facility

    async def new_sheet(self, sheet_id: str) -> Sheet:
        """The sheet of a day on which nothing is planned yet, in its facility's zone.

        That of nobody's day is in the home's: nothing can be planned there.
        """
        doctor_id, _ = sheet_address(sheet_id)
        return Sheet.new(sheet_id, await self.of_doctor(doctor_id) or self.home)


async def store_home(database: Database, home: Facility) -> None:
    """Have the facility of the settings stored as they say. Raises NoAnswer."""
    where, change = {"_id": home.id}, {"$set": facility_fields(home)}
    try:
        await FACILITIES.of(database).update(where, change, upsert=True)
    except Duplicate:  # another process has just stored it
        await FACILITIES.of(database).update(where, change)
