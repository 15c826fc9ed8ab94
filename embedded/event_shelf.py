"""Events, which stand in the file alone: they only ever grow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from sqlite3 import Connection, Cursor, IntegrityError

from bson import encode

from documents import Document, Duplicate
from embedded.collection import Step
from embedded.query import Query
from embedded.scratch import Result, Scratch
from embedded.sqlite_file import Key, SqliteFile

EVENTS = "events"
"""The name of their collection."""

_FIELDS = ("sheet", "n", "tokenId", "patientId")
_COLUMNS = {"_id": "seq"} | {field: field for field in _FIELDS}
_OPERATORS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}

Narrowed = tuple[str, list[object]]


class EventShelf:
    """SQL narrows by the columns how many events are looked at; which match, mongomock says."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file
        self._scratch = Scratch()

    async def look(self, query: Query) -> list[Document]:
        return await self._file.read(lambda connection: self._find(connection, query))

    async def change(self, steps: Sequence[Step[Result]]) -> list[Result]:
        try:
            return await self._file.unbroken(
                self._file.write(
                    lambda connection: [self._take(connection, step) for step in steps]
                )
            )
        except IntegrityError as error:
            raise Duplicate from error

    async def create_index(self, fields: Sequence[str], *, unique: bool, sparse: bool) -> None:
        if not _COLUMNS.keys() >= set(fields):
            return  # the file is one clinic's: what has no column is looked for among all
        columns = [_COLUMNS[field] for field in fields]
        kind = "UNIQUE INDEX" if unique else "INDEX"
        statement = (
            f"CREATE {kind} IF NOT EXISTS events_by_{'_'.join(columns)} "
            f"ON events ({', '.join(columns)})"
        )
        if sparse:
            statement += f" WHERE {' AND '.join(f'{column} IS NOT NULL' for column in columns)}"
        await self._file.write(lambda connection: connection.execute(statement))

    def _find(self, connection: Connection, query: Query) -> list[Document]:
        """In the order of a column SQL gives them, one by one until there are as many as are wanted."""
        column = _COLUMNS.get(query.order or "_id")
        if column is not None:
            query = replace(query, order=None)
        direction = "DESC" if query.descending else "ASC"
        rows = _select(connection, query.where, f"ORDER BY {column or 'seq'} {direction}")
        if query.whole_fields:
            return query.among(raw for _, raw in rows)
        with self._scratch.holding(dict(rows)) as mock:
            return query.ask(mock)

    def _take(self, connection: Connection, step: Step[Result]) -> Result:
        with self._scratch.holding(dict(_select(connection, step.among))):
            result = step.change(self._scratch)
            changed = self._scratch.changed()
        _save(connection, changed)
        return result


def _select(connection: Connection, where: Document, order: str = "") -> Cursor:
    condition, values = _narrow(where)
    return connection.execute(
        f"SELECT seq, document FROM events WHERE {condition} {order}",  # noqa: S608  # of our words alone
        values,
    )


def _save(connection: Connection, changed: Mapping[Key, Document | None]) -> None:
    # All are taken out first: a changed event is in nobody's way then, and one that is alike is.
    connection.executemany("DELETE FROM events WHERE seq = ?", [(seq,) for seq in changed])
    save_events(
        connection, ((event, encode(event)) for event in changed.values() if event is not None)
    )


def save_events(connection: Connection, events: Iterable[tuple[Document, bytes]]) -> None:
    """Store new events, each decoded and as BSON."""
    rows = ((event["_id"], *(event.get(field) for field in _FIELDS), raw) for event, raw in events)
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)


def _narrow(where: Document) -> Narrowed:
    """Of the condition what stands in columns, as SQL; nothing that matches is left out by it."""
    parts = [
        narrowed for field, value in where.items() if (narrowed := _narrow_by(field, value))[0]
    ]
    words = " AND ".join(part for part, _ in parts) or "TRUE"
    return words, [value for _, values in parts for value in values]


def _narrow_by(field: str, value: object) -> Narrowed:
    if field == "$or" and isinstance(value, list):
        either = [_narrow(each) for each in value]
        return (
            f"({' OR '.join(part for part, _ in either)})",
            [each for _, values in either for each in values],
        )
    column = _COLUMNS.get(field)
    if column is None:
        return "", []
    match value:
        case str() | int():
            return f"{column} = ?", [value]
        case {"$in": list() as values}:
            return f"{column} IN ({', '.join('?' * len(values))})", values
        case dict() if value and value.keys() <= _OPERATORS.keys():
            words = (f"{column} {_OPERATORS[operator]} ?" for operator in value)
            return " AND ".join(words), list(value.values())
        case _:
            return "", []
