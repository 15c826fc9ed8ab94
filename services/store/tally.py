"""The tally: days in figures follow the events, half a minute behind while nobody asks.

A day is always worked out whole, from all its events: done twice, or by two processes at once, it
comes out the same. So the lease only spares work, and what was lost is worked out anew.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from database import Database
from engine.hours import hours_of
from models.errors import DocumentDamaged, Refusal
from models.sheet import Sheet
from services.clock import Clock
from services.log import log
from services.runtime.loop import BackgroundLoop, Pause
from services.store.collections import LEASES
from services.store.events import EventStore
from services.store.hours import DayHours, HourStore
from services.store.lease import Lease

BETWEEN = Pause(30.0)
"""A day whose events never cease costs this often what all its events cost to read."""
AT_ONCE = Pause(0.0)
STAND_BY = Pause(5.0)
_MOST_EVENTS = 100_000


class Tally:
    """Works out days in the background, from `start` to `stop`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        holder: str,
        read: Callable[[str], Awaitable[Sheet | None]],
    ) -> None:
        self._hours = HourStore(database)
        self._events = EventStore(database)
        self._clock = clock
        self._lease = Lease(LEASES.of(database), "tally", holder)
        self._read = read
        self._loop = BackgroundLoop("tally", self._turn, after_failure=STAND_BY.seconds)

    def start(self) -> None:
        """Begin to work."""
        self._loop.start()

    async def stop(self) -> None:
        """Leave the rest to whoever comes next."""
        await self._loop.stop()

    async def catch_up(self) -> bool:
        """Work out the days of one page of events; whether more are behind it."""
        changed = await self._hours.changed()
        for sheet_id in changed.sheet_ids:
            # A damaged sheet is named in the log where it was read. Once it is mended, the next
            # thing that happens on it brings its figures up to date.
            with suppress(DocumentDamaged):
                await self._work_out(sheet_id)
        await self._hours.done(changed.seq)
        return changed.more

    async def _turn(self) -> Pause:
        try:
            if not await self._lease.hold(self._clock.now()):
                return STAND_BY
            return AT_ONCE if await self.catch_up() else BETWEEN
        except Refusal as refusal:  # the database does not answer, which the health tells
            log.info("tally_waits", why=refusal.code)
            return STAND_BY

    async def _work_out(self, sheet_id: str) -> None:
        sheet = await self._read(sheet_id)
        if sheet is None:
            return  # a restore without this sheet: nothing is known of it
        seen = await self._events.after(0, sheet_id=sheet_id, token_id=None, limit=_MOST_EVENTS)
        events = [each.event for each in seen]
        await self._hours.put(
            DayHours(
                id=sheet.id,
                doctor_id=sheet.resource_id,
                facility_id=sheet.facility_id,
                date=sheet.date.isoformat(),
                timezone=sheet.timezone,
                up_to=max((event.n for event in events), default=0),
                hours=tuple(
                    hours_of(
                        events, sheet.zone, max((slot.end for slot in sheet.slots), default=None)
                    )
                ),
            )
        )
