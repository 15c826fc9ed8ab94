"""Reads that see what any process wrote before they began, many of them in one query."""

import asyncio
from collections.abc import Collection as Group
from dataclasses import dataclass, field

from models.errors import DocumentDamaged
from models.sheet import Sheet
from services.store.loader import SheetLoader

Found = dict[str, Sheet | DocumentDamaged]

_FLIGHTS = 2
"""Queries under way at once; the reads that come meanwhile share the next one."""


@dataclass(eq=False)
class _Batch:
    answer: "asyncio.Future[Found]"
    sheet_ids: set[str] = field(default_factory=set)


class SheetReader:
    """Reads sheets by way of the cache: only their versions travel, unless they differ."""

    def __init__(self, loader: SheetLoader) -> None:
        self._loader = loader
        self._gathering: _Batch | None = None
        self._flights: set[asyncio.Task[None]] = set()

    async def read(self, sheet_ids: Group[str]) -> Found:
        """Each of the sheets that exists, as stored now. Raises DatabaseUnavailable."""
        if not sheet_ids:
            return {}
        batch = self._gathering
        if batch is None:
            loop = asyncio.get_running_loop()
            batch = self._gathering = _Batch(loop.create_future())
            loop.call_soon(self._launch)
        batch.sheet_ids.update(sheet_ids)
        # A reader who leaves must not take the answer from those who share the batch.
        found = await asyncio.shield(batch.answer)
        return {sheet_id: found[sheet_id] for sheet_id in sheet_ids if sheet_id in found}

    def _launch(self) -> None:
        batch = self._gathering
        if batch is None or len(self._flights) >= _FLIGHTS:
            return
        self._gathering = None
        flight = asyncio.get_running_loop().create_task(self._fly(batch))
        self._flights.add(flight)
        flight.add_done_callback(self._land)

    def _land(self, flight: "asyncio.Task[None]") -> None:
        self._flights.discard(flight)
        self._launch()

    async def _fly(self, batch: _Batch) -> None:
        try:
            found = await self._newest(batch.sheet_ids)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the readers' answer
            batch.answer.set_exception(error)
            batch.answer.exception()  # seen, also when every reader has left
        else:
            batch.answer.set_result(found)

    async def _newest(self, sheet_ids: set[str]) -> Found:
        known = [sheet_id for sheet_id in sheet_ids if self._loader.cached(sheet_id) is not None]
        versions, found = await asyncio.gather(
            self._loader.versions(known), self._loader.fetch(sheet_ids - set(known))
        )
        stale = []
        for sheet_id in known:
            sheet = self._loader.cached(sheet_id)
            if sheet is not None and sheet.version >= versions.get(sheet_id, sheet.version + 1):
                found[sheet_id] = sheet
            else:
                self._loader.forget(sheet_id)
                stale.append(sheet_id)
        found.update(await self._loader.fetch(stale))
        return found
