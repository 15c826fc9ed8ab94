"""The sixth: a sheet may hold patients who are away, and tells of the doctor's session.

What follows schema 3 reads as it is: all that came has a default. The sheets only say so, and their
version moves on, so that a process of the earlier version writes nothing behind it. Events of schema
3 are events of schema 4.
"""

from database import Database
from services.store.collections import ALLOCATIONS, DAY_SHEETS, DOCTORS

_OLD = {"schemaVersion": 3}


async def migrate(database: Database) -> None:
    """Each document follows schema 4 from now on."""
    await DAY_SHEETS.of(database).update_all(
        {**_OLD, "version": {"$gte": 0}}, {"$set": {"schemaVersion": 4}, "$inc": {"version": 1}}
    )
    for kind in (DOCTORS, ALLOCATIONS):
        await kind.of(database).update_all(_OLD, {"$set": {"schemaVersion": 4}})
