"""Reads that see what any process wrote before they began, many of them in one query."""

import asyncio
from collections.abc import Collection as Group

from models.errors import DocumentDamaged
from models.sheet import Sheet, Stamp
from services.store.batches import Inquiry
from services.store.loader import SheetLoader

Found = dict[str, Sheet | DocumentDamaged]

_QUERIES = 2
"""Under way at once; the reads that come meanwhile share the next one."""


class SheetReader:
    """Reads sheets by way of the cache: only their versions travel, unless they differ."""

    def __init__(self, loader: SheetLoader) -> None:
        self._loader = loader
        self._inquiry = Inquiry(_QUERIES, self._newest)

    async def read(self, sheet_ids: Group[str]) -> Found:
        """Each of the sheets that exists, as stored now. Raises DatabaseUnavailable."""
        return await self._inquiry.about(sheet_ids)

    async def _newest(self, sheet_ids: set[str]) -> Found:
        known = {
            sheet_id: sheet
            for sheet_id in sheet_ids
            if (sheet := self._loader.cached(sheet_id)) is not None
        }
        stamps, found = await asyncio.gather(
            self._loader.stamps(known), self._loader.fetch(sheet_ids - known.keys())
        )
        stale = []
        for sheet_id, before in known.items():
            sheet, stamp = self._loader.cached(sheet_id), stamps.get(sheet_id)
            if sheet is not None and stamp is not None and _is_newest(sheet, before, stamp):
                found[sheet_id] = sheet
            else:
                self._loader.forget(sheet_id)
                stale.append(sheet_id)
        found.update(await self._loader.fetch(stale))
        return found


def _is_newest(sheet: Sheet, before: Sheet, stored: Stamp) -> bool:
    """Whether a cached sheet is what was stored when it was asked for, or came while it was."""
    return sheet.stamp == stored or (sheet is not before and sheet.version >= stored[0])
