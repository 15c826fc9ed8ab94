"""The way to a database: it connects as the settings say, by either driver, or opens the file.

What a driver raises becomes NoAnswer, Duplicate or Undecodable in driver/, and nowhere else. Which
collections there are, and what stands in them, is the store's (services/store/collections.py).
Without a server, the embedded database serves in place of it (embedded/).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import isawaitable
from typing import Any, cast

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import (
    AsyncMongoClient,
    MongoClient,
    ReadPreference,
    WriteConcern,
    timeout,
)
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
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
    Unsent,
    Update,
    Why,
    Write,
)
from driver.collection import ServersCollection, translated
from driver.outcomes import SendingListener
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
    "Undecodable",
    "Unknown",
    "Unsent",
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


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is asked of a database in here has so many seconds in all; then it is NoAnswer."""
    with timeout(seconds):
        yield


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
        with translated(NoAnswer):
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
    options["event_listeners"] = [SendingListener()]
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
