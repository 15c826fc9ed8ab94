"""The fifth: doctors and their days belong to a facility; those that stand, to that of the settings.

A sheet's version moves on with it, as in the second.
"""

from database import Database
from models.access import Facility
from services.store.collections import ALLOCATIONS, DAY_SHEETS, DOCTORS

_OLD = {"schemaVersion": 2}


async def migrate(database: Database, home: Facility) -> None:
    """Say so in each document that follows the schema before."""
    fields = {"facilityId": home.id, "schemaVersion": 3}
    await DAY_SHEETS.of(database).update_all(
        {**_OLD, "version": {"$gte": 0}}, {"$set": fields, "$inc": {"version": 1}}
    )
    await DOCTORS.of(database).update_all(_OLD, {"$set": fields})
    await ALLOCATIONS.of(database).update_all(_OLD, {"$set": {"schemaVersion": 3}})
