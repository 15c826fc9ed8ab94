"""The encounters: one document for each visit, worked out from the events of its token."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from database import Database, Update
from models.encounter import Encounter
from models.sheet import Sheet
from services.store.codec import SCHEMA_VERSION
from services.store.collections import ENCOUNTERS
from services.store.puts import find_by_id, put_all


class EncounterStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._stored = ENCOUNTERS.answering(database)

    async def put(self, sheet: Sheet, encounters: Mapping[str, Encounter]) -> None:
        """Store those of these tokens of a sheet, unless what stands there is of later events.

        After a start all of the day's are told anew: those that are stored so already stay.
        """
        if not encounters:
            return
        stored = await find_by_id(self._stored, encounters)
        fresh = []
        for token_id, encounter in encounters.items():
            document: dict[str, object] = {
                "doctorId": sheet.resource_id,
                "facilityId": sheet.facility_id,
                "date": sheet.date.isoformat(),
                "schemaVersion": SCHEMA_VERSION,
                **msgspec.to_builtins(encounter, builtin_types=(datetime,)),
            }
            if stored.get(token_id) != {"_id": token_id, **document}:
                not_later = {"_id": token_id, "upTo": {"$lte": encounter.up_to}}
                fresh.append(Update(not_later, {"$set": document}, upsert=True))
        await put_all(self._stored, fresh)
