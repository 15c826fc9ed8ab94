"""Documents that are held in memory as BSON, read from the file at the start."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from sqlite3 import Connection

from bson import decode, encode
from mongomock.filtering import filter_applies

from documents import Document
from embedded.collection import Query, Step
from embedded.scratch import Result, Scratch
from embedded.sqlite_file import Key, SqliteFile

_applies: Callable[[Document, Document], bool] = filter_applies


class MemoryShelf:
    """Memory never holds what the file does not keep: a change enters it once it is committed.

    So whoever reads meanwhile sees what is kept, and of a change that fails nothing is to be undone.
    """

    def __init__(self, file: SqliteFile, name: str, documents: dict[Key, bytes]) -> None:
        """`documents` are those of the file."""
        self._file = file
        self._name = name
        self._documents = documents
        self._scratch = Scratch()
        self._unique = False
        self._having: dict[str, dict[Key, None]] = {}
        self._one_change = asyncio.Lock()

    async def look(self, query: Query) -> list[Document]:
        with self._scratch.holding(self._among(query.where)) as mock:
            return query.ask(mock)

    async def change(self, steps: Sequence[Step[Result]]) -> list[Result]:
        return await self._file.unbroken(self._change(steps))

    async def create_index(self, fields: Sequence[str], *, unique: bool, sparse: bool) -> None:
        if unique:
            self._unique = True
            self._scratch.be_unique(list(fields), sparse=sparse)
        elif sparse and len(fields) == 1:
            (field,) = fields
            having = (key for key, raw in self._documents.items() if field in decode(raw))
            self._having[field] = dict.fromkeys(having)

    async def _change(self, steps: Sequence[Step[Result]]) -> list[Result]:
        async with self._one_change:
            results, changed = self._take(steps)
            if changed:
                kept = {
                    key: None if document is None else encode(document)
                    for key, document in changed.items()
                }
                await self._file.write(lambda connection: self._save(connection, kept))
                self._enter(kept, changed)
        return results

    def _take(
        self, steps: Sequence[Step[Result]]
    ) -> tuple[list[Result], dict[Key, Document | None]]:
        """What the steps answer and change; those of one document come one after the other."""
        results = []
        changed: dict[Key, Document | None] = {}
        # Whether a document is unique is not found out among some.
        everything: Document = {}
        for among, group in groupby(
            steps, key=lambda step: everything if self._unique else step.among
        ):
            with self._scratch.holding(self._among(among)):
                results += [step.change(self._scratch) for step in group]
                changed.update(self._scratch.changed())
        return results, changed

    def _enter(
        self, kept: Mapping[Key, bytes | None], documents: Mapping[Key, Document | None]
    ) -> None:
        for key, raw in kept.items():
            if raw is None:
                self._documents.pop(key, None)
            else:
                self._documents[key] = raw
            document = documents[key] or {}
            for field, having in self._having.items():
                having.pop(key, None)
                if field in document:
                    having[key] = None

    def _among(self, where: Document) -> dict[Key, bytes]:
        """The documents among which are all that match: by `_id`, or a field that few have."""
        keys = self._keys(where)
        return {key: self._documents[key] for key in keys if key in self._documents}

    def _keys(self, where: Document) -> Sequence[Key]:
        match where.get("_id"):
            case str() | int() as key:
                return [key]
            case {"$in": list() as keys}:
                return keys
            case None:
                few = [self._having[field] for field in self._having if where.get(field) is True]
                return list(min(few, key=len) if few else self._documents)
            case condition:
                return [
                    key for key in self._documents if _applies({"_id": condition}, {"_id": key})
                ]

    def _save(self, connection: Connection, changed: Mapping[Key, bytes | None]) -> None:
        kept = [(self._name, key, raw) for key, raw in changed.items() if raw is not None]
        connection.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", kept)
        gone = [(self._name, key) for key, raw in changed.items() if raw is None]
        connection.executemany("DELETE FROM documents WHERE collection = ? AND id = ?", gone)
