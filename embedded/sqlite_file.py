"""The SQLite file: one process holds it, and what was committed is on the disk."""

import asyncio
import fcntl
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Generic, TypeVar, cast

from config import IN_MEMORY, BadSettings
from documents import NoAnswer

Key = str | int
Result = TypeVar("Result")

_LAYOUT = 1
"""Which tables there are, kept as the file's `user_version`; a new file has 0."""
_TABLES = """
CREATE TABLE documents (collection TEXT NOT NULL, id NOT NULL, document BLOB NOT NULL,
                        PRIMARY KEY (collection, id));
CREATE TABLE events (seq INTEGER PRIMARY KEY, sheet TEXT, n INTEGER, tokenId TEXT, patientId TEXT,
                     document BLOB NOT NULL);
"""
"""`document` is BSON. The columns of `events` are fields of it, by which they are found."""


class _Work(Generic[Result]):
    """A piece of a transaction that others may share; what is unfit in it fails it alone."""

    def __init__(self, work: Callable[[Connection], Result]) -> None:
        self._work = work
        self._outcome: Result | Exception | None = None

    def do(self, connection: Connection) -> None:
        """Raises sqlite3.Error where nothing can be written."""
        connection.execute("SAVEPOINT work")
        try:
            self._outcome = self._work(connection)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
                raise
            self._outcome = error
            connection.execute("ROLLBACK TO work")
        connection.execute("RELEASE work")

    def fail(self, error: Exception) -> None:
        """Nothing of its transaction took place."""
        self._outcome = error

    def result(self) -> Result:
        """What came of it. Raises its error."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return cast(Result, self._outcome)


class SqliteFile:
    """An open file, or a database in memory alone.

    Work on a file is done in one thread, one piece after the other, so that the event loop waits
    for no disk. What is to be written while a commit waits for the disk is committed together next:
    the disk takes as long for one change as for many. In memory there is no disk to wait for: all is
    done at once, and never yields.
    """

    def __init__(self, name: str) -> None:
        """Make the file if it is new, and read its `documents`. Raises BadSettings."""
        self._name = name
        self._in_memory = name == IN_MEMORY
        self._lock = None if self._in_memory else lock_file(Path(name))
        try:
            self._connection = connect_file(name)
            self.documents = _read(self._connection)
        except (sqlite3.Error, OSError) as error:
            if self._lock is not None:
                os.close(self._lock)
            why = error.strerror if isinstance(error, OSError) else error
            raise BadSettings(f"EMBEDDED_FILE: {name}: {why}") from None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedded")
        self._going_on: set[asyncio.Task[object]] = set()
        self._waiting: deque[_Work[Any]] = deque()

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Read what was committed. Raises NoAnswer."""
        return await self._run(lambda: work(self._connection))

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Write: all or nothing is on the disk afterwards. Its caller stays: see `unbroken`.

        Raises NoAnswer, and sqlite3.IntegrityError where something would not be unique.
        """
        waiting = _Work(work)
        self._waiting.append(waiting)
        await self._run(self._commit_waiting)
        with self._translated():
            return waiting.result()

    async def unbroken(self, change: Coroutine[None, None, Result]) -> Result:
        """Go through with a change to its end, also when its caller leaves."""
        if self._in_memory:
            return await change
        task = asyncio.create_task(change)
        self._going_on.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """See changes that are under way to their end, and let the file go."""
        if self._going_on:
            await asyncio.wait(self._going_on)
        self._thread.shutdown()
        self._connection.close()
        if self._lock is not None:
            os.close(self._lock)

    async def _run(self, work: Callable[[], Result]) -> Result:
        with self._translated():
            if self._in_memory:
                return work()
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise NoAnswer(f"{self._name}: {error}") from error

    def _commit_waiting(self) -> None:
        """Commit all that waits; nothing may, if what was committed before took it along."""
        works = []
        while self._waiting:
            works.append(self._waiting.popleft())
        if not works:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for work in works:
                work.do(self._connection)
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  # each of them is told
            with suppress(sqlite3.Error):  # what failed may have ended the transaction itself
                self._connection.execute("ROLLBACK")
            for work in works:
                work.fail(error)

    def _ended(self, task: "asyncio.Task[object]") -> None:
        self._going_on.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also when its caller has left


def lock_file(path: Path) -> int:
    """Hold the file as long as this process lives, however it ends.

    The lock is on a file beside it: SQLite's own locks end when any handle of the file is closed.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BadSettings(f"EMBEDDED_FILE: {path}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise BadSettings(
            f"EMBEDDED_FILE: {path} is in use by another process, and only one can use it; "
            "several need a database: set MONGODB_URI"
        ) from None
    return lock


def connect_file(name: str) -> Connection:
    """Open it so that a commit is on the disk before it returns."""
    if name != IN_MEMORY:
        os.close(os.open(name, os.O_RDWR | os.O_CREAT, 0o600))  # its owner's alone
    connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if layout == 0:
        connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_LAYOUT}; COMMIT;")
        _sync_folder(name)
    elif layout != _LAYOUT:
        raise sqlite3.DatabaseError(f"has layout {layout}, this version knows {_LAYOUT}")
    return connection


def _read(connection: Connection) -> dict[str, dict[Key, bytes]]:
    """The documents of each collection, but for `events`."""
    documents: dict[str, dict[Key, bytes]] = {}
    for collection, key, raw in connection.execute("SELECT * FROM documents ORDER BY rowid"):
        documents.setdefault(collection, {})[key] = raw
    return documents


def _sync_folder(name: str) -> None:
    """Have the names of the new files on the disk too."""
    if name == IN_MEMORY:
        return
    folder = os.open(Path(name).parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
