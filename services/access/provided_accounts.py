"""Accounts of people whom the identity provider knows, and what their groups there give.

Each is named by what never changes and is nobody else's: the provider and its own name for the person.
What people are called, or their address of mail, may be another's tomorrow.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from msgspec.structs import replace

from models.access import Grant, Kind, Role
from models.account import Account, Accounts, Identity
from models.audit import Deed
from models.errors import AccountDisabled, AccountExists, NoRoleForGroups
from oidc_settings import GroupRole
from services.access.changes import AccessChanges, Done, Who
from services.access.directory import Directory
from services.access.id_token import Person
from services.clock import Clock
from services.ids import Ids


class ProvidedAccounts:
    """Accounts of people whom the provider knows: each has what the groups of the last sign-in give."""

    def __init__(
        self,
        group_roles: Sequence[GroupRole],
        directory: Directory,
        clock: Clock,
        ids: Ids,
        *,
        home_id: str,
    ) -> None:
        self._group_roles = tuple(group_roles)
        self._directory = directory
        self._changes = AccessChanges(directory, ids)
        self._clock = clock
        self._ids = ids
        self._home_id = home_id

    async def keep(self, person: Person, request_id: str | None) -> Account:
        """The account with what the groups say now.

        Who is in none that is given a role keeps nothing, and has no session any more. Raises
        NoRoleForGroups, AccountDisabled, AccountExists for an account that only has the same id.
        """
        account_id, now = account_id_of(person.identity), self._clock.now()
        given = self._given(person.groups)

        def decide(accounts: Accounts) -> Done | None:
            account = accounts.get(account_id)
            if account is None:
                return self._new(account_id, person, given) if given else None
            if account.identity != person.identity:
                raise AccountExists
            if account.disabled:
                raise AccountDisabled
            return self._changed(account, person, given, now)

        made = await self._changes.make(Who(account_id, request_id), decide, now)
        if not given:
            raise NoRoleForGroups
        return made or self._directory.accounts[account_id]

    def _given(self, groups: frozenset[str]) -> tuple[Grant, ...]:
        """Without ids; in the order of the settings."""
        grants = (
            Grant(
                id="",
                role=Role(each.role),
                facility_id=each.facility_id or self._home_id,
                doctors=each.doctors,
            )
            for each in self._group_roles
            if each.group in groups
        )
        return tuple(dict.fromkeys(grants))

    def _new(self, account_id: str, person: Person, given: tuple[Grant, ...]) -> Done:
        account = Account(
            id=account_id,
            kind=Kind.PERSON,
            name=person.name or account_id,
            facility_id=given[0].facility_id,
            grants=self._numbered(given),
            identity=person.identity,
        )
        details = {"kind": Kind.PERSON.value, "given": _told(given)}
        return Done(
            account=account,
            what=Deed.ACCOUNT_MADE,
            facility_id=_place(given),
            details=details,
        )

    def _changed(
        self, account: Account, person: Person, given: tuple[Grant, ...], now: datetime
    ) -> Done | None:
        """What was delegated to them, or taken by breaking glass, stays: it has an end of its own."""
        named = replace(account, name=person.name or account.name)
        before = tuple(grant for grant in account.grants if _is_given(grant))
        if {replace(grant, id="") for grant in before} == set(given):
            if named == account:
                return None
            return Done(account=named, what=Deed.ACCOUNT_RENAMED, facility_id=account.facility_id)
        others = (each for each in account.grants if not _is_given(each) and each.holds(now))
        facilities = [grant.facility_id for grant in given] or [account.facility_id]
        home = account.facility_id if account.facility_id in facilities else facilities[0]
        return Done(
            account=replace(
                named,
                grants=(*self._numbered(given, before), *others),
                facility_id=home,
                epoch=account.epoch if given else account.epoch + 1,
            ),
            what=Deed.GRANTS_REPLACED,
            facility_id=_place((*before, *given)),
            details={"before": _told(before), "given": _told(given)},
        )

    def _numbered(self, given: Iterable[Grant], before: Iterable[Grant] = ()) -> tuple[Grant, ...]:
        """With ids: those that it had."""
        ids = {replace(grant, id=""): grant.id for grant in before}
        return tuple(replace(grant, id=ids.get(grant) or self._ids.access_id()) for grant in given)


def account_id_of(identity: Identity) -> str:
    """By what an account is known here and in events; of one person it is always the same."""
    told = sha256(f"{identity.issuer}\n{identity.subject}".encode()).digest()
    return f"oidc-{base64.b32encode(told[:16]).decode().rstrip('=').lower()}"


def _is_given(grant: Grant) -> bool:
    """Whether it is by the groups."""
    return grant.delegated_by is None and grant.reason is None


def _told(grants: Iterable[Grant]) -> str:
    return "; ".join(
        f"{grant.role}@{grant.facility_id}"
        + (f":{','.join(grant.doctors)}" if grant.doctors else "")
        for grant in grants
    )


def _place(grants: Iterable[Grant]) -> str | None:
    """Where it is told to auditors; of several facilities at that of the settings."""
    places = {grant.facility_id for grant in grants}
    return places.pop() if len(places) == 1 else None
