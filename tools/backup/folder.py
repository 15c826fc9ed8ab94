"""The folder of a backup: a file of documents for each collection, and the manifest."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
from msgspec import Struct

from services.store.codec import SCHEMA_VERSION
from services.store.collections import COLLECTIONS
from tools.backup.raw import BackupFailed, Raw, Undecodable, decode

KEPT = tuple(kind.name for kind in COLLECTIONS if kind.backed_up)
"""The collections of a backup, in the order in which they are read."""
MANIFEST = "manifest.json"
UNREADABLE = (gzip.BadGzipFile, zlib.error, EOFError, Undecodable)
"""What reading a damaged file raises."""


class Progress(Protocol):
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


def check(folder: Path, progress: Progress) -> Manifest:
    """The manifest of a backup whose files are all there and intact. Raises BackupFailed."""
    manifest = _read_manifest(folder)
    if manifest.schema_version > SCHEMA_VERSION:
        raise BackupFailed(
            f"{folder} was made by a newer version of the service (schema "
            f"{manifest.schema_version}, this one knows {SCHEMA_VERSION}): restore it with that"
        )
    for collection, part in manifest.collections.items():
        progress.begin(f"checking {collection}", part.documents)
        file = manifest.file(folder, collection)
        try:
            with file.open("rb") as packed:
                intact = hashlib.file_digest(packed, "sha256").hexdigest() == part.sha256
            count = sum(1 for _ in counted(unpack(file), progress)) if intact else 0
        except FileNotFoundError:
            raise BackupFailed(f"{file} is missing: nothing was restored") from None
        except UNREADABLE as error:
            raise BackupFailed(f"{file} is damaged ({error}): nothing was restored") from error
        if not intact or count != part.documents:
            raise BackupFailed(f"{file} is damaged: nothing was restored")
    return manifest


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        manifest = msgspec.json.decode(content, type=Manifest)
    except FileNotFoundError:
        raise BackupFailed(f"{path} is missing: this is no backup, or an unfinished one") from None
    except ValueError as error:  # no JSON, no UTF-8, or no manifest
        raise BackupFailed(f"{path} is damaged ({error}): nothing was restored") from None
    if manifest.sealed() != content or set(manifest.collections) != set(KEPT):
        raise BackupFailed(f"{path} is damaged: nothing was restored")
    return manifest


def unpack(path: Path) -> Iterator[Raw]:
    """The documents of a collection's file. Raises one of UNREADABLE."""
    with gzip.open(path, "rb") as packed, BufferedReader(packed) as file:
        yield from decode(file)


def write(path: Path, documents: Iterable[Raw]) -> Part:
    """Write a collection's file."""
    count = 0
    with complete(path) as file:
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
def complete(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name only once all of it is on the disk."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.touch(mode=0o600, exist_ok=False)
    with unfinished.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def counted(documents: Iterable[Raw], progress: Progress) -> Iterator[Raw]:
    """The documents, telling the watcher of every hundred."""
    for place, document in enumerate(documents, start=1):
        yield document
        if place % 100 == 0:
            progress.advance(100)
