"""Which sheet an allocation with an Idempotency-Key stays with."""

from datetime import datetime

from msgspec import Struct
from pymongo.errors import DuplicateKeyError, PyMongoError

from database import Database
from models.errors import DatabaseUnavailable, IdempotencyMismatch
from models.request import Request
from services.store.codec import SCHEMA_VERSION


class Claim(Struct, frozen=True, kw_only=True):
    """The request of `key` books on the sheet `sheet_id`, and on no other."""

    key: str
    sheet_id: str


class AllocationStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._allocations = database.allocations

    async def find(self, request: Request) -> Claim | None:
        """The claim of this request, or None. Raises IdempotencyMismatch."""
        try:
            document = await self._allocations.find_one({"_id": request.key})
        except PyMongoError as error:
            raise DatabaseUnavailable from error
        if document is None:
            return None
        if document.get("fingerprint") != request.fingerprint:
            raise IdempotencyMismatch
        return Claim(key=request.key, sheet_id=str(document.get("sheetId")))

    async def take(self, request: Request, held: Claim | None, sheet_id: str, at: datetime) -> bool:
        """Claim a sheet in the place of the claim `held`; False when another attempt was faster.

        A claim may be given up only once its sheet has declined the key: from then on nothing is
        booked there for it.
        """
        try:
            if held is None:
                await self._allocations.insert_one(
                    {
                        "_id": request.key,
                        "schemaVersion": SCHEMA_VERSION,
                        "fingerprint": request.fingerprint,
                        "sheetId": sheet_id,
                        "at": at,
                    }
                )
                return True
            moved = await self._allocations.update_one(
                {"_id": held.key, "sheetId": held.sheet_id}, {"$set": {"sheetId": sheet_id}}
            )
        except DuplicateKeyError:
            return False
        except PyMongoError as error:
            raise DatabaseUnavailable from error
        return moved.matched_count == 1
