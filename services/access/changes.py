"""Changes of an account: pure, decided on all accounts as they stand, made one after the other."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from models.access import Grant, Role
from models.account import NO_ACCOUNTS, Account, Accounts, Key, administers_for_good
from models.audit import AuditRecord, Deed
from models.errors import (
    LastAdmin,
    TooManyKeys,
    UnknownAccount,
    UnknownGrant,
    UnknownKey,
    UnusableId,
)
from services.access.directory import Directory
from services.access.keys import MOST_KEYS
from services.ids import Ids
from services.store.accounts import Change


class Who(Struct, frozen=True):
    """Whose doing it is, for the record."""

    actor: str
    request_id: str | None


class Done(Struct, frozen=True, kw_only=True):
    """What becomes of an account, and what is recorded of that."""

    account: Account
    what: Deed
    facility_id: str | None
    details: dict[str, str] = {}


Edit = Callable[[Account, Accounts], Done | None]
"""What becomes of an account, given all of them; None: it stays as it is. May refuse."""


class AccessChanges:
    """Makes changes, each with its record."""

    def __init__(self, directory: Directory, ids: Ids) -> None:
        self._directory = directory
        self._ids = ids

    async def make(
        self, who: Who, decide: Callable[[Accounts], Done | None], now: datetime
    ) -> Account | None:
        """What `decide` finds of all accounts as they are then; None: nothing is changed.

        Raises what `decide` raises.
        """

        def change(accounts: Accounts) -> Change | None:
            done = decide(accounts)
            return None if done is None else self._change(who, done, now)

        made = await self._directory.change(change)
        return None if made is None else made.account

    async def add(self, who: Who, done: Done, now: datetime) -> None:
        """Store a new account. Raises UnusableId: accounts of all facilities share their ids."""

        def decide(accounts: Accounts) -> Done:
            if done.account.id in accounts or done.account.id in NO_ACCOUNTS:
                raise UnusableId
            return done

        await self.make(who, decide, now)

    async def edit(self, who: Who, account_id: str, edit: Edit, now: datetime) -> Account:
        """The account as it is then. Raises UnknownAccount, and what `edit` raises."""
        found: list[Account] = []

        def decide(accounts: Accounts) -> Done | None:
            account = accounts.get(account_id)
            if account is None:
                raise UnknownAccount
            done = edit(account, accounts)
            found[:] = [account if done is None else done.account]
            return done

        await self.make(who, decide, now)
        return found[0]

    def _change(self, who: Who, done: Done, now: datetime) -> Change:
        account = replace(done.account, version=done.account.version + 1)
        record = AuditRecord(
            id=self._ids.access_id(),
            at=now,
            actor=who.actor,
            what=done.what,
            whom=account.id,
            facility_id=done.facility_id,
            request_id=who.request_id,
            details=done.details,
        )
        return Change(account=account, record=record)


def add_grant(account: Account, grant: Grant, what: Deed, now: datetime) -> Done | None:
    """Those that have ended are dropped; one that stands already is not given twice."""
    if same_grant(account, grant) is not None:
        return None
    current = (each for each in account.grants if each.holds(now))
    return Done(
        account=replace(account, grants=(*current, grant)),
        what=what,
        facility_id=grant.facility_id,
        details=describe(grant),
    )


def same_grant(account: Account, grant: Grant) -> Grant | None:
    """The grant of the account that differs in nothing but its id."""
    same = (each for each in account.grants if replace(each, id=grant.id) == grant)
    return next(same, None)


def find_grant(account: Account, grant_id: str) -> Grant:
    """Raises UnknownGrant."""
    for grant in account.grants:
        if grant.id == grant_id:
            return grant
    raise UnknownGrant


def drop_grant(account: Account, grant: Grant, accounts: Accounts) -> Done:
    """Raises LastAdmin."""
    changed = replace(account, grants=tuple(each for each in account.grants if each != grant))
    keep_admins(account, changed, accounts)
    return Done(
        account=changed,
        what=Deed.GRANT_REVOKED,
        facility_id=grant.facility_id,
        details=describe(grant),
    )


def add_key(account: Account, key: Key, now: datetime) -> Done:
    """Those that open nothing any more are dropped. Raises TooManyKeys."""
    valid = tuple(each for each in account.keys if each.holds(now))
    if len(valid) >= MOST_KEYS:
        raise TooManyKeys
    return Done(
        account=replace(account, keys=(*valid, key)),
        what=Deed.KEY_MADE,
        facility_id=account.facility_id,
        details={"key": key.id, "until": key.expires_at.isoformat()},
    )


def revoke_key(account: Account, key_id: str, now: datetime) -> Done | None:
    """Raises UnknownKey."""
    found = next((key for key in account.keys if key.id == key_id), None)
    if found is None:
        raise UnknownKey
    if not found.holds(now):
        return None
    keys = (replace(key, revoked_at=now) if key is found else key for key in account.keys)
    return Done(
        account=replace(account, keys=tuple(keys)),
        what=Deed.KEY_REVOKED,
        facility_id=account.facility_id,
        details={"key": key_id},
    )


def set_disabled(account: Account, accounts: Accounts, *, disabled: bool) -> Done | None:
    """Raises LastAdmin."""
    if account.disabled == disabled:
        return None
    changed = replace(account, disabled=disabled)
    keep_admins(account, changed, accounts)
    what = Deed.ACCOUNT_DISABLED if disabled else Deed.ACCOUNT_ENABLED
    return Done(account=changed, what=what, facility_id=account.facility_id)


def keep_admins(before: Account, after: Account, accounts: Accounts) -> None:
    """Raises LastAdmin where a facility would have nobody left who may give rights for good.

    Where nobody could, there is nobody to lose.
    """
    for facility_id in {grant.facility_id for grant in before.grants if grant.role is Role.ADMIN}:
        lost = administers_for_good(before, facility_id) and not administers_for_good(
            after, facility_id
        )
        others = (account for account in accounts.values() if account.id != before.id)
        if lost and not any(administers_for_good(other, facility_id) for other in others):
            raise LastAdmin


def describe(grant: Grant) -> dict[str, str]:
    """A grant as its record tells it."""
    told: dict[str, str | None] = {
        "grant": grant.id,
        "role": grant.role.value,
        "doctors": ", ".join(grant.doctors) or None,
        "until": None if grant.expires_at is None else grant.expires_at.isoformat(),
        "delegatedBy": grant.delegated_by,
        "reason": grant.reason,
    }
    return {name: value for name, value in told.items() if value is not None}
