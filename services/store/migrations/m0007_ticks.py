"""The seventh: a day that goes on says when time alone will change something.

No session has begun before there were any, so that is its end; midnight is early enough, as who looks
then finds out how much longer it lasts. Days that are over stay as they were left.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from database import Database
from services.store.collections import ALLOCATIONS, DAY_SHEETS, DOCTORS

_OLD = {"schemaVersion": 4}
_A_DAY = timedelta(days=1)


async def migrate(database: Database, now: datetime) -> None:
    """Say so in each sheet of yesterday or later; its version moves on, as in the second."""
    sheets = DAY_SHEETS.of(database)
    going_on = {**_OLD, "date": {"$gte": (now - _A_DAY).date().isoformat()}}
    for sheet in await sheets.find(going_on, {"date": 1, "timezone": 1}):
        ends = date.fromisoformat(str(sheet["date"])) + _A_DAY
        midnight = datetime.combine(ends, time(), ZoneInfo(str(sheet["timezone"])))
        change = {
            "$set": {"schemaVersion": 5, "tickAt": midnight.astimezone(UTC)},
            "$inc": {"version": 1},
        }
        await sheets.update({**_OLD, "_id": sheet["_id"]}, change)
    await sheets.update_all(
        {**_OLD, "version": {"$gte": 0}}, {"$set": {"schemaVersion": 5}, "$inc": {"version": 1}}
    )
    for kind in (DOCTORS, ALLOCATIONS):
        await kind.of(database).update_all(_OLD, {"$set": {"schemaVersion": 5}})
