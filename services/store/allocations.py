"""Which sheet a request with an Idempotency-Key stays with, where it does not name one itself."""

from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from database import Database, Duplicate
from models.errors import IdempotencyMismatch
from models.ids import sheet_address
from models.keyed_request import KeyedRequest
from services.store.codec import SCHEMA_VERSION
from services.store.collections import ALLOCATIONS

KEPT = timedelta(days=30)
"""How long after its sheet's date a claim is kept."""


class Claim(Struct, frozen=True, kw_only=True):
    """The request of `key` books or calls on the sheet `sheet_id`, and on no other.

    `moves`: how often it was taken from one sheet to the next.
    """

    key: str
    sheet_id: str
    moves: int = 0


class AllocationStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._allocations = ALLOCATIONS.answering(database)

    async def find(self, request: KeyedRequest) -> Claim | None:
        """The claim of this request, or None. Raises IdempotencyMismatch."""
        document = await self._allocations.find_one({"_id": request.key})
        if document is None:
            return None
        if document.get("fingerprint") != request.fingerprint:
            raise IdempotencyMismatch
        moves = document.get("moves")
        return Claim(
            key=request.key,
            sheet_id=str(document.get("sheetId")),
            moves=moves if isinstance(moves, int) else 0,
        )

    async def take(
        self, request: KeyedRequest, held: Claim | None, sheet_id: str, at: datetime
    ) -> bool:
        """Claim a sheet in the place of the claim `held`; False when another attempt was faster.

        A claim may be given up only once its sheet has declined the key: from then on nothing is
        booked there for it.
        """
        if held is not None:
            return await self._allocations.update(
                {"_id": held.key, "sheetId": held.sheet_id, "moves": held.moves or None},
                {
                    "$set": {"sheetId": sheet_id, "goesAt": goes_at(sheet_id)},
                    "$inc": {"moves": 1},
                },
            )
        claim = {
            "_id": request.key,
            "schemaVersion": SCHEMA_VERSION,
            "fingerprint": request.fingerprint,
            "sheetId": sheet_id,
            "at": at,
            "goesAt": goes_at(sheet_id),
        }
        try:
            await self._allocations.insert(claim)
        except Duplicate:
            return False
        return True

    async def drop_past(self, now: datetime) -> None:
        """Let the claims go whose time has come."""
        await self._allocations.delete_all({"goesAt": {"$lte": now}})


def goes_at(sheet_id: str) -> datetime:
    """The midnight (UTC) 30 days after the sheet's date: nobody repeats a request after that."""
    last = min(sheet_address(sheet_id)[1], date.max - KEPT) + KEPT
    return datetime.combine(last, time(), UTC)
