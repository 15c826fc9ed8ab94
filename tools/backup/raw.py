"""The database as bytes: documents pass without a look at what the service makes of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

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

Raw = RawBSONDocument
RawDatabase = Database[Raw]
DatabaseError = PyMongoError
Undecodable = InvalidBSON

_RAW: CodecOptions[Raw] = CodecOptions(document_class=Raw)


class BackupFailed(Exception):
    """`str()` is one line for who runs the tool."""


def decode(file: BinaryIO) -> Iterator[Raw]:
    """The documents in a file, one after the other. Raises Undecodable."""
    yield from bson.decode_file_iter(file, codec_options=_RAW)


def with_id(document: Raw, number: int) -> Raw:
    """The same document under another `_id`."""
    return Raw(bson.encode({**document, "_id": number}))


@contextmanager
def open_database(settings: Settings) -> Iterator[RawDatabase]:
    """The service's database: read from its primary as a majority has it, documents as bytes.

    Raises BadSettings and BackupFailed.
    """
    check_uri(settings)
    if settings.mongodb_uri is None:
        raise BackupFailed("MONGODB_URI is not set: there is no database but the embedded one")
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
        yield client.get_default_database(
            DEFAULT_NAME,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern("majority", j=True),
        )


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
