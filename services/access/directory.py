"""All people and clients, in memory, as the database had them at most some seconds ago.

A process looks once a second whether access was changed, so that no request asks the database who
it is that asks, and a change holds everywhere within CHANGE_SECONDS. Past that, a process that
could not look knows nobody: who asks waits for the next look.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from models.access import Principal
from models.account import Accounts, administers, granted
from models.errors import Busy, DatabaseUnavailable
from services.clock import stopwatch
from services.store.accounts import AccountStore, Change
from services.store.batches import Inquiry

CHANGE_SECONDS = 5.0
"""After which a change of access holds in every process."""
_MOST_AGE = CHANGE_SECONDS - 1
"""Of a look, with a second to spare for what was asked just before."""
_CHANGE_WITHIN = 5.0
"""Seconds, while other processes keep being faster."""
_LOOK = "access"
Made = TypeVar("Made", bound=Change | None)


class Directory:
    """The accounts as last seen. `accounts` is another mapping as soon as anything changed."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store
        self.accounts: Accounts = {}
        self._version = -1
        self._looked = float("-inf")
        self._fails = False
        self._one_change = asyncio.Lock()
        self._looks = Inquiry[None](1, self._look)
        self._principals: dict[str, Principal | None] = {}

    @property
    def warm(self) -> bool:
        """Whether the last look is recent enough to say who somebody is."""
        return stopwatch() - self._looked < _MOST_AGE

    async def be_warm(self) -> None:
        """Wait for a look if the last is too old. Raises DatabaseUnavailable."""
        if not self.warm:
            if self._fails:
                raise DatabaseUnavailable  # the background goes on trying
            await self.look()

    async def look(self) -> None:
        """See what was changed until now, in any process. Raises DatabaseUnavailable."""
        await self._looks.about({_LOOK})

    def principal(self, account_id: str) -> Principal | None:
        """What an account may do; None if there is none, or it was disabled."""
        if account_id not in self._principals:
            self._principals[account_id] = self._resolve(account_id)
        return self._principals[account_id]

    def has_admin(self, now: datetime) -> bool:
        """Whether somebody gives the rights, so that nobody else may."""
        return any(administers(account, now) for account in self.accounts.values())

    async def change(self, decide: Callable[[Accounts], Made]) -> Made:
        """Make the change that `decide` finds, given all accounts as they are at that moment.

        None: there is nothing to change. It holds in this process at once. Raises what `decide`
        raises, Busy after losing races for too long, OutcomeUnknown.
        """
        async with self._one_change:
            until = stopwatch() + _CHANGE_WITHIN
            while stopwatch() < until:
                await self.look()
                change = decide(self.accounts)
                if change is None:
                    return change
                if await self._store.commit(self._version, change):
                    with suppress(DatabaseUnavailable):  # it is made: the next look will show it
                        await self.look()
                    return change
        raise Busy

    async def _look(self, _: object) -> dict[str, None]:
        asked = stopwatch()
        try:
            version = await self._store.version()
            if version != self._version:
                await self._learn(0 if version < self._version else self._version)
        except DatabaseUnavailable:
            self._fails = True
            raise
        self._fails = False
        self._looked = asked
        return {_LOOK: None}

    async def _learn(self, since: int) -> None:
        """Read what was changed; of a database that was put back, everything."""
        self._version, changed = await self._store.changed_since(since)
        known = {} if since <= 0 else self.accounts
        self.accounts = {**known, **{account.id: account for account in changed}}
        self._principals = {}

    def _resolve(self, account_id: str) -> Principal | None:
        account = self.accounts.get(account_id)
        if account is None or account.disabled:
            return None
        grants = granted(account, self.accounts)
        return Principal(id=account.id, kind=account.kind, grants=grants)
