"""The one place that knows the driver: it connects, and says in our words what became of things.

What the driver raises becomes NoAnswer, Duplicate or Undecodable here, and nowhere else. Which
collections there are, and what stands in them, is the store's (services/store/collections.py).
Without a driver, the embedded database serves in place of it (embedded/).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from inspect import isawaitable
from typing import Any, cast

from bson.errors import InvalidBSON
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import (
    AsyncMongoClient,
    InsertOne,
    MongoClient,
    ReadPreference,
    UpdateOne,
    WriteConcern,
    timeout,
)
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from config import BadSettings, Driver, Settings
from documents import (
    Collection,
    Database,
    Document,
    Done,
    Duplicate,
    Insert,
    NoAnswer,
    Outcome,
    Refused,
    Undecodable,
    Unknown,
    Update,
    Why,
    Write,
)
from driver_errors import cause_of
from embedded.database import open_embedded

__all__ = [
    "Collection",
    "Database",
    "Document",
    "Done",
    "Duplicate",
    "Insert",
    "NoAnswer",
    "Outcome",
    "Refused",
    "ServersCollection",
    "Undecodable",
    "Unknown",
    "Update",
    "Why",
    "Write",
    "check_uri",
    "connect",
    "within",
]

DEFAULT_NAME = "opd_token_system"

# How long one exchange with the server may take before its outcome counts as unknown.
_TIMEOUTS = {
    "serverSelectionTimeoutMS": 3000,
    "connectTimeoutMS": 2000,
    "socketTimeoutMS": 5000,
}


_DUPLICATE_KEY = 11000
_TOO_LARGE = frozenset({10334, 17419, 17420, 285999133})
"""MongoDB's, and the state M003A of DocumentDB on PostgreSQL, which is told as a number."""
_PASSING = frozenset(
    {
        *(1, 6, 7, 24, 46, 50, 64, 89, 91, 112, 134, 189, 262, 9001, 10058, 10107, 11600, 11601),
        *(11602, 13388, 13435, 13436, 14031),
        *(16908292, 16777220, 67371461, 16908741, 33685957, 50463173, 4293, 8389, 12485, 50463045),
    }
)
"""Errors of the moment, after which the same write may do.

MongoDB's: interrupted, timed out, no primary, locked, conflict, disk full, internal; and
PostgreSQL's states 40P01, 40001, 57014, 57P01 to 57P03, 53100 to 53300 and 55P03 as numbers.
"""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is asked of a database in here has so many seconds in all; then it is NoAnswer."""
    with timeout(seconds):
        yield


@contextmanager
def _translated(no_answer: Callable[[str], Exception]) -> Iterator[None]:
    try:
        yield
    except (DuplicateKeyError, BulkWriteError) as error:
        if _is_duplicate(error):
            raise Duplicate from error
        raise no_answer(cause_of(error)) from error
    except PyMongoError as error:
        raise no_answer(cause_of(error)) from error
    except InvalidBSON as error:
        raise Undecodable(type(error).__name__) from error


def _is_duplicate(error: DuplicateKeyError | BulkWriteError) -> bool:
    if isinstance(error, DuplicateKeyError):
        return True
    return any(each.get("code") == _DUPLICATE_KEY for each in error.details["writeErrors"])


@dataclass(frozen=True)
class ServersCollection:
    """What `documents.Collection` says, of a server."""

    _documents: AsyncCollection[Document]
    _no_answer: Callable[[str], Exception] = NoAnswer
    _within: float | None = None

    def raising(
        self, no_answer: Callable[[str], Exception], *, within: float | None = None
    ) -> "ServersCollection":
        return replace(self, _no_answer=no_answer, _within=within)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        try:
            with _translated(self._no_answer):
                async with asyncio.timeout(self._within):
                    yield
        except TimeoutError as error:
            raise self._no_answer(f"no answer in {self._within} seconds") from error

    async def find(
        self,
        where: Document,
        fields: Document | None = None,
        *,
        order: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        index: Sequence[str] | None = None,
    ) -> list[Document]:
        async with self._asking():
            cursor = self._documents.find(where, fields)
            if order is not None:
                cursor = cursor.sort([(order, -1 if descending else 1)])
            if limit is not None:
                cursor = cursor.limit(limit)
            if index is not None:
                cursor = cursor.hint([(field, 1) for field in index])
            return await cursor.to_list(None)

    async def find_one(self, where: Document, fields: Document | None = None) -> Document | None:
        async with self._asking():
            return await self._documents.find_one(where, fields)

    async def insert(self, document: Document) -> None:
        async with self._asking():
            await self._documents.insert_one(document)

    async def insert_in_order(self, documents: Sequence[Document]) -> None:
        async with self._asking():
            await self._documents.insert_many(documents)

    async def update(self, where: Document, change: Document, *, upsert: bool = False) -> bool:
        async with self._asking():
            result = await self._documents.update_one(where, change, upsert=upsert)
            return result.matched_count == 1

    async def update_all(self, where: Document, change: Document) -> None:
        async with self._asking():
            await self._documents.update_many(where, change)

    async def update_and_find(
        self, where: Document, change: Document, fields: Document
    ) -> Document | None:
        async with self._asking():
            return await self._documents.find_one_and_update(
                where, change, fields, return_document=True
            )

    async def delete(self, where: Document) -> None:
        async with self._asking():
            await self._documents.delete_one(where)

    async def create_index(
        self,
        fields: Sequence[str],
        *,
        unique: bool = False,
        sparse: bool = False,
        expires: bool = False,
    ) -> None:
        # An index is the same only where it has the same options: what is False is left out.
        options: dict[str, Any] = {"unique": True} if unique else {}
        if sparse:
            options["sparse"] = True
        if expires:  # the server deletes a document soon after the instant in its field
            options["expireAfterSeconds"] = 0
        async with self._asking():
            await self._documents.create_index([(field, 1) for field in fields], **options)

    async def write(self, writes: Sequence[Write]) -> list[Outcome]:
        """Send writes as one unordered bulk; what became of each, in the order given. No errors.

        They are sent in order of `_id`: a server that carries out a bulk as one transaction
        would else let two of them wait for each other.
        """
        indexes = sorted(range(len(writes)), key=lambda index: _id_of(writes[index]))
        inorder = [writes[index] for index in indexes]
        answered = await self._write_all(inorder)
        outcomes: list[Outcome] = [Unknown()] * len(writes)
        for index, outcome in zip(indexes, answered, strict=True):
            outcomes[index] = outcome
        return outcomes

    async def _write_all(self, writes: Sequence[Write]) -> list[Outcome]:
        requests: list[InsertOne[Document] | UpdateOne] = [
            InsertOne(write.document)
            if isinstance(write, Insert)
            else UpdateOne(write.where, write.change)
            for write in writes
        ]
        try:
            result = await self._documents.bulk_write(requests, ordered=False)
        except BulkWriteError as error:
            return _outcomes(len(writes), error.details)
        except PyMongoError as error:
            return [Unknown(type(error).__name__)] * len(writes)
        if result.matched_count + result.inserted_count == len(writes):
            return [Done()] * len(writes)
        return [Unknown()] * len(writes)


def _id_of(write: Write) -> str:
    return str((write.where if isinstance(write, Update) else write.document)["_id"])


def _outcomes(count: int, details: Mapping[str, Any]) -> list[Outcome]:
    """Of a bulk write some of which failed: by position, as they were sent."""
    refused = {each["index"]: _refusal(each.get("code")) for each in details["writeErrors"]}
    took_place = details["nMatched"] + details["nInserted"]
    certain = not details.get("writeConcernErrors") and took_place + len(refused) == count
    other: Outcome = Done() if certain else Unknown()
    return [refused.get(index, other) for index in range(count)]


def _refusal(code: int | None) -> Outcome:
    if code is None or code in _PASSING:
        return Unknown(f"error {code}")
    if code == _DUPLICATE_KEY:
        return Refused(Why.EXISTS, code)
    return Refused(Why.TOO_LARGE if code in _TOO_LARGE else Why.UNFIT, code)


@dataclass(frozen=True)
class _Server:
    """What `documents.Database` says, of a server."""

    name: str
    driver: str
    _client: AsyncMongoClient[Document]
    _handle: AsyncDatabase[Document]

    def __getitem__(self, collection: str) -> Collection:
        return ServersCollection(self._handle[collection])

    async def server_time(self) -> datetime | None:
        with _translated(NoAnswer):
            told = (await self._handle.command("hello")).get("localTime")
        return told.replace(tzinfo=UTC) if isinstance(told, datetime) else None

    async def close(self) -> None:
        closing: object = self._client.close()
        if isawaitable(closing):  # Motor's is not
            await closing


def check_uri(settings: Settings) -> None:
    """Raises BadSettings when MONGODB_URI or an option in it can't be used; asks nobody."""
    if settings.mongodb_uri is None:
        return
    uri = settings.mongodb_uri.get_secret_value()
    _parse(uri)
    if not uri.startswith("mongodb+srv:"):  # which would be looked up in the DNS
        try:
            MongoClient[dict[str, object]](uri, connect=False).close()
        except (PyMongoError, ValueError, TypeError) as error:
            raise BadSettings(f"MONGODB_URI: {type(error).__name__}, see its options") from None


def connect(settings: Settings) -> Database:
    """A database as the settings say. Connects at the first use, so it raises no network errors.

    Must be called inside the event loop that will use it. Raises BadSettings for a malformed URI,
    and for an embedded database that can't be opened.
    """
    if settings.mongodb_uri is None:
        return open_embedded(settings.embedded_file, DEFAULT_NAME)
    uri = settings.mongodb_uri.get_secret_value()
    parsed = _parse(uri)
    name = parsed["database"] or DEFAULT_NAME
    given = {option.lower() for option in parsed["options"]}
    options: dict[str, object] = {
        option: value for option, value in _TIMEOUTS.items() if option.lower() not in given
    }
    options["tz_aware"] = True
    options["appname"] = "opd-token-service"
    drivers: dict[Driver, Callable[..., object]] = {
        Driver.MOTOR: AsyncIOMotorClient,
        Driver.PYMONGO: AsyncMongoClient,
    }
    # Of Motor and PyMongo's async client only what both share is used.
    client = cast(AsyncMongoClient[Document], drivers[settings.mongodb_driver](uri, **options))
    # Whatever the URI says: what a member that lags behind tells is no ground for a decision.
    handle = client.get_database(name, read_preference=ReadPreference.PRIMARY, **_concerns(given))
    return _Server(name, settings.mongodb_driver.value, client, handle)


def _parse(uri: str) -> Mapping[str, Any]:
    try:
        return parse_uri(uri, validate=True)
    except (PyMongoError, ValueError) as error:
        raise BadSettings(f"MONGODB_URI: {error}") from None


def _concerns(given: set[str]) -> dict[str, Any]:
    """A write counts once a majority has it on disk, and reads see what counts."""
    concerns: dict[str, Any] = {}
    if not given & {"w", "j", "journal"}:
        concerns["write_concern"] = WriteConcern("majority", j=True)
    if "readconcernlevel" not in given:
        concerns["read_concern"] = ReadConcern("majority")
    return concerns
