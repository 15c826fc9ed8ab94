"""Write a backup into an empty database."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.backup.folder import UNREADABLE, Manifest, Progress, check, unpack
from tools.backup.raw import DATABASE_ERRORS, BackupFailed, Raw, RawDatabase, in_words

_BATCH_DOCUMENTS = 1000
_BATCH_BYTES = 8_000_000


def restore(database: RawDatabase, folder: Path, progress: Progress) -> Manifest:
    """Write a backup into an empty database, after all of it has been found intact.

    The service makes the indexes when it starts. Raises BackupFailed, and errors of the driver and
    of the file system as long as nothing has been written.
    """
    manifest = check(folder, progress)
    for collection in database.filled():
        raise BackupFailed(
            f"the database {database.name} is not empty, {collection} holds documents: stop the "
            "service, then drop the database or name a new one in MONGODB_URI or EMBEDDED_FILE"
        )
    try:
        for collection, part in manifest.collections.items():
            progress.begin(f"writing {collection}", part.documents)
            for batch in _batches(unpack(manifest.file(folder, collection))):
                database.insert(collection, batch)
                progress.advance(len(batch))
        for collection, part in manifest.collections.items():
            stored = database.count(collection)
            if stored != part.documents:
                raise BackupFailed(f"{collection} holds {stored} documents, not {part.documents}")
    except (*UNREADABLE, *DATABASE_ERRORS, OSError, BackupFailed, KeyboardInterrupt) as error:
        why = f"stopped half-way: {in_words(error)}. {database.if_unfinished}"
        raise BackupFailed(why) from error
    return manifest


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
