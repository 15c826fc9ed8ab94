"""Whether the database reads and writes: tried on one document that all processes share.

A gateway may answer for a database that is dead behind it; a document that was written was not
answered by it alone.
"""

from contextlib import suppress
from datetime import datetime

from database import Database, Duplicate
from services.store.codec import SCHEMA_VERSION
from services.store.collections import PROBES

_SHARED = {"_id": "shared"}


class Probe:
    """Writes the document, and reads it."""

    def __init__(self, database: Database) -> None:
        self._probes = PROBES.of(database)

    async def try_both(self, now: datetime) -> None:
        """Raises NoAnswer."""
        change = {"$set": {"schemaVersion": SCHEMA_VERSION, "at": now}}
        with suppress(Duplicate):  # another process has made it at this moment: it can be written
            await self._probes.update(_SHARED, change, upsert=True)
        await self._probes.find_one(_SHARED, {"_id": 1})
