"""What is of no more use goes: at the start, and every day."""

from datetime import timedelta

from models.errors import DatabaseUnavailable
from services.clock import Clock
from services.days import DayOpener
from services.log import log
from services.runtime.loop import BackgroundLoop, Pause
from services.store.allocations import AllocationStore
from services.store.audit import AuditStore
from services.store.doctors import DoctorStore
from services.store.facilities import Facilities

DAY = Pause(24 * 3600.0)
HOUR = Pause(3600.0)
"""After which it is tried again where the database did not answer."""


class Housekeeping:
    """Each process keeps house by itself: what goes is gone, however many take it away."""

    def __init__(
        self,
        claims: AllocationStore,
        doctors: DoctorStore,
        facilities: Facilities,
        days: DayOpener,
        clock: Clock,
        *,
        day_clock: Clock,
        audit: AuditStore,
        audit_kept: timedelta,
    ) -> None:
        self._claims = claims
        self._doctors = doctors
        self._facilities = facilities
        self._days = days
        self._clock = clock
        self._day_clock = day_clock
        self._audit = audit
        self._audit_kept = audit_kept
        self._loop = BackgroundLoop("housekeeping", self.turn, after_failure=HOUR.seconds)

    def start(self) -> None:
        """Begin, in the background."""
        self._loop.start()

    async def stop(self) -> None:
        """Leave the rest to the next start."""
        await self._loop.stop()

    async def turn(self) -> Pause:
        """Keep house once; in how long again."""
        try:
            await self._claims.drop_past(self._day_clock.now())
            await self._audit.drop_before(self._clock.now() - self._audit_kept)
            for facility in await self._facilities.all():
                await self._doctors.drop_past(facility.id, self._days.today(facility))
        except DatabaseUnavailable:
            log.warning("housekeeping_put_off")
            return HOUR
        return DAY
