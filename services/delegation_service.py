"""Rights that one passes on or takes without an administrator: for a time, and recorded.

A doctor lets an assistant run their line. Somebody at the desk who must act at once, and may not,
breaks the glass: a role for an hour, with a reason that the auditor reads.
"""

from datetime import datetime, timedelta

from models.access import OWN_DOCTORS, Grant, Kind, Permission, Role
from models.account import Account, Accounts, own_line
from models.audit import Deed
from models.errors import (
    DoctorsNeeded,
    Forbidden,
    InvalidExpiry,
    NotYourLine,
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
    drop_grant,
    find_grant,
    same_grant,
)
from services.access.directory import Directory
from services.caller import Caller
from services.clock import Clock
from services.ids import Ids
from services.store.facilities import Facilities

LONGEST = timedelta(days=90)
"""Of a delegation."""
BROKEN_FOR = timedelta(hours=1)
"""How long broken glass opens."""
BEHIND_GLASS = frozenset({Role.RECEPTIONIST, Role.NURSE, Role.DOCTOR})
"""What a day may need at once; nobody makes themselves a manager, an auditor or an admin."""


class DelegationService:
    """Every method raises OutcomeUnknown and Busy as changes of access do."""

    def __init__(
        self, directory: Directory, facilities: Facilities, clock: Clock, ids: Ids
    ) -> None:
        self._directory = directory
        self._changes = AccessChanges(directory, ids)
        self._facilities = facilities
        self._clock = clock
        self._ids = ids

    async def delegate(
        self, caller: Caller, doctor_id: str, to: str, until: datetime
    ) -> tuple[str, Grant]:
        """Let another run one's line as oneself does, until a time; to whom, and the grant.

        It can't be passed on, and ends with the caller's own. Raises UnknownDoctor, NotYourLine,
        InvalidExpiry, UnknownAccount.
        """
        now = self._clock.now()
        if not now < until <= now + LONGEST:
            raise InvalidExpiry(now + LONGEST)
        facility = await self._facilities.of_doctor(doctor_id)
        if facility is None or not caller.principal.belongs_to(facility.id, now):
            raise UnknownDoctor
        grant = Grant(
            id=self._ids.access_id(),
            role=Role.DOCTOR,
            facility_id=facility.id,
            doctors=(doctor_id,),
            expires_at=until,
            delegated_by=caller.principal.id,
        )

        def edit(account: Account, accounts: Accounts) -> Done | None:
            giver = accounts.get(caller.principal.id)
            own = () if giver is None or giver.disabled else giver.grants
            if not any(
                own_line(held, facility.id, grant.doctors) and held.holds(now) for held in own
            ):
                raise NotYourLine
            if account.kind is not Kind.PERSON or not _belongs(account, facility.id):
                raise UnknownAccount
            return add_grant(account, grant, Deed.GRANT_DELEGATED, now)

        account = await self._changes.edit(_who(caller), to, edit, now)
        return account.id, same_grant(account, grant) or grant

    async def delegated(self, caller: Caller) -> list[tuple[str, Grant]]:
        """What the caller has let others do, and whom: those that have not ended."""
        await self._directory.look()
        now = self._clock.now()
        return [
            (account.id, grant)
            for account in self._directory.accounts.values()
            for grant in account.grants
            if grant.delegated_by == caller.principal.id and grant.holds(now)
        ]

    async def take_back(self, caller: Caller, account_id: str, grant_id: str) -> None:
        """End what the caller delegated. Raises UnknownGrant."""
        now = self._clock.now()

        def edit(account: Account, accounts: Accounts) -> Done:
            grant = find_grant(account, grant_id)
            if grant.delegated_by != caller.principal.id:
                raise UnknownGrant
            return drop_grant(account, grant, accounts)

        try:
            await self._changes.edit(_who(caller), account_id, edit, now)
        except UnknownAccount:
            raise UnknownGrant from None

    async def break_glass(
        self,
        caller: Caller,
        *,
        facility_id: str | None,
        role: Role,
        doctors: tuple[str, ...],
        reason: str,
    ) -> Grant:
        """Take a role for an hour, at the settings' facility unless another is named.

        Only a person can, where they work.

        Raises UnknownFacility, UnknownDoctor, DoctorsNeeded, Forbidden.
        """
        now = self._clock.now()
        facility_id = facility_id or self._facilities.home.id
        if not caller.principal.belongs_to(facility_id, now):
            raise UnknownFacility
        if caller.principal.kind is not Kind.PERSON or role not in BEHIND_GLASS:
            raise Forbidden(Permission.MANAGE_ACCESS)
        if role in OWN_DOCTORS and not doctors:
            raise DoctorsNeeded
        for doctor_id in doctors:
            facility = await self._facilities.of_doctor(doctor_id)
            if facility is None or facility.id != facility_id:
                raise UnknownDoctor
        grant = Grant(
            id=self._ids.access_id(),
            role=role,
            facility_id=facility_id,
            doctors=doctors,
            expires_at=now + BROKEN_FOR,
            reason=reason,
        )
        await self._changes.edit(
            _who(caller),
            caller.principal.id,
            lambda account, _: add_grant(account, grant, Deed.GLASS_BROKEN, now),
            now,
        )
        return grant


def _who(caller: Caller) -> Who:
    return Who(caller.actor, caller.request_id)


def _belongs(account: Account, facility_id: str) -> bool:
    return not account.disabled and (
        account.facility_id == facility_id
        or any(grant.facility_id == facility_id for grant in account.grants)
    )
