"""The first: documents written before schemas had a version follow schema 1."""

from database import Database


async def migrate(database: Database) -> None:
    """Say so in each document that says nothing."""
    for collection in (database.day_sheets, database.doctors, database.allocations):
        await collection.update_many(
            {"schemaVersion": {"$exists": False}}, {"$set": {"schemaVersion": 1}}
        )
