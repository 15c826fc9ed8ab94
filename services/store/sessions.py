"""Sessions, and the addresses from which people signed in."""

from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from database import Database, Document
from models.audit import AuditRecord
from models.errors import DatabaseUnavailable, DocumentDamaged, OutcomeUnknown
from models.session import Session
from services.store.codec import SCHEMA_VERSION, record_document
from services.store.collections import AUDIT, SESSIONS, SIGN_IN_ADDRESSES

_ADDRESS_KEPT = timedelta(days=90)
_ENDED_KEPT = timedelta(hours=1)
_SECONDS = 2.0
"""For one question: who is signed in must be known soon, or be known to be unknown."""


class SessionStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._sessions = SESSIONS.answering(database, _SECONDS)
        self._addresses = SIGN_IN_ADDRESSES.answering(database, _SECONDS)
        self._audit = AUDIT.answering(database, _SECONDS)

    async def add(self, session: Session) -> None:
        """Store a new one. Raises OutcomeUnknown: nobody holds its secret, then."""
        fields = msgspec.to_builtins(session, builtin_types=(datetime,))
        document = {"_id": fields.pop("id"), "schemaVersion": SCHEMA_VERSION, **fields}
        try:
            await self._sessions.insert(document)
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error

    async def find(self, session_id: str) -> Session | None:
        """The session of that id. Raises DocumentDamaged."""
        document = await self._sessions.find_one({"_id": session_id})
        return None if document is None else _read(document)

    async def end(self, session_id: str, at: datetime) -> None:
        """End it, unless it was ended before. Raises OutcomeUnknown."""
        try:
            await self._sessions.update(
                {"_id": session_id, "endedAt": {"$exists": False}}, {"$set": {"endedAt": at}}
            )
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error

    async def ended_since(self, at: datetime) -> list[str]:
        """The ids of those that were ended then or later."""
        documents = await self._sessions.find({"endedAt": {"$gte": at}}, {"_id": 1})
        return [str(document["_id"]) for document in documents]

    async def of_devices(self) -> list[Session]:
        """Those without an end that were not ended."""
        where = {"expiresAt": {"$exists": False}, "endedAt": {"$exists": False}}
        documents = await self._sessions.find(where, order="_id")
        return [_read(document) for document in documents]

    async def drop_past(self, now: datetime) -> None:
        """Let go what has run out, and what was ended so long ago that every process knows."""
        await self._sessions.delete_all({"expiresAt": {"$lte": now}})
        await self._sessions.delete_all({"endedAt": {"$lte": now - _ENDED_KEPT}})
        await self._addresses.delete_all({"expiresAt": {"$lte": now}})

    async def remember_address(self, account_id: str, network: str, at: datetime) -> None:
        """Somebody signed in from there."""
        await self._addresses.update(
            {"_id": _of_both(account_id, network)},
            {"$set": {"expiresAt": at + _ADDRESS_KEPT, "schemaVersion": SCHEMA_VERSION}},
            upsert=True,
        )

    async def knows_address(self, name: str, network: str) -> bool:
        """Whether somebody of that name, if there is one, signed in from there lately."""
        return await self._addresses.find_one({"_id": _of_both(name, network)}) is not None

    async def record(self, record: AuditRecord) -> None:
        """Keep a record of what changed no account."""
        await self._audit.insert(record_document(record))


def _of_both(name: str, network: str) -> str:
    return sha256(f"{name}\n{network}".encode()).hexdigest()


def _read(document: Document) -> Session:
    session_id = str(document["_id"])
    try:
        return msgspec.convert({**document, "id": session_id}, Session)
    except msgspec.ValidationError as error:
        raise DocumentDamaged(session_id, str(error)) from None
