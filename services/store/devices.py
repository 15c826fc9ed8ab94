"""Devices that wait to be let in: for each the code that it shows."""

from datetime import datetime

from msgspec import Struct

from database import Database, Document, Duplicate
from models.errors import DatabaseUnavailable, OutcomeUnknown
from services.store.codec import SCHEMA_VERSION
from services.store.collections import DEVICES


class WaitingDevice(Struct, frozen=True, kw_only=True):
    """`id` is the SHA-256 of the secret that it holds; `client_id`: as which client it was let in."""

    id: str
    code: str
    expires_at: datetime
    client_id: str | None = None


class DeviceStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._devices = DEVICES.answering(database)

    async def add(self, device: WaitingDevice) -> bool:
        """Store one; False if another shows this code."""
        try:
            await self._devices.insert(
                {
                    "_id": device.id,
                    "schemaVersion": SCHEMA_VERSION,
                    "code": device.code,
                    "expiresAt": device.expires_at,
                }
            )
        except Duplicate:
            return False
        return True

    async def find(self, device_id: str, now: datetime) -> WaitingDevice | None:
        """One that still waits, or has been let in and does not know it yet."""
        return _read(await self._devices.find_one({"_id": device_id, "expiresAt": {"$gt": now}}))

    async def find_code(self, code: str, now: datetime) -> WaitingDevice | None:
        """The one that shows this code."""
        return _read(await self._devices.find_one({"code": code, "expiresAt": {"$gt": now}}))

    async def confirm(self, device_id: str, client_id: str) -> bool:
        """Let it in as this client; False if it was let in before. Raises OutcomeUnknown."""
        where = {"_id": device_id, "clientId": {"$exists": False}}
        return await self._update(where, {"$set": {"clientId": client_id}})

    async def take(self, device_id: str, now: datetime) -> bool:
        """Use up that it was let in: once. Raises OutcomeUnknown."""
        where = {"_id": device_id, "clientId": {"$exists": True}, "expiresAt": {"$gt": now}}
        return await self._update(where, {"$set": {"expiresAt": now}})

    async def drop_past(self, now: datetime) -> None:
        """Let go what waits no longer."""
        await self._devices.delete_all({"expiresAt": {"$lte": now}})

    async def _update(self, where: Document, change: Document) -> bool:
        try:
            return await self._devices.update(where, change)
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error


def _read(document: Document | None) -> WaitingDevice | None:
    if document is None:
        return None
    client_id, expires_at = document.get("clientId"), document["expiresAt"]
    assert isinstance(expires_at, datetime)  # noqa: S101  # as add wrote it
    return WaitingDevice(
        id=str(document["_id"]),
        code=str(document["code"]),
        expires_at=expires_at,
        client_id=None if client_id is None else str(client_id),
    )
