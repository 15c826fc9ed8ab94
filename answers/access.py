"""People, clients, and what each was given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from answers.answer import Answer, Instant
from models.access import Grant, Kind, Permission, Role
from models.account import Account, Key


class GrantOut(Answer, frozen=True):
    """A role at a facility. No doctors means all of them; no expiresAt, for good.

    `delegatedBy` is the doctor who lets them run the line, and ends with that one's own; `reason`
    says why glass was broken.
    """

    id: str
    role: Role
    facility_id: str
    doctors: list[str]
    expires_at: Instant | None
    delegated_by: str | None
    reason: str | None


class KeyOut(Answer, frozen=True):
    """A key of a client. The service knows its hash alone: nobody can be told the key itself.

    `lastUsedAt` is told about a minute late. No scope means all that the client may do.
    """

    id: str
    made_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
    last_used_at: Instant | None
    scope: list[Permission] | None


class NewKeyOut(Answer, frozen=True):
    """A new key. `key` is told this once: keep it where the client reads it."""

    id: str
    key: Annotated[str, Meta(description="Goes into the header Authorization, behind Bearer")]
    expires_at: Instant


class AccountOut(Answer, frozen=True):
    """A person, who signs in, or a client, a program with keys."""

    id: str
    kind: Kind
    name: str
    facility_id: str
    disabled: bool
    grants: list[GrantOut]
    keys: list[KeyOut]


class DelegationOut(Answer, frozen=True):
    """A grant that the caller gave for their own line, and to whom."""

    to: str
    grant: GrantOut


def show_grant(grant: Grant) -> GrantOut:
    """A grant's answer."""
    return GrantOut(
        id=grant.id,
        role=grant.role,
        facility_id=grant.facility_id,
        doctors=list(grant.doctors),
        expires_at=grant.expires_at,
        delegated_by=grant.delegated_by,
        reason=grant.reason,
    )


def show_account(account: Account, last_used: Mapping[str, datetime]) -> AccountOut:
    """An account's answer."""
    return AccountOut(
        id=account.id,
        kind=account.kind,
        name=account.name,
        facility_id=account.facility_id,
        disabled=account.disabled,
        grants=[show_grant(grant) for grant in account.grants],
        keys=[_show_key(key, last_used.get(key.id)) for key in account.keys],
    )


def show_new_key(text: str, key: Key) -> NewKeyOut:
    """A new key's answer."""
    return NewKeyOut(id=key.id, key=text, expires_at=key.expires_at)


def show_delegation(to: str, grant: Grant) -> DelegationOut:
    """A delegation's answer."""
    return DelegationOut(to=to, grant=show_grant(grant))


def _show_key(key: Key, last_used: datetime | None) -> KeyOut:
    return KeyOut(
        id=key.id,
        made_at=key.made_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=last_used,
        scope=None if key.scope is None else list(key.scope),
    )
