"""A query, and what it finds: mongomock says which documents match, as MongoDB would.

It is asked document by document. A collection of its own copies what it finds three times, in
Python: of a day with 60 tokens that took five times as long as decoding it.
"""

from collections.abc import Callable, Iterable
from collections.abc import Collection as Group
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bson import CodecOptions, decode, encode
from bson.raw_bson import RawBSONDocument
from mongomock.filtering import filter_applies, resolve_sort_key
from pymongo.collection import Collection

from documents import Document

Mock = Collection[Document]

_applies: Callable[[Document, Document], bool] = filter_applies
_place: Callable[[str, Document], Any] = resolve_sort_key
_LARGE = 4096
"""Bytes of a document from which on to decode all of it costs more than to look for a part."""
_WITH_ZONE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for, in the words of `documents.Collection.find`."""

    where: Document
    fields: Document | None = None
    order: str | None = None
    descending: bool = False
    limit: int | None = None

    @property
    def whole_fields(self) -> bool:
        """Whether no part of a field is asked for: of parts a collection of mongomock knows."""
        return self.fields is None or not any("." in field for field in self.fields)

    def among(self, documents: Iterable[bytes]) -> list[Document]:
        """What matches among these; no more of them is read than need be."""
        where = as_stored(self.where)
        needed = self._needed
        decoded = (decode(_part(raw, needed), _WITH_ZONE) for raw in documents)
        matching: Iterable[Document] = (each for each in decoded if _applies(where, each))
        if (order := self.order) is not None:
            matching = sorted(
                matching, key=lambda each: _place(order, each), reverse=self.descending
            )
        return [_only(each, self.fields) for each in islice(matching, self.limit)]

    @property
    def _needed(self) -> Group[str] | None:
        """The fields that the question is about; None: it may be any."""
        if not self.fields or not all(self.fields.values()):
            return None
        if any("$" in field or "." in field for field in self.where):
            return None
        return {"_id", *self.where, *self.fields, *([self.order] if self.order else [])}

    def ask(self, mock: Mock) -> list[Document]:
        """What matches among the documents that a collection of mongomock holds."""
        cursor = mock.find(self.where, None if self.fields is None else dict(self.fields))
        if self.order is not None:
            cursor = cursor.sort(self.order, -1 if self.descending else 1)
        if self.limit is not None:
            cursor = cursor.limit(self.limit)
        return list(cursor)


def as_stored(where: Document) -> Document:
    """A condition with its values as they come out of the file: a time in whole milliseconds."""
    return decode(encode(where), _WITH_ZONE)


def _part(raw: bytes, fields: Group[str] | None) -> bytes:
    """These fields of a document; the others of a large one are spared the decoding."""
    if fields is None or len(raw) < _LARGE:
        return raw
    whole = RawBSONDocument(raw)
    return encode({name: whole[name] for name in fields if name in whole})


def _only(document: Document, fields: Document | None) -> Document:
    """A document with these fields (1) and its `_id`, or without these (0)."""
    if not fields:
        return document
    if any(fields.values()):
        return {name: document[name] for name in ("_id", *fields) if name in document}
    return {name: value for name, value in document.items() if name not in fields}
