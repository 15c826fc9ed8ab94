"""Reading what happened: the events copied so far, and those still in a sheet's outbox."""

from msgspec import Struct

from database import Database
from models.events import Event, EventOfToken, TokenEvent
from services.store.codec import read_event
from services.store.collections import DAY_SHEETS, EVENTS, EVENTS_OF_SHEET


class SeenEvent(Struct, frozen=True):
    """An event with its place in the order of all events, and its sheet."""

    seq: int
    sheet_id: str
    event: Event


class EventStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._events = EVENTS.answering(database)
        self._sheets = DAY_SHEETS.answering(database)

    async def after(
        self, seq: int, *, sheet_id: str | None = None, token_id: str | None = None, limit: int
    ) -> list[SeenEvent]:
        """Events behind `seq` in order, of one sheet if named, of a token of that sheet if named.

        Those of a sheet are found by its index: there may be millions of others behind `seq`.
        """
        where: dict[str, object] = {"_id": {"$gt": seq}}
        index = None
        if sheet_id is not None:
            where["sheet"] = sheet_id
            index = EVENTS_OF_SHEET.fields
        if token_id is not None:
            where["tokenId"] = token_id
        documents = await self._events.find(where, order="_id", limit=limit, index=index)
        seen = []
        for document in documents:
            number = document["_id"]
            assert isinstance(number, int)  # noqa: S101  # the relay gave it
            seen.append(SeenEvent(number, str(document["sheet"]), read_event(document)))
        return seen

    async def newest(self) -> int:
        """The `seq` of the newest event, 0 if there is none."""
        last = await self._events.find({}, {"_id": 1}, order="_id", descending=True, limit=1)
        seq = last[0]["_id"] if last else 0
        assert isinstance(seq, int)  # noqa: S101  # the relay gave it
        return seq

    async def of_token(self, sheet_id: str, token_id: str) -> list[EventOfToken]:
        """All that happened to a token, in order, also what was not copied yet."""
        # The outbox first: what is copied in between is then seen twice, not missed.
        sheet = await self._sheets.find_one({"_id": sheet_id}, {"outbox": 1})
        copied = await self._events.find({"sheet": sheet_id, "tokenId": token_id})
        outbox = None if sheet is None else sheet.get("outbox")
        waiting = outbox if isinstance(outbox, list) else []
        by_n = {
            event.n: event
            for event in map(read_event, [*waiting, *copied])
            if isinstance(event, TokenEvent) and event.token_id == token_id
        }
        return [by_n[n] for n in sorted(by_n)]
