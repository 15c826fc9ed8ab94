"""A lease: work that one process at a time should do, until it ends or dies."""

from datetime import datetime, timedelta

from database import Collection, Duplicate
from services.clock import MOST_SKEW
from services.store.codec import SCHEMA_VERSION

LEASE = timedelta(seconds=5)
_RENEW = LEASE * 0.2


class Lease:
    """Held by name in a document of its own; one that is not renewed runs out.

    Nor is one believed that would run out later than any clock can have meant: whoever took it
    had a clock that leapt ahead, and may be gone. Clocks of two processes may differ, so two may
    think they hold it: what a lease guards must stay right even then, only slower. Every method
    raises NoAnswer.
    """

    def __init__(self, leases: Collection, name: str, holder: str) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._taken: datetime | None = None

    async def hold(self, now: datetime, note: datetime | None = None) -> bool:
        """Take the lease or keep it; `note` is left in it for others to read."""
        if self._taken is not None and self._taken <= now < self._taken + _RENEW:
            return True
        free = [
            {"holder": self._holder},
            {"until": {"$lt": now}},
            {"until": {"$gt": now + LEASE + MOST_SKEW}},
        ]
        taken = {
            "schemaVersion": SCHEMA_VERSION,
            "holder": self._holder,
            "until": now + LEASE,
            "note": note,
        }
        try:
            await self._leases.update(
                {"_id": self._name, "$or": free}, {"$set": taken}, upsert=True
            )
        except Duplicate:
            self._taken = None
            return False
        self._taken = now
        return True

    async def release(self) -> None:
        """Let another process have it at once."""
        self._taken = None
        await self._leases.delete({"_id": self._name, "holder": self._holder})

    async def note(self) -> datetime | None:
        """What the holder left last."""
        document = await self._leases.find_one({"_id": self._name})
        note = None if document is None else document.get("note")
        return note if isinstance(note, datetime) else None
