"""Sheets on their way in: a bounded cache of decoded sheets, and the queries that fill it."""

from collections import OrderedDict
from collections.abc import Collection as Group
from collections.abc import Mapping

from database import Database, Document, Undecodable
from models.errors import DatabaseUnavailable, DocumentDamaged
from models.sheet import Sheet
from services.log import log
from services.store.codec import SHEET_FIELDS, read_sheet
from services.store.collections import DAY_SHEETS

CACHED_SHEETS = 1000
"""About 400 MB when each holds 400 tokens; a doctor's day leaves as newer ones come."""


class SheetLoader:
    """Fetches sheets and remembers them. What it remembers may be out of date.

    A write finds that out by its compare-and-set, a read by asking for the versions first.
    """

    def __init__(self, database: Database) -> None:
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
        if known is None or known.version < sheet.version:
            self._cache[sheet.id] = sheet
        self._cache.move_to_end(sheet.id)
        if len(self._cache) > CACHED_SHEETS:
            self._cache.popitem(last=False)

    def forget(self, sheet_id: str) -> None:
        """Drop a sheet that turned out to be out of date."""
        self._cache.pop(sheet_id, None)

    async def versions(self, sheet_ids: Group[str]) -> Mapping[str, int]:
        """The stored version of each sheet that exists. Raises DatabaseUnavailable."""
        documents = await self._find(sheet_ids, {"version": 1})
        return {
            str(document["_id"]): version
            for document in documents
            if isinstance(version := document.get("version"), int)
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

    async def take_turn(self, sheet_id: str) -> Sheet | DocumentDamaged | None:
        """Fetch a sheet and move its version on in one step. Raises DatabaseUnavailable.

        A process that keeps losing races needs two exchanges, read and write, where the winner,
        who knows the sheet, needs one: it would lose for as long as the other is busy. Moving the
        version makes the other's next write fail, so the turn goes to the loser.
        """
        try:
            document = await self._sheets.update_and_find(
                {"_id": sheet_id}, {"$inc": {"version": 1}}, SHEET_FIELDS
            )
        except Undecodable as error:
            return _log(DocumentDamaged(sheet_id, str(error)))
        return None if document is None else self._take_in(document)

    async def _fetch_one_by_one(self, sheet_ids: Group[str]) -> dict[str, Sheet | DocumentDamaged]:
        """The driver can't decode one of them, so it gave none."""
        found: dict[str, Sheet | DocumentDamaged] = {}
        for sheet_id in sheet_ids:
            found.update(await self.fetch([sheet_id]))
        return found

    def _take_in(self, document: Document) -> Sheet | DocumentDamaged:
        """Decode a document and remember its sheet; one that is damaged is named in the log."""
        try:
            sheet = read_sheet(document)
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
