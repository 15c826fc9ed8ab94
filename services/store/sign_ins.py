"""Sign-ins that were begun, and wait for what the identity provider says of whoever began them."""

from datetime import datetime

from msgspec import Struct

from database import Database
from models.errors import DatabaseUnavailable, OutcomeUnknown
from services.store.codec import SCHEMA_VERSION
from services.store.collections import SIGN_INS


class BegunSignIn(Struct, frozen=True, kw_only=True):
    """`id` is the SHA-256 of what the browser holds; `next_path`: where it wants to go on then."""

    id: str
    next_path: str
    expires_at: datetime


class SignInStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._sign_ins = SIGN_INS.answering(database)

    async def add(self, begun: BegunSignIn) -> None:
        """Store a new one."""
        await self._sign_ins.insert(
            {
                "_id": begun.id,
                "schemaVersion": SCHEMA_VERSION,
                "nextPath": begun.next_path,
                "expiresAt": begun.expires_at,
            }
        )

    async def take(self, begun_id: str, now: datetime) -> BegunSignIn | None:
        """Use it up: once, of all processes by one. Raises OutcomeUnknown."""
        found = await self._sign_ins.find_one({"_id": begun_id, "expiresAt": {"$gt": now}})
        if found is None:
            return None
        unused = {"_id": begun_id, "usedAt": {"$exists": False}}
        try:
            taken = await self._sign_ins.update(unused, {"$set": {"usedAt": now}})
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error
        expires_at = found["expiresAt"]
        assert isinstance(expires_at, datetime)  # noqa: S101  # as add wrote it
        begun = BegunSignIn(id=begun_id, next_path=str(found["nextPath"]), expires_at=expires_at)
        return begun if taken else None

    async def drop_past(self, now: datetime) -> None:
        """Let go what waits no longer."""
        await self._sign_ins.delete_all({"expiresAt": {"$lte": now}})
