"""The embedded database: opened, asked for its collections, closed."""

from documents import EMBEDDED
from embedded.collection import EmbeddedCollection, Shelf
from embedded.event_shelf import EVENTS, EventShelf
from embedded.memory_shelf import MemoryShelf
from embedded.sqlite_file import SqliteFile


class EmbeddedDatabase:
    """What `documents.Database` says."""

    driver = EMBEDDED

    def __init__(self, file: SqliteFile, name: str) -> None:
        self.name = name
        self._file = file
        self._shelves: dict[str, Shelf] = {}

    def __getitem__(self, collection: str) -> EmbeddedCollection:
        shelf = self._shelves.get(collection)
        if shelf is None:
            shelf = self._shelves[collection] = self._open(collection)
        return EmbeddedCollection(shelf)

    def _open(self, collection: str) -> Shelf:
        if collection == EVENTS:
            return EventShelf(self._file)
        return MemoryShelf(self._file, collection, self._file.documents.pop(collection, {}))

    async def server_time(self) -> None:
        """None: there is no other clock."""

    async def close(self) -> None:
        await self._file.close()


def open_embedded(path: str, name: str) -> EmbeddedDatabase:
    """Open the file, or memory alone. Raises BadSettings when it can't be used."""
    return EmbeddedDatabase(SqliteFile(path), name)
