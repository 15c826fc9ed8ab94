"""The encounters: one document for each visit, worked out from the events of its token."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

import msgspec

from database import Database, Duplicate
from models.encounter import Encounter
from models.sheet import Sheet
from services.store.codec import SCHEMA_VERSION
from services.store.collections import ENCOUNTERS


class EncounterStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._stored = ENCOUNTERS.answering(database)

    async def put(self, sheet: Sheet, encounters: Mapping[str, Encounter]) -> None:
        """Store those of these tokens of a sheet, unless what stands there is of later events."""
        for token_id, encounter in encounters.items():
            document: dict[str, object] = {
                "doctorId": sheet.resource_id,
                "facilityId": sheet.facility_id,
                "date": sheet.date.isoformat(),
                "schemaVersion": SCHEMA_VERSION,
                **msgspec.to_builtins(encounter, builtin_types=(datetime,)),
            }
            not_later = {"_id": token_id, "upTo": {"$lte": encounter.up_to}}
            with suppress(Duplicate):  # it stands there, and is later
                await self._stored.update(not_later, {"$set": document}, upsert=True)
