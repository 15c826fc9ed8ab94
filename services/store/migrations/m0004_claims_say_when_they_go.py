"""The fourth: claims made before they said so say when they go."""

from database import Database
from services.store.allocations import goes_at
from services.store.collections import ALLOCATIONS


async def migrate(database: Database) -> None:
    """By their sheet's date, as those made since."""
    claims = ALLOCATIONS.of(database)
    for claim in await claims.find({"goesAt": {"$exists": False}}, {"sheetId": 1}):
        when = goes_at(str(claim["sheetId"]))
        await claims.update({"_id": claim["_id"]}, {"$set": {"goesAt": when}})
