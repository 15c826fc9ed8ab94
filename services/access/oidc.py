"""Signing in with the hospital's identity provider.

A browser that begins holds 256 random bits. What the provider is given to send back, and what proves
that the answer is for this sign-in, is made of them, so the database keeps their hash alone: that the
sign-in was begun, and is used once.
"""

from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from limits import RateLimitItemPerMinute
from msgspec import Struct

from models.audit import AuditRecord, Deed
from models.errors import (
    AccountExists,
    NotYours,
    ProviderRefused,
    ProviderUnavailable,
    SignInNotBegun,
)
from services.access.identity_provider import IdentityProvider, Proof
from services.access.limits import Limits, network_of
from services.access.provided_accounts import ProvidedAccounts
from services.access.sessions import Sessions, SignedIn
from services.clock import Clock
from services.ids import Ids, secret
from services.store.sign_ins import BegunSignIn, SignInStore

BEGUN_LASTS = timedelta(minutes=10)
"""For a password and a second factor."""
_BEGUN = RateLimitItemPerMinute(200, namespace="sign-ins")
"""From one address, which a whole hospital may share at eight."""


class Begun(Struct, frozen=True):
    """A sign-in that has begun: what its browser is to hold, and where it is to go."""

    secret: str
    address: str


class CameBack(Struct, frozen=True, kw_only=True):
    """With what the provider has sent a browser back. No code: it was not signed in."""

    state: str
    code: str | None


class Arrived(Struct, frozen=True):
    """A session that has begun, and where its browser wanted to go."""

    signed_in: SignedIn
    next_path: str


class OidcSignIn:
    """`name` is what people call the provider. Every method raises DatabaseUnavailable."""

    def __init__(
        self,
        provider: IdentityProvider,
        accounts: ProvidedAccounts,
        sessions: Sessions,
        store: SignInStore,
        clock: Clock,
        ids: Ids,
        *,
        name: str,
    ) -> None:
        self.name = name
        self._provider = provider
        self._accounts = accounts
        self._sessions = sessions
        self._store = store
        self._clock = clock
        self._ids = ids
        self._limits = Limits(clock)

    async def begin(self, next_path: str, *, redirect_uri: str, address: str | None) -> Begun:
        """Raises RateLimited, ProviderUnavailable."""
        self._limits.take(_BEGUN, network_of(address))
        held = secret()
        proof = _proof(held, redirect_uri)
        there = await self._provider.address_to_sign_in(proof, _made_of(held, "state"))
        ends = self._clock.now() + BEGUN_LASTS
        await self._store.add(BegunSignIn(id=_hash(held), next_path=next_path, expires_at=ends))
        return Begun(held, there)

    async def finish(
        self, held: str | None, back: CameBack, *, redirect_uri: str, request_id: str | None
    ) -> Arrived:
        """Sign in who came back, once.

        Raises SignInNotBegun, ProviderUnavailable, ProviderRefused, IdentityUnproven,
        NoRoleForGroups, AccountDisabled, AccountExists, OutcomeUnknown.
        """
        if held is None or not compare_digest(
            back.state.encode(), _made_of(held, "state").encode()
        ):
            raise SignInNotBegun
        begun = await self._store.take(_hash(held), self._clock.now())
        if begun is None:
            raise SignInNotBegun
        try:
            if back.code is None:
                raise ProviderRefused
            person = await self._provider.identify(back.code, _proof(held, redirect_uri))
            account = await self._accounts.keep(person, request_id)
        except (NotYours, AccountExists, ProviderUnavailable) as refusal:
            await self._record(Deed.SIGN_IN_FAILED, "nobody", request_id, why=refusal.code)
            raise
        signed_in = await self._sessions.begin(account.id, account.epoch)
        await self._record(Deed.SIGNED_IN, account.id, request_id, by=self.name)
        return Arrived(signed_in, begun.next_path)

    async def drop_past(self) -> None:
        """Let go of those that were begun too long ago."""
        await self._store.drop_past(self._clock.now())

    async def close(self) -> None:
        """Ask the provider nothing more."""
        await self._provider.close()

    async def _record(self, what: Deed, actor: str, request_id: str | None, **details: str) -> None:
        await self._sessions.record(
            AuditRecord(
                id=self._ids.access_id(),
                at=self._clock.now(),
                actor=actor,
                what=what,
                whom=None if actor == "nobody" else actor,
                request_id=request_id,
                details=details,
            )
        )


def _proof(held: str, redirect_uri: str) -> Proof:
    return Proof(
        nonce=_made_of(held, "nonce"),
        verifier=_made_of(held, "verifier"),
        redirect_uri=redirect_uri,
    )


def _made_of(held: str, what: str) -> str:
    """64 characters that tell nothing of the secret, nor of each other."""
    return sha256(f"{what} {held}".encode()).hexdigest()


def _hash(held: str) -> str:
    return sha256(held.encode()).hexdigest()
