"""Which sheets have events that are to be copied: the relay's work, some of it at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from database import Collection, Document, Undecodable
from services.clock import Clock
from services.log import log

MOST_SHEETS = 500
"""Sheets that one look reads."""
REPEAT = timedelta(minutes=1)
"""Before the log names a sheet that can't be read again."""
_FIELDS: Document = {"outbox": 1, "nextEvent": 1}


@dataclass(frozen=True)
class Outbox:
    """Of one sheet: its events that were not taken out, in order of `n`."""

    sheet_id: str
    next_event: int
    events: Sequence[Document]


class Outboxes:
    """Goes round the marked sheets in order of id: those that can't be read starve no others."""

    def __init__(self, sheets: Collection, clock: Clock) -> None:
        self._sheets = sheets
        self._clock = clock
        self._behind = ""
        self._said: dict[str, datetime] = {}

    def begin_anew(self) -> None:
        """Go round from the start: what was read last may not have been copied."""
        self._behind = ""

    @property
    def whole(self) -> bool:
        """Whether a round has ended, and the next look begins one."""
        return not self._behind

    async def next(self) -> list[Outbox]:
        """The next sheets' outboxes. Raises NoAnswer."""
        marked: dict[str, object] = {"unrelayed": True}
        if self._behind:
            marked["_id"] = {"$gt": self._behind}
        documents = await self._find(marked)
        self._behind = str(documents[-1]["_id"]) if len(documents) == MOST_SHEETS else ""
        return [outbox for document in documents if (outbox := self._read(document)) is not None]

    async def _find(self, marked: Document) -> list[Document]:
        try:
            return await self._ask(marked, _FIELDS)
        except Undecodable:  # one of them, so the driver gave none
            ids = [each["_id"] for each in await self._ask(marked, {"_id": 1})]
            return [await self._find_alone(str(each)) for each in ids]

    async def _ask(self, marked: Document, fields: Document) -> list[Document]:
        return await self._sheets.find(
            marked, fields, order="_id", limit=MOST_SHEETS, index=["unrelayed"]
        )

    async def _find_alone(self, sheet_id: str) -> Document:
        try:
            return await self._sheets.find_one({"_id": sheet_id}, _FIELDS) or {"_id": sheet_id}
        except Undecodable:
            return {"_id": sheet_id}

    def _read(self, document: Document) -> Outbox | None:
        sheet_id, next_event = str(document["_id"]), document.get("nextEvent")
        events = document.get("outbox")
        if (
            isinstance(next_event, int)
            and isinstance(events, list)
            and all(isinstance(event, dict) for event in events)
        ):
            return Outbox(sheet_id, next_event, events)
        self._say(sheet_id)
        return None

    def _say(self, sheet_id: str) -> None:
        now = self._clock.now()
        self._said = {each: at for each, at in self._said.items() if now - at < REPEAT}
        if sheet_id not in self._said:
            self._said[sheet_id] = now
            log.error("document_damaged", document=sheet_id, why="its outbox can't be relayed")
