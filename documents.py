"""What a database is to the service, whatever keeps it: documents, and what becomes of writes.

`database.py` has the one behind a MongoDB driver, `embedded/` the one in a file of this machine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

EMBEDDED = "embedded"
"""The name of the embedded database's driver."""

Document = Mapping[str, object]


class NoAnswer(Exception):
    """The database does not answer; `str()` is one line that says why, without the password."""


class Duplicate(Exception):
    """A document with this `_id`, or another key that is unique, exists."""


class Undecodable(Exception):
    """Among the documents found is one whose bytes can't be read."""


@dataclass(frozen=True, slots=True)
class Insert:
    """A document to be stored under a new `_id`."""

    document: Document


@dataclass(frozen=True, slots=True)
class Update:
    """A change of the one document that matches `where`, which names its `_id`.

    `upsert`: where none matches a new one is made, unless its `_id` exists.
    """

    where: Document
    change: Document
    upsert: bool = False


Write = Insert | Update


class Why(Enum):
    """Why a write was refused."""

    EXISTS = auto()
    """The `_id` of an insert or an upsert exists."""
    TOO_LARGE = auto()
    """The document would grow past what the database takes."""
    UNFIT = auto()
    """The document is not shaped as the change needs it."""


@dataclass(frozen=True, slots=True)
class Done:
    """The write took place."""


@dataclass(frozen=True, slots=True)
class Refused:
    """This attempt at the write did not take place. `code` is the server's."""

    why: Why
    code: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """The write took place or not. `error` names the driver's, None when all was answered.

    A bulk write tells only how many updates matched: if fewer did than were sent, it may be any.
    """

    error: str | None = None


@dataclass(frozen=True, slots=True)
class Unsent:
    """Nobody was there to send it to: it did not take place, and won't. `error` is the driver's."""

    error: str


Outcome = Done | Refused | Unknown | Unsent


class Collection(Protocol):
    """Documents of one kind. Every method but `write` raises NoAnswer; see `raising`.

    A change of one document names its `_id`.
    """

    def raising(
        self, no_answer: Callable[[str], Exception], *, within: float | None = None
    ) -> "Collection":
        """The same collection, with another error in place of NoAnswer, `within` seconds."""
        ...

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
        """The documents that match, in the order of a field if named. Raises Undecodable.

        `index`: by that one, where a server may choose another to spare itself the sorting.
        """
        ...

    async def find_one(self, where: Document, fields: Document | None = None) -> Document | None:
        """One document that matches, or None. Raises Undecodable."""
        ...

    async def insert(self, document: Document) -> None:
        """Store a new document. Raises Duplicate."""
        ...

    async def insert_in_order(self, documents: Sequence[Document]) -> None:
        """Store new documents. Raises Duplicate, and then none behind that one is stored."""
        ...

    async def update(self, where: Document, change: Document, *, upsert: bool = False) -> bool:
        """Change the document that matches; whether one did. Raises Duplicate."""
        ...

    async def update_all(self, where: Document, change: Document) -> None:
        """Change every document that matches."""
        ...

    async def update_and_find(
        self, where: Document, change: Document, fields: Document
    ) -> Document | None:
        """Change the document that matches, and find it as it is then. Raises Undecodable."""
        ...

    async def delete(self, where: Document) -> None:
        """Delete the document that matches, if one does."""
        ...

    async def delete_all(self, where: Document) -> None:
        """Delete every document that matches."""
        ...

    async def create_index(
        self, fields: Sequence[str], *, unique: bool = False, sparse: bool = False
    ) -> None:
        """Make an index that is missing."""
        ...

    async def write(self, writes: Sequence[Write]) -> list[Outcome]:
        """Send writes together; what became of each, in the order given. Raises no errors."""
        ...


class Database(Protocol):
    """A database that is connected."""

    @property
    def name(self) -> str:
        """Under which it is known."""
        ...

    @property
    def driver(self) -> str:
        """motor, pymongo or embedded."""
        ...

    def __getitem__(self, collection: str) -> Collection:
        """The collection of that name."""
        ...

    async def server_time(self) -> datetime | None:
        """What the server's clock says, None where there is no server. Raises NoAnswer."""
        ...

    async def close(self) -> None:
        """End all connections."""
        ...
