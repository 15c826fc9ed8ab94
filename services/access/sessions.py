"""Sessions: how a person's browser, or a board on the wall, shows who it is.

A browser holds 256 random bits, the service their SHA-256. Those in use are kept in memory, so that
a warm request asks no database. Each second a process looks which were ended elsewhere; if it could
not for some seconds, it knows none.

One that it does not know it looks up, since another process may have begun it just now. Those that
nobody has begun are remembered too, for a moment, and counted by address: whoever sends made-up ones
without end is soon refused from memory, and keeps nobody out whose session is known here.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from limits import RateLimitItemPerMinute
from msgspec import Struct

from models.access import Principal
from models.audit import AuditRecord
from models.errors import Unauthenticated
from models.session import Session
from services.access.directory import CHANGE_SECONDS, Directory
from services.access.doorkeeper import Credentials
from services.access.limits import Limits, network_of
from services.access.try_out import TRY_OUT, TryOut
from services.clock import MOST_SKEW, Clock, stopwatch
from services.ids import secret
from services.store.sessions import SessionStore

LASTS = timedelta(hours=12)
"""A person's: a long shift."""
_MOST_AGE = CHANGE_SECONDS - 1
_LOOK_BACK = 2 * MOST_SKEW
"""Behind the last look: clocks differ, and a session may have been read just before it was ended."""
_MOST_KNOWN = 10_000
_NOBODYS_LASTS = timedelta(seconds=_MOST_AGE)
_WRONG_SESSIONS = RateLimitItemPerMinute(300, namespace="sessions")
"""Look-ups by address: a hospital's browsers share one, and come back with sessions that have run out."""
Kept = TypeVar("Kept")


class SignedIn(Struct, frozen=True):
    """A session that has begun: what its browser is to hold, and nobody else ever sees."""

    secret: str
    session: Session


class Known(Struct, frozen=True):
    """A session that holds, and whose it is."""

    session: Session
    principal: Principal


class Sessions:
    """The way in of browsers."""

    def __init__(
        self,
        directory: Directory,
        store: SessionStore,
        clock: Clock,
        try_out: TryOut | None = None,
    ) -> None:
        self._directory = directory
        self._try_out = try_out
        self._store = store
        self._clock = clock
        self._limits = Limits(clock)
        self._known: dict[str, Session] = {}
        self._nobodys: dict[str, datetime] = {}
        """Those that were looked up and are not there, and until when that is believed."""
        self._looked = float("-inf")
        self._looked_at: datetime | None = None

    async def recognise(self, given: Credentials) -> Principal | None:
        """Whose session it is. Raises Unauthenticated, RateLimited, DatabaseUnavailable."""
        if given.session is None:
            return None
        known = await self.find(given.session, given.address)
        if known is None:
            raise Unauthenticated
        return known.principal

    async def find(self, held: str, address: str | None = None) -> "Known | None":
        """The session of which a browser holds the secret, while it holds.

        Raises RateLimited after too many from an address that are nobody's, of one to be looked up.
        """
        if not self._directory.warm:
            await self._directory.be_warm()
        if stopwatch() - self._looked > _MOST_AGE:
            await self.look()
        session_id = _hash(held)
        session = self._known.get(session_id) or await self._learn(session_id, address)
        if session is None or not session.holds(self._clock.now()):
            return None
        principal = await self._principal(session)
        return None if principal is None else Known(session, principal)

    async def _principal(self, session: Session) -> Principal | None:
        if self._try_out is not None and session.account_id == TRY_OUT:
            return await self._try_out.principal()
        account = self._directory.accounts.get(session.account_id)
        if account is None or account.epoch != session.epoch:
            return None
        return self._directory.principal(account.id)

    async def begin(
        self, account_id: str, epoch: int, *, lasts: timedelta | None = LASTS
    ) -> SignedIn:
        """Sign in for some time or for good. Raises OutcomeUnknown."""
        now = self._clock.now()
        held = secret()
        session = Session(
            id=_hash(held),
            account_id=account_id,
            epoch=epoch,
            began_at=now,
            expires_at=None if lasts is None else now + lasts,
        )
        await self._store.add(session)
        _keep(self._known, session.id, session)
        return SignedIn(held, session)

    async def of_devices(self) -> list[Session]:
        """Those of devices that hold."""
        await self._directory.look()
        return [
            session
            for session in await self._store.of_devices()
            if await self._principal(session) is not None
        ]

    async def end(self, session_id: str) -> None:
        """End it everywhere within CHANGE_SECONDS, here at once. Raises OutcomeUnknown."""
        await self._store.end(session_id, self._clock.now())
        self._known.pop(session_id, None)

    async def record(self, record: AuditRecord) -> None:
        """Keep a record of who was let in. Raises DatabaseUnavailable."""
        await self._store.record(record)

    async def drop_past(self) -> None:
        """Let what has run out go from the database. Raises DatabaseUnavailable."""
        await self._store.drop_past(self._clock.now())

    async def look(self) -> None:
        """See which were ended until now, in any process. Raises DatabaseUnavailable."""
        asked, now = stopwatch(), self._clock.now()
        if self._known:
            for session_id in await self._store.ended_since((self._looked_at or now) - _LOOK_BACK):
                self._known.pop(session_id, None)
        self._looked, self._looked_at = asked, now

    async def _learn(self, session_id: str, address: str | None) -> Session | None:
        now, network = self._clock.now(), network_of(address)
        if now < self._nobodys.get(session_id, now):
            return None
        self._limits.take(_WRONG_SESSIONS, network)  # before: many may be looked up at once
        is_nobodys = False
        try:
            session = await self._store.find(session_id)
            is_nobodys = session is None
        finally:
            if not is_nobodys:
                self._limits.take_back(_WRONG_SESSIONS, network)
        if session is None:
            _keep(self._nobodys, session_id, now + _NOBODYS_LASTS)
        else:
            _keep(self._known, session_id, session)
        return session


def _keep(kept: dict[str, Kept], session_id: str, one: Kept) -> None:
    """Put one into what is known, in place of the oldest where it would be too much."""
    kept.pop(session_id, None)
    if len(kept) >= _MOST_KNOWN:
        del kept[next(iter(kept))]
    kept[session_id] = one


def csrf_token(held: str) -> str:
    """What a page of this service adds to each request that changes something.

    Another site can have the session's cookie sent, but never read it, nor what is made of it.
    """
    return sha256(f"csrf {held}".encode()).hexdigest()


def _hash(held: str) -> str:
    return sha256(held.encode()).hexdigest()
