"""Ways in that somebody hands out: to a person a link, to a device a session of its client.

Whoever lets somebody in as an account could do as that account does, so they must have all that it
has: else a link for an administrator would make one.
"""

from datetime import datetime

from models.access import Kind
from models.account import Account
from models.errors import UnknownAccount
from services.access.directory import Directory
from services.access.giving import check_holds, check_manages, managed_by
from services.access.sign_in import GivenLink, SignIn
from services.caller import Caller
from services.clock import Clock


class InvitationService:
    """For who manages access. Raises UnknownAccount for those of other facilities."""

    def __init__(self, directory: Directory, sign_in: SignIn, clock: Clock) -> None:
        self._directory = directory
        self._sign_in = sign_in
        self._clock = clock

    async def give_link(self, caller: Caller, account_id: str) -> GivenLink:
        """A link with which this person chooses a password, once. Raises Forbidden."""
        account = await self._account(caller, account_id, Kind.PERSON)
        return await self._sign_in.give_link(
            account.id, actor=caller.actor, request_id=caller.request_id
        )

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
