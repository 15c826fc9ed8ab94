"""Ways in that somebody hands out: to a person a link, to a device a session of its client.

Whoever lets somebody in as an account could do as that account does, so they must have all that it
has: else a link for an administrator would make one.
"""

from datetime import datetime

from models.access import Kind
from models.account import Account
from models.audit import AuditRecord, Deed
from models.errors import UnknownAccount, UnknownDevice
from models.session import Session
from services.access.access import Access
from services.access.giving import check_holds, check_manages, managed_by
from services.access.sign_in import GivenLink
from services.caller import Caller
from services.clock import Clock
from services.ids import Ids


class InvitationService:
    """For who manages access. Raises UnknownAccount for those of other facilities."""

    def __init__(self, access: Access, clock: Clock, ids: Ids) -> None:
        self._directory = access.directory
        self._sign_in = access.sign_in
        self._sessions = access.sessions
        self._devices = access.devices
        self._clock = clock
        self._ids = ids

    async def give_link(self, caller: Caller, account_id: str) -> GivenLink:
        """A link with which this person chooses a password, once. Raises Forbidden."""
        account = await self._account(caller, account_id, Kind.PERSON)
        return await self._sign_in.give_link(
            account.id, actor=caller.actor, request_id=caller.request_id
        )

    async def let_in(self, caller: Caller, code: str, client_id: str) -> Account:
        """Give the device that shows this code a session of this client.

        Raises UnknownDevice, Forbidden, RateLimited after too many unknown codes, OutcomeUnknown.
        """
        client = await self._account(caller, client_id, Kind.CLIENT)
        await self._devices.confirm(code, client.id, by=caller.actor)
        await self._record(caller, Deed.DEVICE_LET_IN, client)
        return client

    async def devices(self, caller: Caller) -> list[Session]:
        """The sessions of devices of clients that the caller manages."""
        sessions = await self._sessions.of_devices()
        return [session for session in sessions if self._manages(caller, session)]

    async def revoke_device(self, caller: Caller, session_id: str) -> None:
        """End a device's session everywhere. Raises UnknownDevice, OutcomeUnknown."""
        for session in await self.devices(caller):
            if session.id == session_id:
                await self._sessions.end(session.id)
                client = self._directory.accounts[session.account_id]
                await self._record(caller, Deed.DEVICE_REVOKED, client)
                return
        raise UnknownDevice

    def _manages(self, caller: Caller, session: Session) -> bool:
        client = self._directory.accounts.get(session.account_id)
        managed = managed_by(caller.principal, self._clock.now())
        return client is not None and client.facility_id in managed

    async def _record(self, caller: Caller, what: Deed, client: Account) -> None:
        record = AuditRecord(
            id=self._ids.access_id(),
            at=self._clock.now(),
            actor=caller.actor,
            what=what,
            whom=client.id,
            facility_id=client.facility_id,
            request_id=caller.request_id,
        )
        await self._sessions.record(record)

    async def _account(self, caller: Caller, account_id: str, kind: Kind) -> Account:
        """One into which the caller may let somebody."""
        await self._directory.look()
        now, account = self._clock.now(), self._directory.accounts.get(account_id)
        if account is None or account.kind is not kind or not _is_seen(caller, account, now):
            raise UnknownAccount
        check_manages(caller.principal, account.facility_id, now)
        held = [grant for grant in account.grants if grant.holds(now)]
        check_holds(caller.principal, held, now)
        return account


def _is_seen(caller: Caller, account: Account, now: datetime) -> bool:
    managed = managed_by(caller.principal, now)
    return account.facility_id in managed or any(
        grant.facility_id in managed for grant in account.grants
    )
