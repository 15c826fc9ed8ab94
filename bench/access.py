"""A client that may all, in a database whose service nobody has opened yet, as production needs."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from config import Settings
from database import connect
from models.access import Grant, Kind, Role
from models.account import Account, Accounts, Key
from models.audit import AuditRecord, Deed
from services.access.directory import Directory
from services.access.keys import hash_key
from services.clock import SystemClock
from services.store.accounts import AccountStore, Change

KEY = "opd_bench_a-key-of-databases-that-live-for-minutes-0000"
"""The client's, the same in each run, so that requests can be made beforehand."""
BEARER = f"Authorization: Bearer {KEY}\r\n"


def give_access(uri: str) -> None:
    """Make an admin, and the client whose key this is, in the database of this address."""
    asyncio.run(_give(Settings(mongodb_uri=SecretStr(uri))))


def give_access_in(file: Path) -> None:
    """The same in the embedded database of this file."""
    asyncio.run(_give(Settings(mongodb_uri=None, embedded_file=str(file))))


def _always(change: Change) -> Callable[[Accounts], Change]:
    return lambda _: change


async def _give(settings: Settings) -> None:
    database = connect(settings)
    directory = Directory(AccountStore(database))
    now = SystemClock().now()
    key = Key(id="bench", hash=hash_key(KEY), made_at=now, expires_at=now + timedelta(days=1))
    grant = Grant(id="all", role=Role.ADMIN, facility_id=settings.facility_id)
    for kind, id_, keys in ((Kind.PERSON, "admin", ()), (Kind.CLIENT, "bench", (key,))):
        account = Account(
            id=id_,
            kind=kind,
            name=id_,
            facility_id=settings.facility_id,
            grants=(grant,),
            keys=keys,
            version=1,
        )
        record = AuditRecord(id=id_, at=now, actor="bench", what=Deed.ACCOUNT_MADE, whom=id_)
        await directory.change(_always(Change(account=account, record=record)))
    await database.close()
