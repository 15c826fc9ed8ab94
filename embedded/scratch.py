"""mongomock, which knows MongoDB's queries and updates, asked about the documents in question alone.

It looks at every document of a collection for each question: beside 20,000 an insert took 43 ms.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Set
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

from bson import decode, encode
from mongomock import MongoClient
from mongomock.store import ServerStore

from documents import Document
from embedded.query import Mock
from embedded.sqlite_file import Key

Result = TypeVar("Result")
_Touched = list[tuple[MutableMapping[str, object], bytes]]


class _Store(Protocol):
    """How mongomock holds the documents of a collection."""

    @property
    def documents(self) -> Iterable[Any]: ...
    def __getitem__(self, key: Key) -> Document: ...
    def __setitem__(self, key: Key, document: Document) -> None: ...
    def __delitem__(self, key: Key) -> None: ...


class Scratch:
    """A mongomock collection that is empty but for the length of a question."""

    def __init__(self) -> None:
        # mongomock says little of its types; a collection does as PyMongo's.
        stores = cast(Callable[[], Mapping[str, Mapping[str, _Store]]], ServerStore)()
        self._store = stores["scratch"]["documents"]
        client = cast(Callable[..., Mapping[str, Mapping[str, Mock]]], MongoClient)(
            tz_aware=True, _store=stores
        )
        self._mock = client["scratch"]["documents"]
        self._touched: _Touched = []
        self._held: Set[Key] = frozenset()

    def be_unique(self, fields: list[str], *, sparse: bool) -> None:
        """Refuse documents that are alike in these fields."""
        order = [(field, 1) for field in fields]
        self._mock.create_index(order, unique=True, sparse=sparse)

    @contextmanager
    def holding(self, documents: Mapping[Key, bytes]) -> Iterator[Mock]:
        """The collection with these documents in it, and no others."""
        self._held = documents.keys()
        for key, document in documents.items():
            self._store[key] = _Held(document, self._touched)
        try:
            yield self._mock
        finally:
            for document in list(self._store.documents):
                del self._store[document["_id"]]
            self._touched.clear()

    def change(self, change: Callable[[Mock], Result]) -> Result:
        """Have mongomock change something; if that raises, it did not."""
        touched = len(self._touched)
        try:
            return change(self._mock)
        except Exception:
            for document, before in self._touched[touched:]:
                document.clear()
                document.update(decode(before))
            raise

    def changed(self) -> dict[Key, Document | None]:
        """What is not as it was when it came; None for what is gone."""
        there = {document["_id"]: document for document in self._store.documents}
        touched = {document["_id"] for document, _ in self._touched}
        gone: dict[Key, Document | None] = dict.fromkeys(self._held - there.keys())
        return gone | {
            key: document
            for key, document in there.items()
            if not isinstance(document, _Held) or key in touched
        }


class _Held(dict[str, object]):
    """A document that notes what it was before mongomock changed it.

    mongomock makes a deep copy just before, which by BSON takes a tenth of the time.
    """

    def __init__(self, document: bytes, touched: _Touched) -> None:
        super().__init__(decode(document))
        self._untouched: bytes | None = document
        self._touched = touched

    def __deepcopy__(self, memo: object) -> dict[str, object]:
        before = self._untouched or encode(self)
        self._untouched = None
        self._touched.append((self, before))
        return decode(before)
