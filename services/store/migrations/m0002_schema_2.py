"""The second: an event says why by a code, a token holds its patient, a sheet is a resource's.

Safe to run twice: what follows schema 2 already is left alone. A sheet's version moves on with it,
so that a process of the earlier version that has the sheet in its hands writes nothing of the old
shape behind it.
"""

from collections.abc import AsyncIterator

from database import Collection, Database, Document
from services.store.collections import ALLOCATIONS, DAY_SHEETS, DOCTORS, EVENTS
from services.store.migrations.events_of_schema_1 import (
    Fields,
    event_of_schema_2,
    notes_of,
    with_note,
)

_AT_ONCE = 200
_OLD: Document = {"schemaVersion": 1}
_RENAMED = {"priority": "score"}
_OF_PATIENT = {"patientId": "id", "patientName": "name", "phoneNumber": "phoneNumber"}


async def migrate(database: Database) -> None:
    """Events before sheets: one that is not done yet still gives its events their notes."""
    events = EVENTS.of(database)
    await _migrate_events(events)
    await _migrate_sheets(DAY_SHEETS.of(database), events)
    for kind in (DOCTORS, ALLOCATIONS):
        await kind.of(database).update_all(_OLD, {"$set": {"schemaVersion": 2}})


async def _migrate_events(events: Collection) -> None:
    async for event in _each(events, {"schemaVersion": {"$exists": False}}):
        new = event_of_schema_2(event)
        gone = {field: "" for field in event if field not in new}
        change = {"$set": new, "$unset": gone} if gone else {"$set": new}
        await events.update({"_id": event["_id"]}, change)


async def _migrate_sheets(sheets: Collection, events: Collection) -> None:
    """Again until none is left: a process of the earlier version may have written meanwhile."""
    while await sheets.find_one(_OLD, {"_id": 1}) is not None:
        async for sheet in _each(sheets, _OLD):
            tokens = sheet["tokens"]
            assert isinstance(tokens, list)  # noqa: S101  # schema 1 says so
            notes = notes_of(sheet)
            for token_id, note in notes.items():
                await events.update_all(
                    {"sheet": sheet["_id"], "tokenId": token_id, "after.status": "CANCELLED"},
                    {"$set": {"note": note}},
                )
            outbox = sheet["outbox"]
            assert isinstance(outbox, list)  # noqa: S101  # schema 1 says so
            new = {
                "schemaVersion": 2,
                "outbox": [with_note(event_of_schema_2(event), notes) for event in outbox],
                "resourceId": sheet["doctorId"],
                "reservedHours": sheet.get("held", []),
                "tokens": [_token_of_schema_2(token) for token in tokens],
            }
            await sheets.update(
                {"_id": sheet["_id"], "version": sheet["version"], **_OLD},
                {"$set": new, "$unset": {"doctorId": "", "held": ""}, "$inc": {"version": 1}},
            )


async def _each(collection: Collection, where: Document) -> AsyncIterator[Document]:
    """The documents in order of `_id`, so many at once that no cursor grows old."""
    page = await collection.find(where, order="_id", limit=_AT_ONCE)
    while page:
        for document in page:
            yield document
        beyond = {**where, "_id": {"$gt": page[-1]["_id"]}}
        page = await collection.find(beyond, order="_id", limit=_AT_ONCE)


def _token_of_schema_2(token: Document) -> Fields:
    patient = {name: token[old] for old, name in _OF_PATIENT.items() if old in token}
    kept = {
        _RENAMED.get(name, name): value for name, value in token.items() if name not in _OF_PATIENT
    }
    return {**kept, "patient": patient}
