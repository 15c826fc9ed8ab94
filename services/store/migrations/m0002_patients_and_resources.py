"""The second: a token holds its patient as one value, and a sheet is a resource's, not a doctor's.

Safe to run twice: what follows schema 2 already is left alone. A sheet's version moves on with it,
so that a process of the earlier version that has the sheet in its hands writes no token of the old
shape behind it.
"""

from collections.abc import AsyncIterator

from database import Collection, Database, Document

_AT_ONCE = 200
_OLD: Document = {"schemaVersion": 1}
_OF_PATIENT = {"patientId": "id", "patientName": "name", "phoneNumber": "phoneNumber"}

Fields = dict[str, object]


async def migrate(database: Database) -> None:
    """Each collection whose documents say which schema they follow."""
    await _sheets(database)
    await _doctors(database)
    await _allocations(database)


async def _sheets(database: Database) -> None:
    """Again until none is left: a process of the earlier version may have written meanwhile."""
    while await database.day_sheets.find_one(_OLD, {"_id": 1}) is not None:
        async for sheet in _each(database.day_sheets, _OLD):
            tokens = sheet["tokens"]
            assert isinstance(tokens, list)  # noqa: S101  # schema 1 says so
            new = {
                "schemaVersion": 2,
                "resourceId": sheet["doctorId"],
                "tokens": [_token_of_schema_2(token) for token in tokens],
            }
            await database.day_sheets.update_one(
                {"_id": sheet["_id"], "version": sheet["version"], **_OLD},
                {"$set": new, "$unset": {"doctorId": ""}, "$inc": {"version": 1}},
            )


async def _doctors(database: Database) -> None:
    await database.doctors.update_many(_OLD, {"$set": {"schemaVersion": 2}})


async def _allocations(database: Database) -> None:
    await database.allocations.update_many(_OLD, {"$set": {"schemaVersion": 2}})


async def _each(collection: Collection, where: Document) -> AsyncIterator[Document]:
    """The documents in order of `_id`, so many at once that no cursor grows old."""
    page = await collection.find(where).sort([("_id", 1)]).limit(_AT_ONCE).to_list(None)
    while page:
        for document in page:
            yield document
        beyond = {**where, "_id": {"$gt": page[-1]["_id"]}}
        page = await collection.find(beyond).sort([("_id", 1)]).limit(_AT_ONCE).to_list(None)


def _token_of_schema_2(token: Document) -> Fields:
    patient = {name: token[old] for old, name in _OF_PATIENT.items() if old in token}
    kept = {name: value for name, value in token.items() if name not in _OF_PATIENT}
    return {**kept, "patient": patient}
