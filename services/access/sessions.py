"""Sessions: how a person's browser, or a board on the wall, shows who it is.

A browser holds 256 random bits, the service their SHA-256. Those in use are kept in memory, so that
a warm request asks no database. Each second a process looks which were ended elsewhere; if it could
not for some seconds, it knows none.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from models.access import Principal
from models.account import Account
from models.errors import Unauthenticated
from models.session import Session
from services.access.directory import CHANGE_SECONDS, Directory
from services.access.doorkeeper import Credentials
from services.clock import MOST_SKEW, Clock, stopwatch
from services.ids import secret
from services.store.sessions import SessionStore

LASTS = timedelta(hours=12)
"""A person's: a long shift."""
_MOST_AGE = CHANGE_SECONDS - 1
_LOOK_BACK = 2 * MOST_SKEW
"""Behind the last look: clocks differ, and a session may have been read just before it was ended."""
_MOST_KNOWN = 10_000


class SignedIn(Struct, frozen=True):
    """A session that has begun: what its browser is to hold, and nobody else ever sees."""

    secret: str
    session: Session


class Sessions:
    """The way in of browsers."""

    def __init__(self, directory: Directory, store: SessionStore, clock: Clock) -> None:
        self._directory = directory
        self._store = store
        self._clock = clock
        self._known: dict[str, Session] = {}
        self._looked = float("-inf")
        self._looked_at: datetime | None = None

    async def recognise(self, given: Credentials) -> Principal | None:
        """Whose session it is. Raises Unauthenticated, DatabaseUnavailable."""
        if given.session is None:
            return None
        session = await self.find(given.session)
        principal = None if session is None else self._directory.principal(session.account_id)
        if principal is None:
            raise Unauthenticated
        return principal

    async def find(self, held: str) -> Session | None:
        """The session of which a browser holds the secret, if it still holds."""
        if not self._directory.warm:
            await self._directory.be_warm()
        if stopwatch() - self._looked > _MOST_AGE:
            await self.look()
        session_id = _hash(held)
        session = self._known.get(session_id) or await self._learn(session_id)
        if session is None or not session.holds(self._clock.now()):
            return None
        account = self._directory.accounts.get(session.account_id)
        return None if account is None or account.epoch != session.epoch else session

    async def begin(self, account: Account, *, lasts: timedelta | None = LASTS) -> SignedIn:
        """Sign in for good or for some time. Raises OutcomeUnknown."""
        now = self._clock.now()
        held = secret()
        session = Session(
            id=_hash(held),
            account_id=account.id,
            epoch=account.epoch,
            began_at=now,
            expires_at=None if lasts is None else now + lasts,
        )
        await self._store.add(session)
        return SignedIn(held, session)

    async def end(self, session_id: str) -> None:
        """End it everywhere within CHANGE_SECONDS, here at once. Raises OutcomeUnknown."""
        await self._store.end(session_id, self._clock.now())
        self._known.pop(session_id, None)

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

    async def _learn(self, session_id: str) -> Session | None:
        session = await self._store.find(session_id)
        if session is not None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.pop(next(iter(self._known)))
            self._known[session_id] = session
        return session


def csrf_token(held: str) -> str:
    """What a page of this service adds to each request that changes something.

    Another site can have the session's cookie sent, but never read it, nor what is made of it.
    """
    return sha256(f"csrf {held}".encode()).hexdigest()


def _hash(held: str) -> str:
    return sha256(held.encode()).hexdigest()
