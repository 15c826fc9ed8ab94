"""Who is given what: people, clients, their grants and keys. Every change of it is recorded."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from models.access import OWN_DOCTORS, Grant, Kind, Permission, Role
from models.account import Account, Accounts, Key
from models.audit import Deed
from models.errors import (
    DoctorsNeeded,
    InvalidExpiry,
    SignsInElsewhere,
    UnknownAccount,
    UnknownDoctor,
    UnknownFacility,
    UnknownGrant,
)
from services.access.changes import (
    AccessChanges,
    Done,
    Who,
    add_grant,
    add_key,
    describe,
    drop_grant,
    find_grant,
    revoke_key,
    same_grant,
    set_disabled,
)
from services.access.directory import Directory
from services.access.giving import check_holds, check_manages, managed_by
from services.access.keys import make_key
from services.caller import Caller
from services.clock import Clock
from services.ids import Ids
from services.store.accounts import AccountStore
from services.store.facilities import Facilities


class NewGrant(Struct, frozen=True, kw_only=True):
    """A role to be given; where no facility is named, at the caller's own."""

    role: Role
    facility_id: str | None = None
    doctors: tuple[str, ...] = ()
    expires_at: datetime | None = None


class NewAccount(Struct, frozen=True, kw_only=True):
    """A person or a client to be made, and what it is given from the start."""

    id: str
    kind: Kind
    name: str
    facility_id: str | None = None
    grant: NewGrant | None = None


class AccessService:
    """For who manages access at a facility. What is of another one is unknown to them."""

    def __init__(
        self,
        directory: Directory,
        store: AccountStore,
        facilities: Facilities,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._directory = directory
        self._store = store
        self._changes = AccessChanges(directory, ids)
        self._facilities = facilities
        self._clock = clock
        self._ids = ids

    # Accounts

    async def add(self, caller: Caller, asked: NewAccount) -> Account:
        """A new account.

        Raises UnusableId, UnknownFacility, UnknownDoctor, InvalidExpiry, DoctorsNeeded,
        Forbidden.
        """
        now = self._clock.now()
        facility_id = await self._managed(caller, asked.facility_id, now)
        grants = () if asked.grant is None else (await self._checked(caller, asked.grant, now),)
        account = Account(
            id=asked.id,
            kind=asked.kind,
            name=asked.name,
            facility_id=facility_id,
            grants=grants,
        )
        details = {"kind": asked.kind.value, **(describe(grants[0]) if grants else {})}
        done = Done(
            account=account, what=Deed.ACCOUNT_MADE, facility_id=facility_id, details=details
        )
        await self._changes.add(_who(caller), done, now)
        return account

    async def list(
        self, caller: Caller, *, after: str, limit: int
    ) -> tuple[list[Account], str | None]:
        """A page of the accounts that the caller manages, and the id to go on after."""
        await self._directory.look()
        managed = managed_by(caller.principal, self._clock.now())
        ordered = sorted(self._directory.accounts.items())
        found = [
            _shown(account, managed)
            for id_, account in ordered
            if id_ > after and _is_seen(account, managed)
        ]
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None

    async def get(self, caller: Caller, account_id: str) -> Account:
        """The account of that id. Raises UnknownAccount."""
        await self._directory.look()
        managed = managed_by(caller.principal, self._clock.now())
        account = self._directory.accounts.get(account_id)
        if account is None or not _is_seen(account, managed):
            raise UnknownAccount
        return _shown(account, managed)

    async def last_used(self) -> dict[str, datetime]:
        """When keys were used last, by their ids; told about a minute late."""
        return await self._store.last_used()

    async def set_disabled(self, caller: Caller, account_id: str, *, disabled: bool) -> Account:
        """Lock an account out, or let it in again. Raises UnknownAccount, LastAdmin, Forbidden."""
        now = self._clock.now()

        def edit(account: Account, accounts: Accounts) -> Done | None:
            self._check_sees(caller, account, now)
            check_manages(caller.principal, account.facility_id, now)
            check_holds(caller.principal, account.grants, now)
            return set_disabled(account, accounts, disabled=disabled)

        account = await self._changes.edit(_who(caller), account_id, edit, now)
        return _shown(account, managed_by(caller.principal, now))

    # Keys

    async def add_key(
        self,
        caller: Caller,
        client_id: str,
        *,
        lasts: timedelta,
        scope: tuple[Permission, ...] | None = None,
    ) -> tuple[str, Key]:
        """A new key of a client: its text, which is told this once, and what is kept of it.

        Raises UnknownAccount, TooManyKeys, and Forbidden where it would open more than the caller
        may.
        """
        now = self._clock.now()
        text, key = make_key(self._ids.access_id(), now, now + lasts, scope)

        def edit(account: Account, _: Accounts) -> Done | None:
            self._check_client(caller, account, now)
            check_holds(caller.principal, account.grants, now, scope=scope)
            return add_key(account, key, now)

        await self._changes.edit(_who(caller), client_id, edit, now)
        return text, key

    async def revoke_key(self, caller: Caller, client_id: str, key_id: str) -> None:
        """End a key in every process. Raises UnknownAccount, UnknownKey, Forbidden."""
        now = self._clock.now()

        def edit(account: Account, _: Accounts) -> Done | None:
            self._check_client(caller, account, now)
            return revoke_key(account, key_id, now)

        await self._changes.edit(_who(caller), client_id, edit, now)

    # Grants

    async def give(self, caller: Caller, account_id: str, asked: NewGrant) -> Grant:
        """Give a role. Asked once more, it is the same grant.

        Raises UnknownAccount, UnknownFacility, UnknownDoctor, InvalidExpiry, DoctorsNeeded,
        Forbidden, SignsInElsewhere.
        """
        now = self._clock.now()
        grant = await self._checked(caller, asked, now)

        def edit(account: Account, _: Accounts) -> Done | None:
            self._check_sees(caller, account, now)
            if account.kind is Kind.CLIENT and account.facility_id != grant.facility_id:
                raise UnknownAccount
            if account.identity is not None:
                raise SignsInElsewhere
            return add_grant(account, grant, Deed.GRANT_GIVEN, now)

        account = await self._changes.edit(_who(caller), account_id, edit, now)
        return same_grant(account, grant) or grant

    async def revoke(self, caller: Caller, account_id: str, grant_id: str) -> None:
        """Take a grant back. Raises UnknownAccount, UnknownGrant, LastAdmin."""
        now = self._clock.now()

        def edit(account: Account, accounts: Accounts) -> Done:
            self._check_sees(caller, account, now)
            grant = find_grant(account, grant_id)
            if grant.facility_id not in managed_by(caller.principal, now):
                raise UnknownGrant
            return drop_grant(account, grant, accounts)

        await self._changes.edit(_who(caller), account_id, edit, now)

    async def _checked(self, caller: Caller, asked: NewGrant, now: datetime) -> Grant:
        """The grant that was asked for, if the caller may give it."""
        facility_id = await self._managed(caller, asked.facility_id, now)
        if asked.role in OWN_DOCTORS and not asked.doctors:
            raise DoctorsNeeded
        if asked.expires_at is not None and asked.expires_at <= now:
            raise InvalidExpiry
        for doctor_id in asked.doctors:
            facility = await self._facilities.of_doctor(doctor_id)
            if facility is None or facility.id != facility_id:
                raise UnknownDoctor
        grant = Grant(
            id=self._ids.access_id(),
            role=asked.role,
            facility_id=facility_id,
            doctors=asked.doctors,
            expires_at=asked.expires_at,
        )
        check_holds(caller.principal, [grant], now)
        return grant

    async def _managed(self, caller: Caller, named: str | None, now: datetime) -> str:
        """The facility that was named, else the only one where the caller manages access.

        Of a facility where the caller has no right at all it is not told that it exists.
        """
        managed = managed_by(caller.principal, now)
        facility_id = named or next(
            iter(managed if len(managed) == 1 else [self._facilities.home.id])
        )
        if not caller.principal.belongs_to(facility_id, now):
            raise UnknownFacility
        await self._facilities.get(facility_id)
        check_manages(caller.principal, facility_id, now)
        return facility_id

    def _check_client(self, caller: Caller, account: Account, now: datetime) -> None:
        self._check_sees(caller, account, now)
        check_manages(caller.principal, account.facility_id, now)
        if account.kind is not Kind.CLIENT:
            raise UnknownAccount

    def _check_sees(self, caller: Caller, account: Account, now: datetime) -> None:
        if not _is_seen(account, managed_by(caller.principal, now)):
            raise UnknownAccount


def _who(caller: Caller) -> Who:
    return Who(caller.actor, caller.request_id)


def _is_seen(account: Account, managed: frozenset[str]) -> bool:
    return account.facility_id in managed or any(
        grant.facility_id in managed for grant in account.grants
    )


def _shown(account: Account, managed: frozenset[str]) -> Account:
    """Without what it was given where the caller manages nothing."""
    grants = tuple(grant for grant in account.grants if grant.facility_id in managed)
    return replace(account, grants=grants)
