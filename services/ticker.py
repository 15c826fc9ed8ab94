"""What time alone brings is done when it is due, on whatever sheet: see engine/ticking.py.

One process at a time looks, by the index on `tickAt`, and asks each sheet that is due to tick. The
sheet decides by its own time, and a second tick does nothing: so two who look at once do no harm.
"""

import asyncio
from datetime import datetime, timedelta

from database import Database, NoAnswer
from models.commands import Tick
from models.errors import Refusal
from services.clock import Clock
from services.log import log
from services.runtime.loop import BackgroundLoop, Pause
from services.store.collections import DAY_SHEETS, LEASES
from services.store.lease import Lease
from services.store.sheets import SheetStore

ACTOR = "service"
LOOK_SECONDS = 1.0
"""A second of the sheets' clock; of a fast one it is as many of the machine's as can be."""
_LEAST_SECONDS = 0.05
AT_ONCE = 50
"""Sheets that one turn asks to tick."""
SET_ASIDE = timedelta(minutes=1)
"""For a sheet that failed, or found nothing to do; it keeps no other waiting meanwhile."""


class Ticker:
    """Looks in the background, from `start` to `stop`.

    What is due the sheets' clock tells, and how often that is worth a look; who does it, the
    machine's.
    """

    def __init__(
        self, database: Database, store: SheetStore, clock: Clock, holder: str, *, day_clock: Clock
    ) -> None:
        self._sheets = DAY_SHEETS.of(database)
        self._store = store
        self._clock = clock
        self._day_clock = day_clock
        self._lease = Lease(LEASES.of(database), "ticker", holder)
        self._set_aside: dict[str, datetime] = {}
        self._loop = BackgroundLoop("ticker", self.turn, after_failure=LOOK_SECONDS)
        self._interrupted = False

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def wake(self) -> None:
        """Look now: the clock was set."""
        self._loop.wake()

    async def stop(self) -> None:
        """End, and let another process look at once."""
        if not self._loop.started:
            return
        await self._loop.stop()
        try:
            await self._lease.release()
        except NoAnswer as error:
            log.warning("ticker_stopped_early", error=str(error))

    async def tick(self) -> int:
        """Have every sheet tick that is due, so many at a time; how many were asked."""
        now = self._day_clock.now()
        self._set_aside = {id_: until for id_, until in self._set_aside.items() if until > now}
        due = await self._sheets.find(
            {"tickAt": {"$lte": now}, "_id": {"$nin": list(self._set_aside)}},
            {"_id": 1},
            order="tickAt",
            limit=AT_ONCE,
        )
        sheet_ids = [str(sheet["_id"]) for sheet in due]
        await asyncio.gather(*(self._tick(sheet_id, now) for sheet_id in sheet_ids))
        return len(sheet_ids)

    async def _tick(self, sheet_id: str, now: datetime) -> None:
        """One sheet; its failure is its own."""
        self._set_aside[sheet_id] = now + SET_ASIDE
        try:
            decision = await self._store.submit(sheet_id, Tick(actor=ACTOR))
        except Refusal as refusal:
            log.warning("tick_failed", sheet=sheet_id, code=refusal.code)
        except Exception as error:  # noqa: BLE001  # one sheet's fault must not hurt others
            log.error("tick_failed", sheet=sheet_id, exc_info=error)
        else:
            if decision.events:
                del self._set_aside[sheet_id]

    async def turn(self) -> Pause:
        """Look once; in how long again."""
        try:
            if await self._lease.hold(self._clock.now()):
                while await self.tick() == AT_ONCE:
                    await self._lease.hold(self._clock.now())
        except NoAnswer as error:
            if not self._interrupted:  # said once, not every second of a night
                log.warning("ticker_interrupted", error=str(error))
            self._interrupted = True
        else:
            self._interrupted = False
        faster = max(self._day_clock.speed, 1.0)
        return Pause(max(LOOK_SECONDS / faster, _LEAST_SECONDS), wakeable=True)
