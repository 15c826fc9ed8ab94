"""Back up the database to a folder, and restore it: `make backup TO=…`, `make restore FROM=…`.

The folder has mongodump's layout, so `mongorestore --gzip` reads it too, and a manifest with the
checksums. It holds patients' names and phone numbers: only its owner may open it.

A backup may be taken while the service runs. Each document is read whole, but no two at the same
moment, so the order in which they are read, and what is left out, keeps them right together:

- `migrations` first, those that are made: what is read after was migrated by them. A migration
  that is under way is made again after a restore.
- `day_sheets` next. Everything else is cut to what these sheets know.
- `events` that a sheet had brought forth when it was read. A newer one would stand in the way of
  the event that gets its number after a restore. One that is still in its sheet's outbox is in
  both places, or in the outbox alone: the relay knows either.
- `doctors`, at least all those of the sheets, and `allocations`: one that stays with a sheet made
  later moves to another when its request is repeated.
"""

import argparse
import gzip
import hashlib
import os
import shutil
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol

import bson
import msgspec
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from msgspec import Struct
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.database import Database
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from config import BadSettings, Settings, load_settings
from database import DEFAULT_NAME, check_uri
from services.clock import SystemClock
from services.store.codec import SCHEMA_VERSION

COLLECTIONS = ("migrations", "day_sheets", "events", "doctors", "allocations")
"""In the order they are read in. `leases` name processes, which a restored database has none of."""
MANIFEST = "manifest.json"

Raw = RawBSONDocument

_BATCH_DOCUMENTS = 1000
_BATCH_BYTES = 8_000_000
_RAW: CodecOptions[Raw] = CodecOptions(document_class=Raw)


class BackupFailed(Exception):
    """`str()` is one line for who runs the tool."""


class Watcher(Protocol):
    """Who is told how far it is."""

    def begin(self, what: str, total: int) -> None: ...
    def advance(self, count: int) -> None: ...


class Part(Struct):
    """The file of one collection."""

    documents: int
    sha256: str


class Manifest(Struct, rename="camel"):
    """What a backup consists of. It is written last: without it, a backup is unfinished."""

    database: str
    schema_version: int
    began: datetime
    collections: dict[str, Part]
    sha256: str = ""
    """Of the manifest itself, as it is without this field's value."""

    def sealed(self) -> bytes:
        """The manifest as its file holds it."""
        bare = msgspec.json.encode(msgspec.structs.replace(self, sha256=""))
        self.sha256 = hashlib.sha256(bare).hexdigest()
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"

    def file(self, folder: Path, collection: str) -> Path:
        """Where a collection stands."""
        return folder / self.database / f"{collection}.bson.gz"


# ---------------------------------------------------------------------------------------- backup


def dump(database: Database[Raw], folder: Path, now: datetime, watcher: Watcher) -> Manifest:
    """Write all of a database to a folder that is new or empty; nothing stays there of a failure.

    Raises BackupFailed, and errors of the driver and of the file system.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupFailed(f"{folder} is there and not empty: name a new folder")
    manifest = Manifest(database.name, SCHEMA_VERSION, now, {})
    inner = folder / database.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    inner.mkdir(mode=0o700)
    try:
        for collection, documents in _documents(database):
            watcher.begin(collection, database[collection].estimated_document_count())
            file = manifest.file(folder, collection)
            manifest.collections[collection] = _write(file, _counted(documents, watcher))
        if not any(part.documents for part in manifest.collections.values()):
            raise BackupFailed(f"the database {database.name} holds nothing: is MONGODB_URI right?")
        _sync_folder(inner)
        with _complete(folder / MANIFEST) as listing:
            listing.write(manifest.sealed())
        _sync_folder(folder)
    except BaseException:
        shutil.rmtree(inner)
        for left in folder.glob(f"{MANIFEST}*"):
            left.unlink()
        raise
    return manifest


def _documents(database: Database[Raw]) -> Iterator[tuple[str, Iterator[Raw]]]:
    """The collections in order, each to be read to its end before the next; see the module."""
    yield "migrations", _read(database, "migrations", {"made": True})
    # These are of sheets as they stand, or as they will be when they are read.
    settled = _last_seq(database)
    next_events: dict[str, int] = {}
    yield "day_sheets", _sheets(database, next_events)
    yield "events", _events(database, settled, next_events)
    yield "doctors", _read(database, "doctors", {})
    yield "allocations", _read(database, "allocations", {})


def _read(database: Database[Raw], collection: str, where: dict[str, object]) -> Iterator[Raw]:
    return iter(database[collection].find(where).sort("_id", 1))


def _sheets(database: Database[Raw], next_events: dict[str, int]) -> Iterator[Raw]:
    """All sheets; `next_events` learns which number each would give its next event."""
    for sheet in _read(database, "day_sheets", {}):
        number = sheet.get("nextEvent")
        # A damaged sheet is kept as it is, with all its events, for who mends it.
        next_events[str(sheet["_id"])] = number if isinstance(number, int) else sys.maxsize
        yield sheet


def _events(database: Database[Raw], settled: int, next_events: dict[str, int]) -> Iterator[Raw]:
    """The events of the sheets as they were read; who comes behind one left out moves up.

    What was trimmed from an outbox before its sheet was read stands in `events` by now.
    """
    left_out = 0
    for event in _read(database, "events", {"_id": {"$lte": _last_seq(database)}}):
        seq, n = event["_id"], event.get("n")
        known = next_events.get(str(event.get("sheet")), 0)
        if seq > settled and isinstance(n, int) and n >= known:
            left_out += 1
        elif left_out:
            yield Raw(bson.encode({**event, "_id": seq - left_out}))
        else:
            yield event


def _last_seq(database: Database[Raw]) -> int:
    last = database["events"].find_one({}, {"_id": 1}, sort=[("_id", -1)])
    seq = 0 if last is None else last["_id"]
    return seq if isinstance(seq, int) else 0


def _write(path: Path, documents: Iterable[Raw]) -> Part:
    count = 0
    with _complete(path) as file:
        hashed = _Hashed(file)
        with gzip.GzipFile(filename="", mode="wb", fileobj=hashed, compresslevel=6) as packed:
            for count, document in enumerate(documents, start=1):  # noqa: B007  # its last value
                packed.write(document.raw)
    return Part(count, hashed.sha256.hexdigest())


class _Hashed:
    """A file that knows the checksum of what was written to it, whatever the disk makes of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def write(self, chunk: bytes) -> int:
        self.sha256.update(chunk)
        return self._file.write(chunk)

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def _complete(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name only once all of it is on the disk."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.touch(mode=0o600, exist_ok=False)
    with unfinished.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


# --------------------------------------------------------------------------------------- restore


def restore(database: Database[Raw], folder: Path, watcher: Watcher) -> Manifest:
    """Write a backup into an empty database, after all of it has been found intact.

    The service makes the indexes when it starts. Raises BackupFailed, and errors of the driver and
    of the file system as long as nothing has been written.
    """
    manifest = check(folder, watcher)
    for collection in database.list_collection_names():
        if database[collection].find_one({}, {"_id": 1}) is not None:
            raise BackupFailed(
                f"the database {database.name} is not empty, {collection} holds documents: "
                "stop the service, then drop the database or name a new one in MONGODB_URI"
            )
    try:
        for collection, part in manifest.collections.items():
            watcher.begin(f"writing {collection}", part.documents)
            for batch in _batches(_unpack(manifest.file(folder, collection))):
                database[collection].insert_many(batch)
                watcher.advance(len(batch))
        for collection, part in manifest.collections.items():
            stored = database[collection].count_documents({})
            if stored != part.documents:
                raise BackupFailed(f"{collection} holds {stored} documents, not {part.documents}")
    except (*_UNREADABLE, PyMongoError, OSError, BackupFailed, KeyboardInterrupt) as error:
        raise BackupFailed(
            f"stopped half-way: {_in_words(error)}. The database {database.name} is incomplete: "
            "drop it before the service uses it"
        ) from error
    return manifest


def check(folder: Path, watcher: Watcher) -> Manifest:
    """The manifest of a backup whose files are all there and intact. Raises BackupFailed."""
    manifest = _read_manifest(folder)
    if manifest.schema_version > SCHEMA_VERSION:
        raise BackupFailed(
            f"{folder} was made by a newer version of the service (schema "
            f"{manifest.schema_version}, this one knows {SCHEMA_VERSION}): restore it with that"
        )
    for collection, part in manifest.collections.items():
        watcher.begin(f"checking {collection}", part.documents)
        file = manifest.file(folder, collection)
        try:
            with file.open("rb") as packed:
                intact = hashlib.file_digest(packed, "sha256").hexdigest() == part.sha256
            count = sum(1 for _ in _counted(_unpack(file), watcher)) if intact else 0
        except FileNotFoundError:
            raise BackupFailed(f"{file} is missing: nothing was restored") from None
        except _UNREADABLE as error:
            raise BackupFailed(f"{file} is damaged ({error}): nothing was restored") from error
        if not intact or count != part.documents:
            raise BackupFailed(f"{file} is damaged: nothing was restored")
    return manifest


_UNREADABLE = (gzip.BadGzipFile, zlib.error, EOFError, InvalidBSON)


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        manifest = msgspec.json.decode(content, type=Manifest)
    except FileNotFoundError:
        raise BackupFailed(f"{path} is missing: this is no backup, or an unfinished one") from None
    except ValueError as error:  # no JSON, no UTF-8, or no manifest
        raise BackupFailed(f"{path} is damaged ({error}): nothing was restored") from None
    if manifest.sealed() != content or set(manifest.collections) != set(COLLECTIONS):
        raise BackupFailed(f"{path} is damaged: nothing was restored")
    return manifest


def _unpack(path: Path) -> Iterator[Raw]:
    with gzip.open(path, "rb") as packed, BufferedReader(packed) as file:
        yield from bson.decode_file_iter(file, codec_options=_RAW)


def _batches(documents: Iterable[Raw]) -> Iterator[list[Raw]]:
    batch: list[Raw] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.raw)
        if len(batch) == _BATCH_DOCUMENTS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _counted(documents: Iterable[Raw], watcher: Watcher) -> Iterator[Raw]:
    """The documents, telling the watcher of every hundred."""
    for place, document in enumerate(documents, start=1):
        yield document
        if place % 100 == 0:
            watcher.advance(100)


# ---------------------------------------------------------------------------------- command line


@contextmanager
def open_database(settings: Settings) -> Iterator[Database[Raw]]:
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


class _Bars:
    """A bar for each step, where there is a terminal to draw it on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def begin(self, what: str, total: int) -> None:
        self.finish()
        self._progress.add_task(what, total=total)

    def advance(self, count: int) -> None:
        self._progress.advance(self._progress.task_ids[-1], count)

    def finish(self) -> None:
        """Fill the last bar: its total was an estimate, or its count is told by the hundred."""
        for task in self._progress.tasks[-1:]:
            total = task.total or 1
            self._progress.update(task.id, total=total, completed=total)


def main() -> None:
    """Back up or restore as the command line says."""
    parser = argparse.ArgumentParser(description="Back up the database, or restore it.")
    parser.add_argument("what", choices=["backup", "restore"])
    parser.add_argument("folder", help="of the backup: new for backup, kept as it is by restore")
    arguments = parser.parse_args()
    what, folder = str(arguments.what), str(arguments.folder)
    if not folder:
        _exit(f"Say where: make {what} {'TO' if what == 'backup' else 'FROM'}=folder")
    try:
        print(_run(what, Path(folder)))
    except BadSettings as error:
        _exit(f"Bad settings: {error}")
    except (BackupFailed, PyMongoError, OSError, KeyboardInterrupt) as error:
        _exit(f"{what.capitalize()} failed: {_in_words(error)}")


def _run(what: str, folder: Path) -> str:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with (
        open_database(load_settings()) as database,
        Progress(
            *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
        ) as progress,
    ):
        bars = _Bars(progress)
        if what == "backup":
            manifest = dump(database, folder, SystemClock().now(), bars)
            done = f"Backed up {database.name} to {folder}"
        else:
            manifest = restore(database, folder, bars)
            taken = f"{manifest.began:%Y-%m-%d %H:%M} UTC"
            done = f"Restored {database.name} from {folder}, as it was at {taken}"
        bars.finish()
    counts = (f"{part.documents:,} {name}" for name, part in manifest.collections.items())
    return f"{done}: {', '.join(counts)}"


def _in_words(error: BaseException) -> str:
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


def _exit(line: str) -> NoReturn:
    sys.stderr.write(f"{line}\n")
    raise SystemExit(2)


if __name__ == "__main__":
    main()
