"""Reading what happened: the events copied so far, and those still in a sheet's outbox."""

from datetime import datetime

from msgspec import Struct

from database import Database, Document
from models.events import Event, EventOfToken, TokenEvent
from services.store.codec import read_event
from services.store.collections import DAY_SHEETS, EVENTS, EVENTS_OF_SHEET
from services.store.pages import Span, page_of


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
        return [_seen(document) for document in documents]

    async def of_sheet(self, sheet_id: str, first: int, limit: int) -> list[Event]:
        """A sheet's copied events in order, from the one numbered `first` on."""
        where = {"sheet": sheet_id, "n": {"$gte": first}}
        documents = await self._events.find(
            where, order="n", limit=limit, index=EVENTS_OF_SHEET.fields
        )
        return [read_event(document) for document in documents]

    async def issued_to(self, patient_id: str) -> list[SeenEvent]:
        """The events by which a patient's tokens came to be."""
        return [_seen(each) for each in await self._events.find({"patientId": patient_id})]

    async def done(
        self, span: Span, *, actor: str | None, issued: list[SeenEvent] | None
    ) -> tuple[list[SeenEvent], datetime | None]:
        """What was done, in order, and up to when this is all, None: to the end.

        By an actor if named; to the tokens of `issued` alone if there are such.
        """
        where: dict[str, object] = {} if actor is None else {"actor": actor}
        if issued is not None:
            where["sheet"] = {"$in": sorted({each.sheet_id for each in issued})}
            tokens = (each.event for each in issued)
            where["tokenId"] = {
                "$in": [event.token_id for event in tokens if isinstance(event, TokenEvent)]
            }
        page = await page_of(self._events, where, span)
        events = map(_seen, page.documents)
        return sorted(events, key=lambda each: (each.event.at, each.seq)), page.up_to

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


def _seen(document: Document) -> SeenEvent:
    number = document["_id"]
    assert isinstance(number, int)  # noqa: S101  # the relay gave it
    return SeenEvent(number, str(document["sheet"]), read_event(document))
