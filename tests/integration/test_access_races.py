"""Changes of access by several processes at once: one after the other, none lost, an admin left."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from config import Driver
from database import Database, connect
from models.access import Facility, Kind, Role
from models.errors import LastAdmin
from services.access.directory import Directory
from services.access_service import AccessService, NewAccount, NewGrant
from services.caller import Caller
from services.clock import SystemClock
from services.ids import Ids
from services.store.accounts import AccountStore
from services.store.collections import AUDIT
from services.store.doctors import DoctorStore
from services.store.facilities import Facilities
from tests.api.service import GivenSettings
from tests.principals import make_principal

pytestmark = pytest.mark.integration
CONSOLE = Caller(principal=make_principal("console", Role.ADMIN))


class Process:
    """What one process of the service has of access."""

    def __init__(self, database: Database) -> None:
        self.database = database
        store = AccountStore(database)
        facilities = Facilities(
            database, DoctorStore(database, "main"), Facility("main", "OPD", "Asia/Kolkata")
        )
        self.directory = Directory(store)
        self.service = AccessService(self.directory, store, facilities, SystemClock(), Ids())

    async def add(self, name: str, role: Role = Role.ADMIN) -> None:
        grant = NewGrant(role=role)
        asked = NewAccount(id=name, kind=Kind.PERSON, name=name, grant=grant)
        await self.service.add(CONSOLE, asked)

    async def revoke(self, name: str) -> bool:
        """Whether that one's right could be taken."""
        (grant,) = (await self.service.get(CONSOLE, name)).grants
        try:
            await self.service.revoke(CONSOLE, name, grant.id)
        except LastAdmin:
            return False
        return True


@pytest.fixture
async def processes(address: str) -> AsyncIterator[list[Process]]:
    """Four, two with each driver."""
    found = [
        Process(connect(GivenSettings(mongodb_uri=SecretStr(address), mongodb_driver=driver)))
        for driver in list(Driver) * 2
    ]
    yield found
    for process in found:
        await process.database.close()


async def test_of_two_admins_who_take_each_others_right_at_once_one_stays(
    processes: list[Process],
) -> None:
    here, there = processes[:2]
    await here.add("asha-0")
    for n in range(20):
        await here.add(f"sen-{n}")
        done = await asyncio.gather(here.revoke(f"asha-{n}"), there.revoke(f"sen-{n}"))
        assert sorted(done) == [False, True], "both, or none, lost it"
        await here.add(f"asha-{n + 1}")
        await there.revoke(f"sen-{n}" if done[0] else f"asha-{n}")


async def test_changes_made_at_once_are_all_made_and_all_recorded(
    processes: list[Process],
) -> None:
    names = [f"nurse-{n}" for n in range(40)]
    await asyncio.gather(*(processes[n % 4].add(name, Role.NURSE) for n, name in enumerate(names)))
    for process in processes:
        await process.directory.look()
        assert sorted(process.directory.accounts) == sorted(names)
    records = await AUDIT.of(processes[0].database).find({})
    assert sorted(str(record["whom"]) for record in records) == sorted(names)
