"""Documents that are held in memory as BSON, read from the file at the start."""

import asyncio
import operator
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import groupby
from sqlite3 import Connection
from typing import Any

from bson import decode, encode
from mongomock.filtering import filter_applies

from documents import Document
from embedded.collection import Step
from embedded.query import Query
from embedded.scratch import Result, Scratch
from embedded.sqlite_file import Key, SqliteFile

_Keys = Set[Key] | None
"""Of documents; None: it may be any."""

_applies: Callable[[Document, Document], bool] = filter_applies


_COMPARING: Mapping[str, Callable[[Any, Any], bool]] = {
    "$lt": operator.lt,
    "$lte": operator.le,
    "$gt": operator.gt,
    "$gte": operator.ge,
}


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
        self._having: dict[str, dict[Key, object]] = {}
        """By field that not all have: its value in those that have it."""
        self._under_way: list[_Keys] = []
        self._freed = asyncio.Condition()

    async def look(self, query: Query) -> list[Document]:
        among = self._among(query.where)
        if query.whole_fields:
            return query.among(among.values())
        with self._scratch.holding(among) as mock:
            return query.ask(mock)

    async def change(self, steps: Sequence[Step[Result]]) -> list[Result]:
        return await self._file.unbroken(self._change(steps))

    async def create_index(self, fields: Sequence[str], *, unique: bool, sparse: bool) -> None:
        if unique:
            self._unique = True
            self._scratch.be_unique(list(fields), sparse=sparse)
        elif sparse:
            field = fields[0]
            decoded = ((key, decode(raw)) for key, raw in self._documents.items())
            self._having[field] = {
                key: document[field] for key, document in decoded if field in document
            }

    async def _change(self, steps: Sequence[Step[Result]]) -> list[Result]:
        async with self._alone_with(self._concerned(steps)):
            results, changed = self._take(steps)
            if changed:
                kept = {
                    key: None if document is None else encode(document)
                    for key, document in changed.items()
                }
                await self._file.write(lambda connection: self._save(connection, kept))
                self._enter(kept, changed)
        return results

    def _concerned(self, steps: Sequence[Step[Result]]) -> _Keys:
        if self._unique:
            return None  # whether a document is unique is not found out among some
        conditions = [step.among.get("_id") for step in steps]
        if not all(isinstance(condition, str | int) for condition in conditions):
            return None
        return {condition for condition in conditions if isinstance(condition, str | int)}

    @asynccontextmanager
    async def _alone_with(self, keys: _Keys) -> AsyncIterator[None]:
        """While these documents, None: any, are changed by nobody else; changes of others go on."""
        async with self._freed:
            await self._freed.wait_for(
                lambda: not any(_meet(keys, others) for others in self._under_way)
            )
            self._under_way.append(keys)
        try:
            yield
        finally:
            async with self._freed:
                self._under_way.remove(keys)
                self._freed.notify_all()

    def _take(
        self, steps: Sequence[Step[Result]]
    ) -> tuple[list[Result], dict[Key, Document | None]]:
        """What the steps answer and change; those of one document come one after the other."""
        results = []
        changed: dict[Key, Document | None] = {}
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
                    having[key] = _as_stored(document[field])

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
                return self._few(where)
            case condition:
                admits = _admitting(condition) or (
                    lambda key: _applies({"_id": condition}, {"_id": key})
                )
                return [key for key in self._few(where) if admits(key)]

    def _few(self, where: Document) -> list[Key]:
        """As few as a field tells that not all have; else all."""
        found = [
            [key for key, value in having.items() if admits(value)]
            for field, having in self._having.items()
            if (admits := _admitting(where.get(field))) is not None
        ]
        return min(found, key=len) if found else list(self._documents)

    def _save(self, connection: Connection, changed: Mapping[Key, bytes | None]) -> None:
        kept = [(self._name, key, raw) for key, raw in changed.items() if raw is not None]
        connection.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", kept)
        gone = [(self._name, key) for key, raw in changed.items() if raw is None]
        connection.executemany("DELETE FROM documents WHERE collection = ? AND id = ?", gone)


def _meet(keys: _Keys, others: _Keys) -> bool:
    return keys is None or others is None or not keys.isdisjoint(others)


def _admitting(condition: object) -> Callable[[object], bool] | None:
    """What tells whether a value may meet it; None where a missing one may, or nobody knows here."""
    if isinstance(condition, str | int | datetime):
        wanted = _as_stored(condition)
        return lambda value: value == wanted or isinstance(value, list)
    if not isinstance(condition, dict) or not condition.keys() <= _COMPARING.keys():
        return None
    if None in condition.values():
        return None
    bounds = [(_COMPARING[word], _as_stored(bound)) for word, bound in condition.items()]
    return lambda value: all(_may_meet(compares, value, bound) for compares, bound in bounds)


def _may_meet(compares: Callable[[Any, Any], bool], value: object, bound: object) -> bool:
    """Of things of two kinds mongomock is asked."""
    try:
        return compares(value, bound)
    except TypeError:
        return True


def _as_stored(value: object) -> object:
    """A value as it comes back from BSON: a time has no zone there, and whole milliseconds."""
    return decode(encode({"": value}))[""]
