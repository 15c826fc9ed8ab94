"""The first: documents written before schemas had a version follow schema 1."""

from database import Database
from services.store.collections import ALLOCATIONS, DAY_SHEETS, DOCTORS


async def migrate(database: Database) -> None:
    """Say so in each document that says nothing."""
    for kind in (DAY_SHEETS, DOCTORS, ALLOCATIONS):
        await kind.of(database).update_all(
            {"schemaVersion": {"$exists": False}}, {"$set": {"schemaVersion": 1}}
        )
