"""The database as bytes: documents pass without a look at what the service makes of them."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Protocol

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.database import Database
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from config import Settings
from database import DEFAULT_NAME, check_uri
from embedded.raw import RawFile, open_raw

Raw = RawBSONDocument
DATABASE_ERRORS = (PyMongoError, sqlite3.Error)
Undecodable = InvalidBSON

_RAW: CodecOptions[Raw] = CodecOptions(document_class=Raw)


class BackupFailed(Exception):
    """`str()` is one line for who runs the tool."""


class RawDatabase(Protocol):
    """A database, on a server or in a file."""

    @property
    def name(self) -> str:
        """Under which it is known."""
        ...

    @property
    def if_unfinished(self) -> str:
        """What stands in it after writing ended half-way, and what to do."""
        ...

    def filled(self) -> Sequence[str]:
        """The collections that hold documents."""
        ...

    def estimate(self, collection: str) -> int:
        """About how many documents there are, told at once."""
        ...

    def count(self, collection: str) -> int:
        """How many documents there are."""
        ...

    def read(self, collection: str) -> Iterator[Raw]:
        """The documents in order of `_id`."""
        ...

    def last_id(self, collection: str) -> object:
        """The highest `_id`, None where there is none."""
        ...

    def insert(self, collection: str, documents: Sequence[Raw]) -> None:
        """Store new documents."""
        ...


class _Server:
    """A database on a server."""

    def __init__(self, database: Database[Raw]) -> None:
        self._database = database
        self.name = database.name
        self.if_unfinished = (
            f"The database {self.name} is incomplete: drop it before the service uses it"
        )

    def filled(self) -> Sequence[str]:
        names = self._database.list_collection_names()
        return [name for name in names if self._database[name].find_one({}, {"_id": 1}) is not None]

    def estimate(self, collection: str) -> int:
        return self._database[collection].estimated_document_count()

    def count(self, collection: str) -> int:
        return self._database[collection].count_documents({})

    def read(self, collection: str) -> Iterator[Raw]:
        return iter(self._database[collection].find().sort("_id", 1))

    def last_id(self, collection: str) -> object:
        last = self._database[collection].find_one({}, {"_id": 1}, sort=[("_id", -1)])
        return None if last is None else last["_id"]

    def insert(self, collection: str, documents: Sequence[Raw]) -> None:
        self._database[collection].insert_many(documents)


def decode(file: BinaryIO) -> Iterator[Raw]:
    """The documents in a file, one after the other. Raises Undecodable."""
    yield from bson.decode_file_iter(file, codec_options=_RAW)


def with_id(document: Raw, number: int) -> Raw:
    """The same document under another `_id`."""
    return Raw(bson.encode({**document, "_id": number}))


class _File:
    """The embedded database's file."""

    name = DEFAULT_NAME

    def __init__(self, file: RawFile, path: str) -> None:
        self._file = file
        self.if_unfinished = f"Nothing of it was kept, {path} is empty as before: restore again"

    def filled(self) -> Sequence[str]:
        return self._file.filled()

    def estimate(self, collection: str) -> int:
        return self._file.count(collection)

    def count(self, collection: str) -> int:
        return self._file.count(collection)

    def read(self, collection: str) -> Iterator[Raw]:
        return map(Raw, self._file.read(collection))

    def last_id(self, collection: str) -> object:
        return self._file.last_id(collection)

    def insert(self, collection: str, documents: Sequence[Raw]) -> None:
        self._file.insert(collection, [bytes(document.raw) for document in documents])


@contextmanager
def open_database(settings: Settings, *, writing: bool = False) -> Iterator[RawDatabase]:
    """The service's database: read from its primary as a majority has it, documents as bytes.

    The embedded one is read as it was at one moment, while the service goes on; to be written, it
    must be stopped. Raises BadSettings and BackupFailed.
    """
    check_uri(settings)
    if settings.mongodb_uri is None:
        try:
            with open_raw(settings.embedded_file, writing=writing) as file:
                yield _File(file, settings.embedded_file)
        except sqlite3.Error as error:
            raise BackupFailed(f"{settings.embedded_file}: {error}") from error
        return
    uri = settings.mongodb_uri.get_secret_value()
    client: MongoClient[Raw]
    with MongoClient(
        uri,
        document_class=Raw,
        appname="opd-backup",
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=120_000,
    ) as client:
        database = client.get_default_database(
            DEFAULT_NAME,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern("majority", j=True),
        )
        yield _Server(database)


def in_words(error: BaseException) -> str:
    """One line; of a document that the database refused, nothing but the reason's number."""
    if isinstance(error, BulkWriteError):
        codes = {problem.get("code") for problem in error.details.get("writeErrors", [])}
        return f"the database refused a document (error {', '.join(map(str, codes)) or '?'})"
    if isinstance(error, OperationFailure):
        return f"the database refuses: {str(error.details and error.details.get('errmsg'))[:200]}"
    if isinstance(error, PyMongoError):
        return f"the database does not answer ({type(error).__name__}): is MONGODB_URI right?"
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
