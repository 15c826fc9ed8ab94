"""A collection of the embedded database, as the store asks it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Generic, Protocol

from bson.errors import InvalidBSON
from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteError

from documents import (
    Document,
    Done,
    Duplicate,
    Insert,
    NoAnswer,
    Outcome,
    Refused,
    Undecodable,
    Unknown,
    Why,
    Write,
)
from embedded.query import Mock, Query
from embedded.scratch import Result, Scratch

_DUPLICATE_KEY = 11000
_BAD_VALUE = 2


@dataclass(frozen=True, slots=True)
class Step(Generic[Result]):
    """A change of documents that match `among`; no others matter to it."""

    among: Document
    change: Callable[[Scratch], Result]


class Shelf(Protocol):
    """Where documents of one kind stand. Raises NoAnswer, Duplicate, and mongomock's errors."""

    async def look(self, query: Query) -> list[Document]:
        """The documents that match."""
        ...

    async def change(self, steps: Sequence[Step[Result]]) -> list[Result]:
        """Take steps in one transaction: all are kept, or none.

        Those that matter to the same documents stand one behind the other.
        """
        ...

    async def create_index(self, fields: Sequence[str], *, unique: bool, sparse: bool) -> None:
        """Make an index that is missing."""
        ...


@dataclass(frozen=True)
class EmbeddedCollection:
    """What `documents.Collection` says."""

    _shelf: Shelf
    _no_answer: Callable[[str], Exception] = NoAnswer
    _within: float | None = None

    def raising(
        self, no_answer: Callable[[str], Exception], *, within: float | None = None
    ) -> "EmbeddedCollection":
        return replace(self, _no_answer=no_answer, _within=within)

    async def find(
        self,
        where: Document,
        fields: Document | None = None,
        *,
        order: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        index: Sequence[str] | None = None,  # noqa: ARG002  # SQLite chooses well by itself
    ) -> list[Document]:
        async with self._asking():
            return await self._shelf.look(Query(where, fields, order, descending, limit))

    async def find_one(self, where: Document, fields: Document | None = None) -> Document | None:
        async with self._asking():
            return next(iter(await self._shelf.look(Query(where, fields, limit=1))), None)

    async def insert(self, document: Document) -> None:
        await self._change(_only(document), lambda mock: mock.insert_one(document))

    async def insert_in_order(self, documents: Sequence[Document]) -> None:
        among = {"_id": {"$in": [document["_id"] for document in documents]}}
        await self._change(among, lambda mock: mock.insert_many(documents))

    async def update(self, where: Document, change: Document, *, upsert: bool = False) -> bool:
        def update(mock: Mock) -> bool:
            matched: int = mock.update_one(where, change, upsert=upsert).matched_count
            return matched == 1

        return await self._change(_only(where), update)

    async def update_all(self, where: Document, change: Document) -> None:
        await self._change(where, lambda mock: mock.update_many(where, change))

    async def update_and_find(
        self, where: Document, change: Document, fields: Document
    ) -> Document | None:
        def update(mock: Mock) -> Document | None:
            found: Document | None = mock.find_one_and_update(
                where, change, dict(fields), return_document=ReturnDocument.AFTER
            )
            return found

        return await self._change(_only(where), update)

    async def delete(self, where: Document) -> None:
        await self._change(_only(where), lambda mock: mock.delete_one(where))

    async def delete_all(self, where: Document) -> None:
        await self._change(where, lambda mock: mock.delete_many(where))

    async def create_index(
        self, fields: Sequence[str], *, unique: bool = False, sparse: bool = False
    ) -> None:
        async with self._asking():
            await self._shelf.create_index(fields, unique=unique, sparse=sparse)

    async def write(self, writes: Sequence[Write]) -> list[Outcome]:
        outcomes: list[Outcome] = [Unknown()] * len(writes)
        places = sorted(range(len(writes)), key=lambda place: _id_of(writes[place]))
        try:
            taken = await self._shelf.change([_step(writes[place]) for place in places])
        except NoAnswer as error:
            return [Unknown(str(error))] * len(writes)
        for place, outcome in zip(places, taken, strict=True):
            outcomes[place] = outcome
        return outcomes

    async def _change(self, among: Document, change: Callable[[Mock], Result]) -> Result:
        async with self._asking():
            step = Step(among, lambda scratch: scratch.change(change))
            (result,) = await self._shelf.change([step])
            return result

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._within):
                yield
        except TimeoutError as error:
            raise self._no_answer(f"no answer in {self._within} seconds") from error
        except NoAnswer as error:
            raise self._no_answer(str(error)) from error
        except (DuplicateKeyError, BulkWriteError) as error:
            raise Duplicate from error
        except InvalidBSON as error:
            raise Undecodable(type(error).__name__) from error


def _only(document: Document) -> Document:
    """Finds the one document of that `_id`."""
    return {"_id": document["_id"]}


def _id_of(write: Write) -> str:
    return str((write.document if isinstance(write, Insert) else write.where)["_id"])


def _step(write: Write) -> Step[Outcome]:
    def update(mock: Mock) -> Outcome:
        if isinstance(write, Insert):
            mock.insert_one(write.document)
            return Done()
        result = mock.update_one(write.where, write.change, upsert=write.upsert)
        took_place = result.matched_count == 1 or result.upserted_id is not None
        return Done() if took_place else Unknown()

    def take(scratch: Scratch) -> Outcome:
        try:
            return scratch.change(update)
        except DuplicateKeyError:
            return Refused(Why.EXISTS, _DUPLICATE_KEY)
        except (WriteError, TypeError, LookupError, AttributeError):
            # What a server refuses, mongomock often stumbles over.
            return Refused(Why.UNFIT, _BAD_VALUE)

    return Step(_only(write.document if isinstance(write, Insert) else write.where), take)
