"""The file as documents in BSON, for copying them: a backup, and what is restored from one."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bson import decode

from config import IN_MEMORY, BadSettings
from embedded.event_shelf import EVENTS, save_events
from embedded.sqlite_file import connect_file, lock_file


class RawFile:
    """An open file, within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def filled(self) -> list[str]:
        """The collections that hold documents."""
        rows = self._connection.execute("SELECT DISTINCT collection FROM documents").fetchall()
        return [*(name for (name,) in rows), *([EVENTS] if self.count(EVENTS) else [])]

    def count(self, collection: str) -> int:
        """How many documents there are."""
        return int(self._first(collection, "count(*)"))

    def last_id(self, collection: str) -> object:
        """The highest `_id`, None where there is none."""
        return self._first(collection, "max(seq)" if collection == EVENTS else "max(id)")

    def read(self, collection: str) -> Iterator[bytes]:
        """The documents in order of `_id`."""
        order = "seq" if collection == EVENTS else "id"
        for (raw,) in self._select(collection, "document", f"ORDER BY {order}"):
            yield raw

    def insert(self, collection: str, documents: Sequence[bytes]) -> None:
        """Store new documents. Raises sqlite3.Error."""
        decoded = [(decode(raw), raw) for raw in documents]
        if collection == EVENTS:
            save_events(self._connection, decoded)
        else:
            rows = [(collection, document["_id"], raw) for document, raw in decoded]
            self._connection.executemany("INSERT INTO documents VALUES (?, ?, ?)", rows)

    def _first(self, collection: str, what: str) -> int:
        (found,) = self._select(collection, what).fetchone()
        return found  # type: ignore[no-any-return]  # an integer, or what an `_id` is

    def _select(self, collection: str, what: str, order: str = "") -> sqlite3.Cursor:
        if collection == EVENTS:
            return self._connection.execute(f"SELECT {what} FROM events {order}")  # noqa: S608  # words of this module
        return self._connection.execute(
            f"SELECT {what} FROM documents WHERE collection = ? {order}",  # noqa: S608  # words of this module
            (collection,),
        )


@contextmanager
def open_raw(name: str, *, writing: bool) -> Iterator[RawFile]:
    """The file as it is at this moment, whatever the service goes on to write.

    To be written it must be free; all is written, or nothing if the block raises. Raises
    BadSettings, sqlite3.Error and OSError.
    """
    path = Path(name)
    if name == IN_MEMORY or not (writing or path.is_file()):
        raise BadSettings(f"EMBEDDED_FILE: {name}: there is no such file, and no MONGODB_URI")
    lock = lock_file(path) if writing else None
    try:
        with closing(connect_file(name)) as connection:
            connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            connection.execute("SELECT count(*) FROM documents").fetchone()  # the moment is now
            yield RawFile(connection)
            connection.execute("COMMIT")
    finally:
        if lock is not None:
            os.close(lock)
