"""Whether the service is ready.

The database reads and writes, is prepared, tells who may ask, and agrees on the time.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from database import Database, NoAnswer, within
from models.access import Facility
from models.errors import ClockOff, DatabaseUnavailable
from services.access.directory import Directory
from services.clock import MOST_SKEW, Clock
from services.log import log
from services.runtime.loop import BackgroundLoop, Pause
from services.store.migrations import prepare
from services.store.probe import Probe
from services.store.relay import EventRelay

LOOK_AGAIN = Pause(2.0)
LOOK_SOON = Pause(0.25)
"""While the database fails."""
LOOK_SECONDS = 2.0
"""What a look may take; a database that takes longer counts as one that does not answer."""
REPEAT = timedelta(minutes=1)
"""Before the log says again why the database does not answer."""


class Report(Struct, frozen=True, kw_only=True):
    """`reason` is one line that says why it is not ready, None if it is.

    `clock_skew_seconds` is how far the process's clock is ahead of the database's.

    `relay_lag_seconds` ago all events written until then had been copied.
    """

    ready: bool
    reason: str | None
    database: str
    driver: str
    answers: bool
    clock_skew_seconds: float | None
    relay_lag_seconds: float | None


class Health:
    """Looks at the database all the time, and prepares it as soon as it answers.

    Who asks is told what was seen last: requests neither wait for a look nor cause one.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        relay: EventRelay,
        directory: Directory,
        *,
        process: str,
        home: Facility,
    ) -> None:
        self._directory = directory
        self._database = database
        self._probe = Probe(database)
        self._relay = relay
        self._process = process
        self._home = home
        self._clock = clock
        self._prepared = False
        self._answers = False
        self._cause: str | None = None
        self._said: dict[str, datetime] = {}
        self._skew: timedelta | None = None
        self._relay_lag: timedelta | None = None
        self._loop = BackgroundLoop("health", self._turn, after_failure=LOOK_SOON.seconds)

    async def start(self) -> None:
        """Look once, then go on looking in the background."""
        await self.look()
        self._loop.start(after=self._pause.seconds)

    async def stop(self) -> None:
        """End the looking."""
        await self._loop.stop()

    async def look(self) -> None:
        """Try the database now."""
        try:
            with within(LOOK_SECONDS):
                await self._probe.try_both(self._clock.now())
                told = await self._database.server_time()
                self._skew = None if told is None else self._clock.now() - told
                self._relay_lag = await self._relay.lag()
            if not self._prepared:
                await prepare(self._database, self._clock, self._process, self._home)
                self._prepared = True
            await self._directory.look()  # until then nobody would be recognised
        except Exception as error:
            self._cause = _cause(error)
            self._say(self._cause)
            self._answers = False
            if not isinstance(error, NoAnswer | DatabaseUnavailable):
                raise
        else:
            if not self._answers:
                log.info("database_answers", database=self._database.name)
            self._answers = True
            self._cause = None

    def report(self) -> Report:
        """What was seen last."""
        return Report(
            ready=self._answers and not self._clock_is_off,
            reason=self._reason,
            database=self._database.name,
            driver=self._database.driver,
            answers=self._answers,
            clock_skew_seconds=_seconds(self._skew),
            relay_lag_seconds=_seconds(self._relay_lag),
        )

    def refuse_if_not_ready(self, *, writing: bool) -> None:
        """Raises DatabaseUnavailable until the database was prepared, ClockOff on other times.

        Of a database that fails later only what is to be `writing` is refused at once: reads may
        yet be answered.
        """
        if not self._prepared or (writing and not self._answers):
            raise DatabaseUnavailable
        if self._clock_is_off:
            raise ClockOff

    def _say(self, cause: str) -> None:
        now = self._clock.now()
        if cause in self._said and now - self._said[cause] < REPEAT:
            return
        self._said[cause] = now
        event = "database_lost" if self._answers else "database_unanswered"
        log.warning(event, database=self._database.name, why=cause, retrying=True)

    @property
    def _reason(self) -> str | None:
        if self._clock_is_off:
            return "this machine's clock and the database's are more than 30 seconds apart"
        return self._cause

    @property
    def _clock_is_off(self) -> bool:
        """A sheet's time never goes back, so a clock that runs ahead would spoil it for all others."""
        return self._skew is not None and abs(self._skew) > MOST_SKEW

    async def _turn(self) -> Pause:
        await self.look()
        return self._pause

    @property
    def _pause(self) -> Pause:
        return LOOK_AGAIN if self._answers else LOOK_SOON


def _cause(error: Exception) -> str:
    match error:
        case NoAnswer():
            return str(error)
        case DatabaseUnavailable():
            return "it does not tell who may ask"
        case _:
            return type(error).__name__


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
