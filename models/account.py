"""What is kept of a principal: who it is, what it was given, and the keys that it shows.

A principal is what an account may do at a moment; see `granted`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from models.access import Grant, Kind, Permission, Role

ACCOUNT_ID = r"[a-z0-9][a-z0-9._@-]{0,63}"
"""What an account is called in events, and by whoever signs in."""
NO_ACCOUNTS = frozenset({"console", "nobody", "patient", "service", "try-out"})
"""What events and records call those who act without an account: no account may look like them."""
LONGEST_KEY_DAYS = 730


class Key(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A client's credential. `hash` is the SHA-256 of all of it, in hexadecimal digits.

    `scope`: all that the client may do, or no more than these.
    """

    id: str
    hash: str
    made_at: datetime
    expires_at: datetime
    scope: tuple[Permission, ...] | None = None
    revoked_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and now < self.expires_at


class OneTimeLink(Struct, frozen=True, kw_only=True, rename="camel"):
    """With it a person chooses a password, once. `hash` is the SHA-256 of its secret."""

    hash: str
    expires_at: datetime


class Identity(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who somebody is to an identity provider: there a `subject` is never given to another."""

    issuer: str
    subject: str


class Account(Struct, frozen=True, kw_only=True, rename="camel"):
    """A person or a client of a facility; a person may be granted something at others too.

    `version` counts its changes; 0: it is not stored. `password` is a hash, argon2's. A session holds
    while `epoch` is what it was when the session began. Who has an `identity` signs in by its
    provider alone: the grants are what their groups there are given, at the last sign-in.
    """

    id: str
    kind: Kind
    name: str
    facility_id: str
    grants: tuple[Grant, ...] = ()
    keys: tuple[Key, ...] = ()
    password: str | None = None
    link: OneTimeLink | None = None
    epoch: int = 0
    disabled: bool = False
    identity: Identity | None = None
    version: int = 0


Accounts = Mapping[str, Account]
"""All there are, by id."""


def granted(account: Account, accounts: Accounts) -> tuple[Grant, ...]:
    """What an account was given, and what was delegated to it for as long as its giver holds it."""
    return () if account.disabled else tuple(_granted(account, accounts))


def _granted(account: Account, accounts: Accounts) -> Iterator[Grant]:
    for grant in account.grants:
        if grant.delegated_by is None:
            yield grant
        elif (giver := accounts.get(grant.delegated_by)) is not None:
            yield from _while_held(grant, giver)


def _while_held(grant: Grant, giver: Account) -> Iterator[Grant]:
    """The delegated grant, cut to the time of the giver's own; nothing if there is none."""
    own = [held for held in giver.grants if own_line(held, grant.facility_id, grant.doctors)]
    if giver.disabled or not own:
        return
    ends = [held.expires_at for held in own if held.expires_at is not None]
    if len(ends) == len(own):  # else one of them is for good
        last = max(ends)
        ended = last if grant.expires_at is None else min(last, grant.expires_at)
        grant = replace(grant, expires_at=ended)
    yield grant


def own_line(grant: Grant, facility_id: str, doctors: tuple[str, ...]) -> bool:
    """Whether it makes these doctors' lines one's own, so that one may delegate them.

    What was delegated, or taken by breaking glass, does not.
    """
    return (
        grant.role is Role.DOCTOR
        and grant.delegated_by is None
        and grant.reason is None
        and grant.facility_id == facility_id
        and bool(doctors)
        and set(doctors) <= set(grant.doctors)
    )


def administers(account: Account, now: datetime, facility_id: str | None = None) -> bool:
    """Whether it is a person who may give rights now, there or anywhere."""
    return any(grant.holds(now) for grant in _of_admin(account, facility_id))


def administers_for_good(account: Account, facility_id: str) -> bool:
    """Whether it is a person who may give rights there, and no hour and no provider will end that."""
    return account.identity is None and any(
        grant.expires_at is None for grant in _of_admin(account, facility_id)
    )


def _of_admin(account: Account, facility_id: str | None) -> Iterator[Grant]:
    if account.kind is Kind.PERSON and not account.disabled:
        for grant in account.grants:
            if grant.role is Role.ADMIN and grant.covers(facility_id or grant.facility_id, None):
                yield grant
