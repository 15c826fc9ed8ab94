"""Read all of a database into a folder.

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

import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from services.store.codec import SCHEMA_VERSION
from services.store.collections import DAY_SHEETS, EVENTS, MIGRATIONS
from tools.backup.folder import (
    KEPT,
    MANIFEST,
    Manifest,
    Progress,
    complete,
    counted,
    sync_folder,
    write,
)
from tools.backup.raw import BackupFailed, Raw, RawDatabase, with_id


def dump(database: RawDatabase, folder: Path, now: datetime, progress: Progress) -> Manifest:
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
            progress.begin(collection, database.estimate(collection))
            file = manifest.file(folder, collection)
            manifest.collections[collection] = write(file, counted(documents, progress))
        if not any(part.documents for part in manifest.collections.values()):
            raise BackupFailed(f"the database {database.name} holds nothing: is MONGODB_URI right?")
        sync_folder(inner)
        with complete(folder / MANIFEST) as listing:
            listing.write(manifest.sealed())
        sync_folder(folder)
    except BaseException:
        shutil.rmtree(inner)
        for left in folder.glob(f"{MANIFEST}*"):
            left.unlink()
        raise
    return manifest


def _documents(database: RawDatabase) -> Iterator[tuple[str, Iterator[Raw]]]:
    """The collections in order, each to be read to its end before the next; see the module."""
    settled = 0
    next_events: dict[str, int] = {}
    for name in KEPT:
        if name == MIGRATIONS.name:
            made = (each for each in database.read(name) if each.get("made") is True)
            yield name, made
        elif name == DAY_SHEETS.name:
            # These are of sheets as they stand, or as they will be when they are read.
            settled = _last_seq(database)
            yield name, _sheets(database, next_events)
        elif name == EVENTS.name:
            yield name, _events(database, settled, next_events)
        else:
            yield name, database.read(name)


def _sheets(database: RawDatabase, next_events: dict[str, int]) -> Iterator[Raw]:
    """All sheets; `next_events` learns which number each would give its next event."""
    for sheet in database.read(DAY_SHEETS.name):
        number = sheet.get("nextEvent")
        # A damaged sheet is kept as it is, with all its events, for who mends it.
        next_events[str(sheet["_id"])] = number if isinstance(number, int) else sys.maxsize
        yield sheet


def _events(database: RawDatabase, settled: int, next_events: dict[str, int]) -> Iterator[Raw]:
    """The events of the sheets as they were read; who comes behind one left out moves up.

    What was trimmed from an outbox before its sheet was read stands in `events` by now.
    """
    left_out = 0
    last = _last_seq(database)
    for event in database.read(EVENTS.name):
        seq, n = event["_id"], event.get("n")
        if seq > last:
            break
        known = next_events.get(str(event.get("sheet")), 0)
        if seq > settled and isinstance(n, int) and n >= known:
            left_out += 1
        elif left_out:
            yield with_id(event, seq - left_out)
        else:
            yield event


def _last_seq(database: RawDatabase) -> int:
    seq = database.last_id(EVENTS.name)
    return seq if isinstance(seq, int) else 0
