"""What stands in the database, read raw: without the service's models, codec or engine."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec import Struct, field
from pymongo import MongoClient
from pymongo.collection import Collection

Document = dict[str, object]


class StoredBump(Struct, rename="camel"):
    slot_id: str


class StoredRequest(Struct, rename="camel"):
    key: str


class StoredPatient(Struct):
    id: str


class StoredToken(Struct, rename="camel", kw_only=True):
    id: str
    number: int = 0
    slot_id: str
    patient: StoredPatient
    source: str = "ONLINE"
    score: int
    status: str = ""
    booked_at: datetime
    seated_at: datetime | None = None
    bumps: Sequence[StoredBump] = ()
    request: StoredRequest | None = None


class StoredSlot(Struct, rename="camel"):
    id: str
    start: datetime
    end: datetime
    max_capacity: int
    delay_minutes: int = 0
    status: str = "OPEN"


class StoredTokenState(Struct, rename="camel"):
    slot_id: str
    status: str


class StoredEvent(Struct, rename="camel"):
    n: int
    type: str
    request_id: str | None = None
    token_id: str | None = None
    number: int | None = None
    before: StoredTokenState | None = None
    after: StoredTokenState | None = None
    cause: int | None = None


class StoredSheet(Struct, rename="camel"):
    id: str = field(name="_id")
    version: int
    time: datetime
    slots: list[StoredSlot]
    tokens: list[StoredToken]
    next_event: int
    outbox: list[StoredEvent]
    writers: dict[str, int]


class RelayedEvent(StoredEvent, kw_only=True, rename="camel"):
    seq: int = field(name="_id")
    sheet: str


def read_stored(document: Document) -> StoredSheet:
    """A sheet, with what its document leaves out."""
    sheet = msgspec.convert(document, StoredSheet)
    for slot in sheet.slots:
        slot.id = f"{sheet.id}-{slot.id}"
    for number, token in enumerate(sheet.tokens, start=1):
        token.id = f"{sheet.id}-{token.id}"
        token.slot_id = f"{sheet.id}-{token.slot_id}"
        token.number = number
        if not token.status:
            token.status, token.seated_at = "BOOKED", token.booked_at
        for bump in token.bumps:
            bump.slot_id = f"{sheet.id}-{bump.slot_id}"
    return sheet


class Kept(Protocol):
    """What is kept, wherever: sheets, and events in the order of `seq`."""

    def sheets(self) -> list[StoredSheet]: ...
    def relayed(self) -> list[RelayedEvent]: ...


class Stored:
    """One database of the server, by a connection of its own."""

    def __init__(self, address: str) -> None:
        self._client: MongoClient[Document] = MongoClient(address, tz_aware=True)
        self._database = self._client.get_default_database()

    def collections(self) -> list[str]:
        """The names of all collections."""
        return self._database.list_collection_names()

    def __getitem__(self, name: str) -> Collection[Document]:
        """The documents of a collection."""
        return self._database[name]

    @property
    def day_sheets(self) -> Collection[Document]:
        """For damaging documents by hand."""
        return self._database["day_sheets"]

    @property
    def allocations(self) -> Collection[Document]:
        """The claims of `allocate`."""
        return self._database["allocations"]

    @property
    def doctors(self) -> Collection[Document]:
        """For damaging documents by hand."""
        return self._database["doctors"]

    def sheets(self) -> list[StoredSheet]:
        """Every sheet."""
        return [read_stored(document) for document in self.day_sheets.find().sort("_id", 1)]

    def sheet(self, sheet_id: str) -> StoredSheet:
        """The sheet of that id."""
        document = self.day_sheets.find_one({"_id": sheet_id})
        assert document is not None
        return read_stored(document)

    def relayed(self) -> list[RelayedEvent]:
        """Every event that was copied out of its sheet's outbox, in the order of `seq`."""
        return [
            msgspec.convert(document, RelayedEvent)
            for document in self._database["events"].find().sort("_id", 1)
        ]

    def tokens(self) -> list[StoredToken]:
        """The tokens of all sheets."""
        return [token for sheet in self.sheets() for token in sheet.tokens]

    def drop(self) -> None:
        """Drop the database and end the connection."""
        self._client.drop_database(self._database.name)
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._client.close()


def by_id(tokens: Sequence[StoredToken]) -> Mapping[str, StoredToken]:
    """The tokens by id, which no two share."""
    found = {token.id: token for token in tokens}
    assert len(found) == len(tokens), "two tokens share an id"
    return found
