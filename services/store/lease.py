"""A lease: work that one process at a time should do, until it ends or dies."""

from datetime import datetime, timedelta

from database import Collection, Duplicate
from services.store.codec import SCHEMA_VERSION

LEASE = timedelta(seconds=5)


class Lease:
    """Held by name in a document of its own; one that is not renewed runs out.

    Clocks of two processes may differ, so two may think they hold it: what a lease guards must
    stay right even then, only slower. Every method raises NoAnswer.
    """

    def __init__(self, leases: Collection, name: str, holder: str) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._until: datetime | None = None

    async def hold(self, now: datetime, note: datetime | None = None) -> bool:
        """Take the lease or keep it; `note` is left in it for others to read."""
        if self._until is not None and now < self._until - LEASE * 0.8:
            return True
        until = now + LEASE
        try:
            await self._leases.update(
                {"_id": self._name, "$or": [{"holder": self._holder}, {"until": {"$lt": now}}]},
                {
                    "$set": {
                        "schemaVersion": SCHEMA_VERSION,
                        "holder": self._holder,
                        "until": until,
                        "note": note,
                    }
                },
                upsert=True,
            )
        except Duplicate:
            self._until = None
            return False
        self._until = until
        return True

    async def release(self) -> None:
        """Let another process have it at once."""
        self._until = None
        await self._leases.delete({"_id": self._name, "holder": self._holder})

    async def note(self) -> datetime | None:
        """What the holder left last."""
        document = await self._leases.find_one({"_id": self._name})
        note = None if document is None else document.get("note")
        return note if isinstance(note, datetime) else None
