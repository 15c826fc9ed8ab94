"""Keys: how a client shows who it is.

`opd_{id}_{secret}`, in `Authorization: Bearer`. The service keeps its SHA-256 alone: of 256 random
bits nothing is guessed, so no slower hash is needed, and a look-up by hash tells an attacker who
measures its time nothing of use. A beginning that is known lets scanners find keys that leaked.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from models.access import Permission, Principal
from models.account import Accounts, Key
from models.errors import DatabaseUnavailable, Unauthenticated
from services.access.directory import Directory
from services.access.doorkeeper import Credentials
from services.clock import Clock
from services.ids import secret
from services.store.accounts import AccountStore

MOST_KEYS = 2
"""Of one client, valid at once: the new one, and the old one until the new one is in use everywhere."""
_SCHEME = "Bearer "
_BEGINNING = "opd_"


def hash_key(text: str) -> str:
    """What is kept of a key."""
    return sha256(text.encode()).hexdigest()


def make_text(key_id: str) -> str:
    """The text of a new key."""
    return f"{_BEGINNING}{key_id}_{secret()}"


def make_key(
    key_id: str, now: datetime, expires_at: datetime, scope: tuple[Permission, ...] | None
) -> tuple[str, Key]:
    """A new key: its text, to be shown once, and what is kept of it."""
    text = make_text(key_id)
    kept = Key(id=key_id, hash=hash_key(text), made_at=now, expires_at=expires_at, scope=scope)
    return text, kept


def read_key(given: Credentials) -> str | None:
    """The key that came with a request, None if none did."""
    told = given.authorization
    if told is None or told[: len(_SCHEME)].lower() != "bearer ":
        return None
    text = told[len(_SCHEME) :].strip()
    return text if text.startswith(_BEGINNING) else None


class _Known(Struct, frozen=True):
    key_id: str
    expires_at: datetime
    principal: Principal


class Keys:
    """The way in of clients. All keys are known, so that none has to be looked for."""

    def __init__(self, directory: Directory, store: AccountStore, clock: Clock) -> None:
        self._directory = directory
        self._store = store
        self._clock = clock
        self._accounts: Accounts | None = None
        self._known: dict[str, _Known] = {}
        self._used: set[tuple[str, str]] = set()

    async def recognise(self, given: Credentials) -> Principal | None:
        """Whose key it is; None if it is none. Raises Unauthenticated, DatabaseUnavailable."""
        text = read_key(given)
        if text is None:
            return None
        if not given.last_known and not self._directory.warm:
            await self._directory.be_warm()
        if self._accounts is not self._directory.accounts:
            self._learn(self._directory.accounts)
        known = self._known.get(hash_key(text))
        if known is None or known.expires_at <= self._clock.now():
            raise Unauthenticated
        self._used.add((known.principal.id, known.key_id))
        return known.principal

    async def note_use(self) -> None:
        """Write which keys were used since this was done last. Raises DatabaseUnavailable."""
        used, self._used = self._used, set()
        keys: dict[str, list[str]] = {}
        for account_id, key_id in used:
            keys.setdefault(account_id, []).append(key_id)
        now = self._clock.now()
        try:
            for account_id, used_keys in keys.items():
                await self._store.note_use(account_id, used_keys, now)
        except DatabaseUnavailable:
            self._used |= used
            raise

    def _learn(self, accounts: Accounts) -> None:
        self._known = dict(self._all(accounts))
        self._accounts = accounts

    def _all(self, accounts: Accounts) -> Iterator[tuple[str, _Known]]:
        for account in accounts.values():
            for key in account.keys:
                principal = self._directory.principal(account.id)
                if principal is not None and key.revoked_at is None:
                    scope = None if key.scope is None else frozenset(key.scope)
                    yield key.hash, _Known(key.id, key.expires_at, replace(principal, scope=scope))
