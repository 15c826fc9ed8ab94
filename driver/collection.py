"""A collection behind the driver, as the store asks it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bson.errors import InvalidBSON
from pymongo import InsertOne, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from documents import (
    Document,
    Done,
    Duplicate,
    Insert,
    NoAnswer,
    Outcome,
    Undecodable,
    Unknown,
    Unsent,
    Update,
    Write,
)
from driver.errors import cause_of
from driver.outcomes import is_duplicate, outcomes, watching


@contextmanager
def translated(no_answer: Callable[[str], Exception]) -> Iterator[None]:
    """What the driver raises, in our words."""
    try:
        yield
    except (DuplicateKeyError, BulkWriteError) as error:
        if is_duplicate(error):
            raise Duplicate from error
        raise no_answer(cause_of(error)) from error
    except PyMongoError as error:
        raise no_answer(cause_of(error)) from error
    except InvalidBSON as error:
        raise Undecodable(type(error).__name__) from error


@dataclass(frozen=True)
class ServersCollection:
    """What `documents.Collection` says, of a server."""

    _documents: AsyncCollection[Document]
    _no_answer: Callable[[str], Exception] = NoAnswer
    _within: float | None = None

    def raising(
        self, no_answer: Callable[[str], Exception], *, within: float | None = None
    ) -> "ServersCollection":
        return replace(self, _no_answer=no_answer, _within=within)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        try:
            with translated(self._no_answer):
                async with asyncio.timeout(self._within):
                    yield
        except TimeoutError as error:
            raise self._no_answer(f"no answer in {self._within} seconds") from error

    async def find(
        self,
        where: Document,
        fields: Document | None = None,
        *,
        order: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        index: Sequence[str] | None = None,
    ) -> list[Document]:
        async with self._asking():
            cursor = self._documents.find(where, fields)
            if order is not None:
                cursor = cursor.sort([(order, -1 if descending else 1)])
            if limit is not None:
                cursor = cursor.limit(limit)
            if index is not None:
                cursor = cursor.hint([(field, 1) for field in index])
            return await cursor.to_list(None)

    async def find_one(self, where: Document, fields: Document | None = None) -> Document | None:
        async with self._asking():
            return await self._documents.find_one(where, fields)

    async def insert(self, document: Document) -> None:
        async with self._asking():
            await self._documents.insert_one(document)

    async def insert_in_order(self, documents: Sequence[Document]) -> None:
        async with self._asking():
            await self._documents.insert_many(documents)

    async def update(self, where: Document, change: Document, *, upsert: bool = False) -> bool:
        async with self._asking():
            result = await self._documents.update_one(where, change, upsert=upsert)
            return result.matched_count == 1

    async def update_all(self, where: Document, change: Document) -> None:
        async with self._asking():
            await self._documents.update_many(where, change)

    async def update_and_find(
        self, where: Document, change: Document, fields: Document
    ) -> Document | None:
        async with self._asking():
            return await self._documents.find_one_and_update(
                where, change, fields, return_document=True
            )

    async def delete(self, where: Document) -> None:
        async with self._asking():
            await self._documents.delete_one(where)

    async def delete_all(self, where: Document) -> None:
        async with self._asking():
            await self._documents.delete_many(where)

    async def create_index(
        self, fields: Sequence[str], *, unique: bool = False, sparse: bool = False
    ) -> None:
        # An index is the same only where it has the same options: what is False is left out.
        options: dict[str, Any] = {"unique": True} if unique else {}
        if sparse:
            options["sparse"] = True
        async with self._asking():
            await self._documents.create_index([(field, 1) for field in fields], **options)

    async def write(self, writes: Sequence[Write]) -> list[Outcome]:
        """Send writes as one unordered bulk; what became of each, in the order given. No errors.

        They are sent in order of `_id`: a server that carries out a bulk as one transaction
        would else let two of them wait for each other.
        """
        indexes = sorted(range(len(writes)), key=lambda index: _id_of(writes[index]))
        inorder = [writes[index] for index in indexes]
        answered = await self._write_all(inorder)
        told: list[Outcome] = [Unknown()] * len(writes)
        for index, outcome in zip(indexes, answered, strict=True):
            told[index] = outcome
        return told

    async def _write_all(self, writes: Sequence[Write]) -> list[Outcome]:
        requests: list[InsertOne[Document] | UpdateOne] = [
            InsertOne(write.document)
            if isinstance(write, Insert)
            else UpdateOne(write.where, write.change, upsert=write.upsert)
            for write in writes
        ]
        with watching() as sending:
            try:
                result = await self._documents.bulk_write(requests, ordered=False)
            except BulkWriteError as error:
                return outcomes(len(writes), error.details)
            except PyMongoError as error:
                name = type(error).__name__
                return [Unknown(name) if sending.begun else Unsent(name)] * len(writes)
        if result.matched_count + result.inserted_count + result.upserted_count == len(writes):
            return [Done()] * len(writes)
        return [Unknown()] * len(writes)


def _id_of(write: Write) -> str:
    return str((write.where if isinstance(write, Update) else write.document)["_id"])
