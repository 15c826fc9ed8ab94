"""`python main.py access …`: who may do what, told on the service's own machine.

Whoever can read its settings can read its database, so here all is allowed, and recorded.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from config import FACILITY_ID, BadSettings, Settings, known_zone
from database import connect
from models.access import Facility, Grant, Kind, Permission, Principal, Role
from models.account import ACCOUNT_ID, LONGEST_KEY_DAYS, Account
from models.errors import AccountExists, Refusal, UnknownGrant
from services.access_service import NewAccount, NewGrant
from services.caller import Caller
from services.clock import SystemClock
from services.ids import Ids
from services.metrics import Metrics
from services.opd import Opd, build_opd
from services.wording.catalogue import Catalogue
from services.wording.refusals import word_refusal

WHO = "console"
"""Who did it, in the record."""
_REFUSED = 1


class _Console:
    """The commands, on the service's use cases."""

    def __init__(self, opd: Opd, caller: Caller, settings: Settings) -> None:
        self._opd = opd
        self._caller = caller
        self._settings = settings

    async def create_admin(self, asked: argparse.Namespace) -> None:
        """A person who may give rights; one who is there already becomes that too."""
        grant = NewGrant(role=Role.ADMIN, facility_id=asked.facility)
        standing = await self._standing(asked.id)
        if standing is not None and standing.kind is not Kind.PERSON:
            raise AccountExists
        if standing is not None:
            await self._opd.accounts.give(self._caller, asked.id, grant)
        else:
            account = NewAccount(
                id=asked.id,
                kind=Kind.PERSON,
                name=asked.name or asked.id,
                facility_id=asked.facility,
                grant=grant,
            )
            await self._opd.accounts.add(self._caller, account)
        link = await self._opd.access.sign_in.give_link(asked.id, actor=WHO, request_id=None)
        _say(f"{asked.id} is an admin, and chooses a password with this link, once:")
        _say(f"{_address(self._settings)}/password/{link.secret}")

    async def create_client(self, asked: argparse.Namespace) -> None:
        """A program: a portal, a kiosk, another system; with --key standard output is its key."""
        account = NewAccount(
            id=asked.id,
            kind=Kind.CLIENT,
            name=asked.name or asked.id,
            facility_id=asked.facility,
            grant=NewGrant(role=Role(asked.role), facility_id=asked.facility),
        )
        if await self._standing(asked.id) is not None:
            raise AccountExists
        await self._opd.accounts.add(self._caller, account)
        if asked.key:
            asked.client = asked.id
            await self.create_key(asked)
        else:
            _say(
                f"{asked.id} is a client. Make its key: python main.py access create-key {asked.id}"
            )

    async def create_key(self, asked: argparse.Namespace) -> None:
        """A key of a client; only the key goes to standard output."""
        scope = tuple(Permission(name) for name in asked.scope) or None
        text, key = await self._opd.accounts.add_key(
            self._caller, asked.client, lasts=timedelta(days=asked.days), scope=scope
        )
        Console(stderr=True).print(
            f"The key {key.id} of {asked.client} opens until {key.expires_at:%Y-%m-%d}. "
            "It is told this once:"
        )
        _say(text)

    async def create_facility(self, asked: argparse.Namespace) -> None:
        """Another hospital or clinic in the same database."""
        facility = Facility(asked.id, asked.name or asked.id, asked.timezone)
        await self._opd.facilities.add(facility)
        _say(f"{asked.id} is there. Make its admin: access create-admin NAME --facility {asked.id}")

    async def list(self, _: argparse.Namespace) -> None:
        """Who may do what."""
        used = await self._opd.accounts.last_used()
        table = Table("id", "kind", "name", "may", "keys", title="Who may do what")
        after: str | None = ""
        while after is not None:
            page, after = await self._opd.accounts.list(self._caller, after=after, limit=500)
            for account in page:
                keys = [
                    f"{key.id}: {'revoked' if key.revoked_at else f'until {key.expires_at:%Y-%m-%d}'}"
                    f", {f'used {used[key.id]:%Y-%m-%d %H:%M}' if key.id in used else 'never used'}"
                    for key in account.keys
                ]
                kind = f"{account.kind}, locked out" if account.disabled else account.kind.value
                grants = [f"{_told(grant)}" for grant in account.grants]
                table.add_row(account.id, kind, account.name, "\n".join(grants), "\n".join(keys))
        Console().print(table)

    async def revoke(self, asked: argparse.Namespace) -> None:
        """A key or a grant of an account, or all that it may."""
        if asked.what is None:
            await self._opd.accounts.set_disabled(self._caller, asked.id, disabled=True)
        else:
            try:
                await self._opd.accounts.revoke(self._caller, asked.id, asked.what)
            except UnknownGrant:
                await self._opd.accounts.revoke_key(self._caller, asked.id, asked.what)
        _say("Done. It holds everywhere within 5 seconds.")

    async def _standing(self, account_id: str) -> Account | None:
        """The account of that id: here none is hidden."""
        await self._opd.access.directory.look()
        return self._opd.access.directory.accounts.get(account_id)


def add_commands(parser: argparse.ArgumentParser, home: str) -> None:
    """What can be said behind `access`; `home` is where it counts unless a facility is named."""
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[_Console, argparse.Namespace], Awaitable[None]]
    ) -> argparse.ArgumentParser:
        told = (run.__doc__ or "").split("\n")[0]
        made = commands.add_parser(name, help=told, description=told)
        made.set_defaults(run=run)
        return made

    def at_a_facility(made: argparse.ArgumentParser) -> None:
        made.add_argument("--name", help="as people call it (default: the id)")
        made.add_argument("--facility", default=home, metavar="ID", help=f"default: {home}")

    def of_a_key(made: argparse.ArgumentParser) -> None:
        made.add_argument(
            "--days", type=_days, default=365, help="how long it opens (default: 365)"
        )
        made.add_argument("--scope", nargs="*", default=[], choices=[*map(str, Permission)])

    admin = command("create-admin", _Console.create_admin)
    admin.add_argument("id", type=_account_id, help="what they sign in as")
    at_a_facility(admin)
    client = command("create-client", _Console.create_client)
    client.add_argument("id", type=_account_id, help="what events shall call it")
    client.add_argument("--role", required=True, choices=[*map(str, Role)], help="what it may do")
    client.add_argument("--key", action="store_true", help="make its first key too")
    at_a_facility(client)
    of_a_key(client)
    key = command("create-key", _Console.create_key)
    key.add_argument("client", help="the client's id")
    of_a_key(key)
    facility = command("create-facility", _Console.create_facility)
    facility.add_argument("id", type=_facility_id)
    facility.add_argument("--name", help="as people call it (default: the id)")
    facility.add_argument("--timezone", type=known_zone, required=True, help="like Asia/Kolkata")
    command("list", _Console.list)
    revoke = command("revoke", _Console.revoke)
    revoke.add_argument("id", help="the account's id")
    revoke.add_argument("what", nargs="?", help="the id of a key or a grant; none: lock it out")


def run_command(settings: Settings, asked: argparse.Namespace) -> int:
    """Do what was asked; the program's exit status."""
    try:
        asyncio.run(_run(settings, asked))
    except Refusal as refusal:
        sys.stderr.write(f"{word_refusal(refusal, Catalogue())}\n")
        return _REFUSED
    except BadSettings as error:
        sys.stderr.write(
            f"{error}\nWhile the service runs on this file, ask it: /api/access, see /docs.\n"
        )
        return _REFUSED
    return 0


async def _run(settings: Settings, asked: argparse.Namespace) -> None:
    database = connect(settings)
    try:
        opd = build_opd(settings, database, SystemClock(), Ids(), Metrics())
        facilities = {each.id for each in await opd.facilities.all()} | {opd.home.id}
        grants = tuple(
            Grant(id=WHO, role=Role.ADMIN, facility_id=facility) for facility in sorted(facilities)
        )
        caller = Caller(principal=Principal(id=WHO, kind=Kind.SYSTEM, grants=grants))
        await asked.run(_Console(opd, caller, settings), asked)
    finally:
        await database.close()


def _account_id(text: str) -> str:
    return _matching(ACCOUNT_ID, text)


def _facility_id(text: str) -> str:
    return _matching(FACILITY_ID, text)


def _matching(pattern: str, text: str) -> str:
    if not re.fullmatch(pattern, text):
        raise argparse.ArgumentTypeError(f"write it as {pattern}")
    return text


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= LONGEST_KEY_DAYS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {LONGEST_KEY_DAYS}")
    return int(text)


def _told(grant: Grant) -> str:
    doctors = f" for {', '.join(grant.doctors)}" if grant.doctors else ""
    until = "" if grant.expires_at is None else f" until {grant.expires_at:%Y-%m-%d %H:%M}"
    return f"{grant.id}: {grant.role} at {grant.facility_id}{doctors}{until}"


def _address(settings: Settings) -> str:
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0") else settings.host  # noqa: S104  # only shown
    return f"http://{shown}:{settings.port}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
