"""The third: each doctor's id without its case, of which no two new ones may be alike."""

from database import Database, Duplicate
from services.store.collections import DOCTORS


async def migrate(database: Database) -> None:
    """Of doctors that already differ by case alone, the first in order of id has it."""
    doctors = DOCTORS.of(database)
    for doctor in await doctors.find({"caseless": {"$exists": False}}, order="_id"):
        caseless = str(doctor["_id"]).lower()
        try:
            await doctors.update({"_id": doctor["_id"]}, {"$set": {"caseless": caseless}})
        except Duplicate:
            continue
