"""The third: each doctor's id without its case, of which no two new ones may be alike."""

from pymongo.errors import DuplicateKeyError

from database import Database


async def migrate(database: Database) -> None:
    """Of doctors that already differ by case alone, the first in order of id has it."""
    missing = database.doctors.find({"caseless": {"$exists": False}}).sort([("_id", 1)])
    for doctor in await missing.to_list(None):
        try:
            await database.doctors.update_one(
                {"_id": doctor["_id"]}, {"$set": {"caseless": str(doctor["_id"]).lower()}}
            )
        except DuplicateKeyError:
            continue
