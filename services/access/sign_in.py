"""Signing in: by name and password, and by the one-time link with which a password is chosen."""

from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from models.access import Kind
from models.account import Account, Accounts, OneTimeLink
from models.audit import AuditRecord, Deed
from models.errors import LinkEnded, SignInFailed, SignsInElsewhere
from models.password import normalized
from services.access.attempts import Attempts
from services.access.directory import Directory
from services.access.limits import network_of
from services.access.passwords import Passwords
from services.access.sessions import Sessions, SignedIn
from services.access.try_out import TRY_OUT, TryOut
from services.clock import Clock
from services.ids import Ids, secret
from services.store.accounts import Change
from services.store.sessions import SessionStore

LINK_LASTS = timedelta(days=3)
"""Long enough to be given out on a Friday for a Monday."""


class GivenLink(Struct, frozen=True):
    """A link that was given out: its secret, which nobody is told again, and its end."""

    secret: str
    expires_at: datetime


class SignIn:
    """Every method raises DatabaseUnavailable; those that change something, OutcomeUnknown."""

    def __init__(
        self,
        directory: Directory,
        sessions: Sessions,
        store: SessionStore,
        clock: Clock,
        ids: Ids,
        *,
        passwords: Passwords,
        try_out: TryOut | None = None,
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._store = store
        self._clock = clock
        self._ids = ids
        self._passwords = passwords
        self._try_out = try_out
        self._attempts = Attempts(clock)

    async def by_password(
        self, name: str, password: str, *, address: str | None, request_id: str | None
    ) -> SignedIn:
        """Raises SignInFailed, and RateLimited after too many tries: alike for unknown names."""
        await self._directory.be_warm()
        account = _person(self._directory.accounts, name)
        asked, network = _spelled(name), network_of(address)
        known = await self._store.knows_address(asked, network)
        attempt = self._attempts.begin(asked, network, known=known)
        stored = None if account is None or account.disabled else account.password
        if not await self._passwords.match(password, stored) or account is None:
            await self._record(Deed.SIGN_IN_FAILED, account, request_id)
            raise SignInFailed
        attempt.was_good()
        return await self._begin(account, network, request_id)

    async def give_link(self, account_id: str, *, actor: str, request_id: str | None) -> GivenLink:
        """A link with which this person chooses a password; it ends earlier ones.

        Raises SignsInElsewhere.
        """
        held = secret()
        link = OneTimeLink(hash=_hash(held), expires_at=self._clock.now() + LINK_LASTS)

        def decide(accounts: Accounts) -> Change:
            if accounts[account_id].identity is not None:
                raise SignsInElsewhere
            account = replace(accounts[account_id], link=link)
            return self._change(account, Deed.LINK_GIVEN, actor, request_id)

        await self._directory.change(decide)
        return GivenLink(held, link.expires_at)

    async def whose_link(self, held: str) -> Account:
        """Who may choose a password with it. Raises LinkEnded."""
        await self._directory.be_warm()
        return self._whose(self._directory.accounts, held)

    async def choose_password(
        self, held: str, password: str, *, address: str | None, request_id: str | None
    ) -> SignedIn:
        """Use the link, end all sessions, and sign in. Raises LinkEnded, WeakPassword."""
        before = await self.whose_link(held)
        stored = await self._passwords.hash(password, known_of_them=(before.name, before.id))

        def decide(accounts: Accounts) -> Change:
            account = self._whose(accounts, held)
            chosen = replace(account, password=stored, link=None, epoch=account.epoch + 1)
            return self._change(chosen, Deed.PASSWORD_CHOSEN, account.id, request_id)

        change = await self._directory.change(decide)
        return await self._begin(change.account, network_of(address), request_id)

    async def by_try_out(self, held: str, request_id: str | None) -> SignedIn:
        """With the link that the service has printed. Raises LinkEnded."""
        await self.check_try_out(held)
        signed_in = await self._sessions.begin(TRY_OUT, 0)
        await self._sessions.record(self._told(Deed.SIGNED_IN, TRY_OUT, None, request_id))
        return signed_in

    async def check_try_out(self, held: str) -> None:
        """Raises LinkEnded where the link opens nothing, or nothing any more."""
        opens = self._try_out is not None and self._try_out.opens(held)
        if not opens or self._try_out is None or await self._try_out.principal() is None:
            raise LinkEnded

    async def sign_out(self, held: str, *, everywhere: bool, request_id: str | None) -> None:
        """End this session, or all of the one whose it is."""
        known = await self._sessions.find(held)
        if known is None:
            return
        account = self._directory.accounts.get(known.principal.id)
        if everywhere and account is not None:
            await self._end_all(account.id, request_id)
            return
        await self._sessions.end(known.session.id)
        await self._record(Deed.SIGNED_OUT, account, request_id)

    async def _end_all(self, account_id: str, request_id: str | None) -> None:
        def decide(accounts: Accounts) -> Change:
            account = accounts[account_id]
            ended = replace(account, epoch=account.epoch + 1)
            return self._change(ended, Deed.SIGNED_OUT_EVERYWHERE, account_id, request_id)

        await self._directory.change(decide)

    async def _begin(self, account: Account, network: str, request_id: str | None) -> SignedIn:
        signed_in = await self._sessions.begin(account.id, account.epoch)
        await self._store.remember_address(_spelled(account.id), network, self._clock.now())
        await self._record(Deed.SIGNED_IN, account, request_id)
        return signed_in

    def _whose(self, accounts: Accounts, held: str) -> Account:
        told, now = _hash(held), self._clock.now()
        for account in accounts.values():
            link = account.link
            if link is not None and link.hash == told and now < link.expires_at:
                if account.disabled:
                    break
                return account
        raise LinkEnded

    def _change(self, account: Account, what: Deed, actor: str, request_id: str | None) -> Change:
        account = replace(account, version=account.version + 1)
        return Change(account=account, record=self._told(what, actor, account.id, request_id))

    async def _record(self, what: Deed, account: Account | None, request_id: str | None) -> None:
        """What a name was that nobody has is not kept: it may be a password in the wrong field."""
        whom = None if account is None else account.id
        await self._sessions.record(self._told(what, whom or "nobody", whom, request_id))

    def _told(
        self, what: Deed, actor: str, whom: str | None, request_id: str | None
    ) -> AuditRecord:
        return AuditRecord(
            id=self._ids.access_id(),
            at=self._clock.now(),
            actor=actor,
            what=what,
            whom=whom,
            request_id=request_id,
        )


def _person(accounts: Accounts, name: str) -> Account | None:
    """Whose name it is, in any case."""
    asked = _spelled(name)
    return next((each for each in _people(accounts) if _spelled(each.id) == asked), None)


def _people(accounts: Accounts) -> list[Account]:
    return [account for account in accounts.values() if account.kind is Kind.PERSON]


def _spelled(name: str) -> str:
    return normalized(name).strip().casefold()


def _hash(held: str) -> str:
    return sha256(held.encode()).hexdigest()
