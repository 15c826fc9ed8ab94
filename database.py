"""The one place that knows the driver: it connects, and names collections and indexes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from mongomock_motor import AsyncMongoMockClient
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, InsertOne, MongoClient, UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from config import BadSettings, Driver, Settings
from driver_errors import cause_of

DEFAULT_NAME = "opd_token_system"
EMBEDDED = "embedded"

Document = Mapping[str, object]

_DUPLICATE_KEY = 11000

# How long one exchange with the server may take before its outcome counts as unknown.
_TIMEOUTS = {
    "serverSelectionTimeoutMS": 3000,
    "connectTimeoutMS": 2000,
    "socketTimeoutMS": 5000,
}


class NoAnswer(Exception):
    """The database does not answer; `str()` is one line that says why, without the password."""


@dataclass(frozen=True, slots=True)
class Insert:
    """A document to be stored under a new `_id`."""

    document: Document


@dataclass(frozen=True, slots=True)
class Update:
    """A change of the one document that matches `where`."""

    where: Document
    change: Document


Write = Insert | Update


class Updated(Protocol):
    """What an update or a bulk write answers."""

    @property
    def matched_count(self) -> int: ...


class Written(Updated, Protocol):
    """What a bulk write answers."""

    @property
    def inserted_count(self) -> int: ...


class Cursor(Protocol):
    """Documents of a query, in order."""

    def sort(self, key: Sequence[tuple[str, int]]) -> "Cursor": ...
    def limit(self, limit: int) -> "Cursor": ...
    def __aiter__(self) -> AsyncIterator[Document]: ...
    def to_list(self, length: int | None = None) -> Awaitable[list[Document]]: ...


class Collection(Protocol):
    """What Motor, PyMongo's async client and mongomock share of a collection."""

    def find(self, filter: Document, projection: Document | None = None) -> Cursor: ...  # noqa: A002  # the drivers' name
    def find_one(
        self,
        filter: Document,  # noqa: A002  # the drivers' name
        projection: Document | None = None,
    ) -> Awaitable[Document | None]: ...
    def insert_one(self, document: Document) -> Awaitable[object]: ...
    def insert_many(self, documents: Sequence[Document]) -> Awaitable[object]: ...
    def update_one(
        self,
        filter: Document,  # noqa: A002  # the drivers' name
        update: Document,
        upsert: bool = False,
    ) -> Awaitable[Updated]: ...
    def update_many(
        self,
        filter: Document,  # noqa: A002  # the drivers' name
        update: Document,
    ) -> Awaitable[Updated]: ...
    def find_one_and_update(
        self,
        filter: Document,  # noqa: A002  # the drivers' name
        update: Document,
        projection: Document | None = None,
        *,
        return_document: bool,
        upsert: bool = False,
    ) -> Awaitable[Document | None]: ...
    def delete_one(self, filter: Document) -> Awaitable[object]: ...  # noqa: A002  # the drivers' name
    def bulk_write(
        self, requests: Sequence[object], ordered: bool = True
    ) -> Awaitable[Written]: ...
    def create_index(
        self, keys: Sequence[tuple[str, int]], **options: object
    ) -> Awaitable[str]: ...


class _Handle(Protocol):
    def __getitem__(self, name: str) -> Collection: ...
    def command(self, command: str) -> Awaitable[Document]: ...


class _Client(Protocol):
    def get_database(self, name: str, **options: object) -> _Handle: ...
    def close(self) -> Awaitable[None] | None: ...


@dataclass(frozen=True)
class Database:
    """A connected database. `driver` is motor, pymongo or embedded."""

    name: str
    driver: str
    _client: _Client
    _handle: _Handle

    @property
    def embedded(self) -> bool:
        """Whether this is the embedded database, which keeps nothing and knows no races."""
        return self.driver == EMBEDDED

    @property
    def day_sheets(self) -> Collection:
        """One document for each doctor's day."""
        return self._handle["day_sheets"]

    @property
    def doctors(self) -> Collection:
        """One document for each doctor."""
        return self._handle["doctors"]

    @property
    def events(self) -> Collection:
        """Every event, in the order of its `_id`."""
        return self._handle["events"]

    @property
    def leases(self) -> Collection:
        """Which process does what only one should do."""
        return self._handle["leases"]

    @property
    def migrations(self) -> Collection:
        """Which migrations have been made."""
        return self._handle["migrations"]

    @property
    def allocations(self) -> Collection:
        """Which sheet an `allocate` with an Idempotency-Key stays with."""
        return self._handle["allocations"]

    async def server_time(self) -> datetime | None:
        """What the server's clock says, None for the embedded database. Raises NoAnswer."""
        if self.embedded:
            return None
        try:
            told = (await self._handle.command("hello")).get("localTime")
        except PyMongoError as error:
            raise NoAnswer(cause_of(error)) from error
        return told.replace(tzinfo=UTC) if isinstance(told, datetime) else None

    async def create_indexes(self) -> None:
        """Make the indexes that are missing; those that are there stay as they are.

        Raises NoAnswer.
        """
        try:
            await self.day_sheets.create_index([("unrelayed", 1)], sparse=True)
            await self.doctors.create_index([("request.key", 1)], unique=True, sparse=True)
            await self.doctors.create_index([("caseless", 1)], unique=True, sparse=True)
            await self.events.create_index([("sheet", 1), ("n", 1)], unique=True)
            await self.events.create_index([("patientId", 1)], sparse=True)
        except PyMongoError as error:
            raise NoAnswer(cause_of(error)) from error

    async def close(self) -> None:
        """End all connections."""
        closing = self._client.close()
        if closing is not None:
            await closing

    async def write(self, writes: Sequence[Write]) -> int:
        """Send writes to `day_sheets` as one unordered bulk; how many of them took place.

        An insert whose id exists does not take place, nor does an update whose filter matches
        nothing; both are no errors. Raises PyMongoError when the outcome of some is unknown.

        They are sent in order of `_id`: a server that carries out a bulk as one transaction
        would else let two of them wait for each other.
        """
        writes = sorted(writes, key=_id_of)
        if self.embedded:
            return sum([await self._write_one(write) for write in writes])
        requests = [
            InsertOne(write.document)
            if isinstance(write, Insert)
            else UpdateOne(write.where, write.change)
            for write in writes
        ]
        try:
            result = await self.day_sheets.bulk_write(requests, ordered=False)
        except BulkWriteError as error:
            return _count_despite_duplicates(error)
        return result.matched_count + result.inserted_count

    async def insert_events(self, documents: Sequence[Document]) -> None:
        """Insert into `events` in order, up to the first whose `_id` or sheet and n exist.

        Raises DuplicateKeyError there, and another PyMongoError when the outcome is unknown.
        """
        try:
            await self.events.insert_many(documents)
        except BulkWriteError as error:
            if any(
                problem.get("code") == _DUPLICATE_KEY for problem in error.details["writeErrors"]
            ):
                raise DuplicateKeyError("an event exists") from error
            raise

    async def _write_one(self, write: Write) -> int:
        if isinstance(write, Update):
            return (await self.day_sheets.update_one(write.where, write.change)).matched_count
        try:
            await self.day_sheets.insert_one(write.document)
        except DuplicateKeyError:
            return 0
        return 1


def _id_of(write: Write) -> str:
    return str((write.where if isinstance(write, Update) else write.document)["_id"])


def _count_despite_duplicates(error: BulkWriteError) -> int:
    """How many writes of a bulk took place when all that failed were inserts of existing ids."""
    details = error.details
    if details.get("writeConcernErrors") or any(
        problem.get("code") != _DUPLICATE_KEY for problem in details["writeErrors"]
    ):
        raise error
    return int(details["nMatched"]) + int(details["nInserted"])


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

    Must be called inside the event loop that will use it. Raises BadSettings for a malformed URI.
    """
    if settings.mongodb_uri is None:
        return connect_embedded()
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
    client = cast(_Client, drivers[settings.mongodb_driver](uri, **options))
    handle = client.get_database(name, **_concerns(given))
    return Database(name, settings.mongodb_driver.value, client, handle)


def connect_embedded() -> Database:
    """A fresh embedded database: it keeps nothing, and no one else sees it."""
    make: Callable[..., object] = AsyncMongoMockClient
    client = cast(_Client, make(tz_aware=True))
    return Database(DEFAULT_NAME, EMBEDDED, client, client.get_database(DEFAULT_NAME))


def _parse(uri: str) -> Mapping[str, Any]:
    try:
        return parse_uri(uri, validate=True)
    except (PyMongoError, ValueError) as error:
        raise BadSettings(f"MONGODB_URI: {error}") from None


def _concerns(given: set[str]) -> dict[str, object]:
    """A write counts once a majority has it on disk, and reads see what counts."""
    concerns: dict[str, object] = {}
    if not given & {"w", "j", "journal"}:
        concerns["write_concern"] = WriteConcern("majority", j=True)
    if "readconcernlevel" not in given:
        concerns["read_concern"] = ReadConcern("majority")
    return concerns
