"""Sheets on their way in: a bounded cache of decoded sheets, and the queries that fill it."""

from collections import OrderedDict
from collections.abc import Collection as Group
from collections.abc import Mapping
from dataclasses import dataclass

from database import Database, Document, Undecodable
from models.errors import DatabaseUnavailable, DocumentDamaged
from models.sheet import NEVER_STORED, Sheet, Stamp
from services.log import log
from services.store.codec import SHEET_FIELDS, STAMP_FIELDS, read_sheet, read_stamp, stored_as
from services.store.collections import DAY_SHEETS

CACHED_SHEETS = 1000
"""About 400 MB when each holds 400 tokens, and 280 more when all their queues were asked for; a doctor's
day leaves as newer ones come."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn a sheet is, and the state in which their name was put there."""

    holder: str
    since: Stamp


class SheetLoader:
    """Fetches sheets and remembers them. What it remembers may be out of date.

    A write finds that out by its compare-and-set, a read by asking for the versions first.
    """

    def __init__(self, database: Database, home_id: str) -> None:
        """`home_id`: the facility of those that name none."""
        self._home_id = home_id
        self._sheets = DAY_SHEETS.answering(database)
        self._cache: OrderedDict[str, Sheet] = OrderedDict()

    def cached(self, sheet_id: str) -> Sheet | None:
        """The sheet as last seen, or None."""
        sheet = self._cache.get(sheet_id)
        if sheet is not None:
            self._cache.move_to_end(sheet_id)
        return sheet

    def remember(self, sheet: Sheet) -> None:
        """Keep a sheet, unless a newer version of it is known."""
        known = self._cache.get(sheet.id)
        if known is None or known.version <= sheet.version:
            self._cache[sheet.id] = sheet
        self._cache.move_to_end(sheet.id)
        if len(self._cache) > CACHED_SHEETS:
            self._cache.popitem(last=False)

    def forget(self, sheet_id: str) -> None:
        """Drop a sheet that turned out to be out of date."""
        self._cache.pop(sheet_id, None)

    async def stamps(self, sheet_ids: Group[str]) -> Mapping[str, Stamp]:
        """In which state each sheet that exists is stored. Raises DatabaseUnavailable."""
        documents = await self._find(sheet_ids, STAMP_FIELDS)
        return {
            str(document["_id"]): stamp
            for document in documents
            if (stamp := read_stamp(document)) is not None
        }

    async def fetch(self, sheet_ids: Group[str]) -> dict[str, Sheet | DocumentDamaged]:
        """The newest of each sheet that exists. Raises DatabaseUnavailable."""
        try:
            documents = await self._find(sheet_ids, SHEET_FIELDS)
        except Undecodable as error:
            if len(sheet_ids) > 1:
                return await self._fetch_one_by_one(sheet_ids)
            (sheet_id,) = sheet_ids
            return {sheet_id: _log(DocumentDamaged(sheet_id, str(error)))}
        return {str(document["_id"]): self._take_in(document) for document in documents}

    async def reserve(
        self, sheet_id: str, holder: str, write: str, *, instead_of: Turn | None
    ) -> Sheet | DocumentDamaged | None:
        """Put a name into a sheet that has none, or has this one, and fetch it in the same step.

        None if another's name stands there, or no sheet. It is a write, and `write` is its name:
        who knows the sheet from before fails with the next of theirs. Raises DatabaseUnavailable.
        """
        where: Document = {"_id": sheet_id, "turn": {"$in": [None, holder]}}
        if instead_of is not None:
            where = {**stored_as(sheet_id, instead_of.since), "turn": instead_of.holder}
        change = {"$set": {"turn": holder, "lastWrite": write}, "$inc": {"version": 1}}
        try:
            document = await self._sheets.update_and_find(where, change, SHEET_FIELDS)
        except Undecodable as error:
            return _log(DocumentDamaged(sheet_id, str(error)))
        return None if document is None else self._take_in(document)

    async def turn(self, sheet_id: str) -> Turn | None:
        """Whose turn a sheet is; None if it is nobody's. Raises DatabaseUnavailable."""
        for document in await self._find([sheet_id], {**STAMP_FIELDS, "turn": 1}):
            holder = document.get("turn")
            if isinstance(holder, str):
                return Turn(holder, read_stamp(document) or NEVER_STORED)
        return None

    async def give_back(self, sheet: Sheet) -> None:
        """Take the name of who did not need the turn out of a sheet. Raises DatabaseUnavailable."""
        self.forget(sheet.id)
        where = {**stored_as(sheet.id, sheet.stamp), "turn": sheet.turn}
        await self._sheets.update(where, {"$unset": {"turn": ""}})

    async def _fetch_one_by_one(self, sheet_ids: Group[str]) -> dict[str, Sheet | DocumentDamaged]:
        """The driver can't decode one of them, so it gave none."""
        found: dict[str, Sheet | DocumentDamaged] = {}
        for sheet_id in sheet_ids:
            found.update(await self.fetch([sheet_id]))
        return found

    def _take_in(self, document: Document) -> Sheet | DocumentDamaged:
        """Decode a document and remember its sheet; one that is damaged is named in the log."""
        try:
            sheet = read_sheet(document, self._home_id)
        except DocumentDamaged as damage:
            return _log(damage)
        self.remember(sheet)
        return sheet

    async def _find(self, sheet_ids: Group[str], projection: Document) -> list[Document]:
        if not sheet_ids:
            return []
        try:
            return await self._sheets.find({"_id": {"$in": list(sheet_ids)}}, projection)
        except DatabaseUnavailable as error:
            log.warning("read_failed", error=type(error.__cause__).__name__)
            raise


def _log(damage: DocumentDamaged) -> DocumentDamaged:
    log.error("document_damaged", document=damage.document_id, why=damage.why)
    return damage
