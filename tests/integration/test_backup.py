"""A backup taken at any moment is a whole database, and the service goes on from it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from config import Settings
from models.patient import Newcomer
from models.source import Source
from services.opd import Opd
from services.requests import NewAllocation, NewDoctor, NewSlot
from tests.integration.backup_tool import files_of, run
from tests.integration.conftest import StartServices
from tests.integration.houses import BEFORE, DAY, Houses, asking, book, booked, cancel, plan_day
from tests.integration.insistent_client import InsistentClient, Ledger
from tests.integration.invariants import Answer, Booked, check
from tests.integration.processes import free_port, until
from tests.integration.proxy import Proxy
from tests.integration.stored import Stored
from tests.principals import make_caller
from tools.backup.dump import dump
from tools.backup.folder import KEPT
from tools.backup.raw import open_database

pytestmark = [pytest.mark.integration, pytest.mark.timeout(270)]

DOCTORS = ["asha", "bela", "chitra"]


@pytest.fixture
async def spare_houses(spare_address: str) -> AsyncIterator[Houses]:
    """Builds the service on it."""
    line = Proxy(spare_address)
    await line.start()
    built = Houses(spare_address, line)
    yield built
    await built.close()


class Meanwhile:
    """Has something done right before a collection is read, and the backup wait for it."""

    def __init__(self, collection: str, act: Callable[[], Coroutine[None, None, None]]) -> None:
        self._collection = collection
        self._act = act
        self._loop = asyncio.get_running_loop()

    def begin(self, what: str, _total: int) -> None:
        if what == self._collection:
            asyncio.run_coroutine_threadsafe(self._act(), self._loop).result()

    def advance(self, count: int) -> None:
        """Of no interest."""


async def open_skin_day(opd: Opd, doctor: str) -> None:
    """A doctor of another kind, with an hour on `DAY`."""
    caller = make_caller()
    await opd.doctors.add(caller, NewDoctor(name="Dr Sen", specialization="Skin", doctor_id=doctor))
    await opd.slots.add(
        caller,
        NewSlot(doctor_id=doctor, day=DAY, start_time="08:00", end_time="09:00", max_capacity=5),
    )


async def allocate_skin(opd: Opd) -> Booked:
    """A booking with whoever knows about skin, always under the same key."""
    caller = asking(opd, key="itch")
    view = await opd.allocations.allocate(
        caller,
        NewAllocation(
            source=Source.ONLINE,
            patient=Newcomer(id="itcher", name="Meera Iyer"),
            specialization="Skin",
            day=DAY,
        ),
    )
    return booked(caller, view)


def all_relayed(stored: Stored) -> bool:
    """Whether every event has been copied, and every outbox trimmed."""
    sheets = stored.sheets()
    made = sum(sheet.next_event - 1 for sheet in sheets)
    return len(stored.relayed()) == made and not any(sheet.outbox for sheet in sheets)


async def test_a_backup_taken_while_bookings_go_on_has_all_that_was_acknowledged(
    houses: Houses,
    stored: Stored,
    *,
    address: str,
    folder: Path,
    spare: Stored,
    spare_address: str,
    start_services: StartServices,
    chance: random.Random,
) -> None:
    opd = await houses.build()
    slots = [slot for doctor in DOCTORS for slot in await plan_day(opd, doctor, seats=[30, 30])]
    answers: list[Answer] = []
    done = asyncio.Event()

    async def keep_coming(who: int) -> None:
        for n in count():
            if done.is_set():
                return
            token = await book(opd, chance.choice(slots), f"patient{who}.{n}")
            answers.append(token)
            if n % 3 == 0:
                answers.append(await cancel(opd, token.token_id))

    desks = [asyncio.create_task(keep_coming(who)) for who in range(3)]
    await until(lambda: len(answers) >= 100, 30)
    before = list(answers)
    backed_up = await run("backup", folder, address)
    done.set()
    await asyncio.gather(*desks)
    assert len(answers) > len(before)
    check(stored, answers)
    assert backed_up[0] == 0, backed_up[1]

    restored = await run("restore", folder, spare_address)

    assert restored[0] == 0, restored[1]
    check(spare, before)
    (service,) = await start_services(1, on=spare_address)
    ledger = Ledger()
    async with InsistentClient([service.port], ledger) as insistent:
        for n, slot in enumerate(slots):
            assert await insistent.book(slot, f"new{n}") is not None
    await until(lambda: all_relayed(spare))
    check(spare, [*before, *ledger.answers])


@pytest.mark.parametrize("collection", KEPT)
async def test_what_is_booked_between_two_collections_is_restored_whole_or_not_at_all(
    houses: Houses,
    stored: Stored,
    *,
    address: str,
    folder: Path,
    spare: Stored,
    spare_address: str,
    spare_houses: Houses,
    collection: str,
) -> None:
    opd = await houses.build()
    slots = [(await plan_day(opd, doctor, seats=[2]))[0] for doctor in DOCTORS]
    await until(lambda: all_relayed(stored))
    await opd.relay.stop()
    before: list[Answer] = [await book(opd, slot, "early") for slot in slots]
    meanwhile: list[Answer] = []

    async def come() -> None:
        meanwhile.extend([await book(opd, slot, "late") for slot in slots])
        await open_skin_day(opd, "dara")
        meanwhile.append(await allocate_skin(opd))
        await houses.build()  # its relay copies what is old and what is new in turn
        await until(lambda: all_relayed(stored))

    settings = Settings(_env_file=None, mongodb_uri=SecretStr(address))
    with open_database(settings) as source:
        await asyncio.to_thread(dump, source, folder, BEFORE, Meanwhile(collection, come))
    check(stored, [*before, *meanwhile])
    code, told = await run("restore", folder, spare_address)

    assert code == 0, told
    in_time = KEPT.index(collection) <= KEPT.index("day_sheets")
    known = [*before, *meanwhile] if in_time else before
    check(spare, known)
    assert len(spare.tokens()) == len(known)
    restored = await spare_houses.build()
    await open_skin_day(restored, "eva")
    allocated = await allocate_skin(restored)
    assert allocated.replayed is in_time
    new = [await book(restored, slot, "new") for slot in slots]
    await until(lambda: all_relayed(spare))
    check(spare, [*known, allocated, *new])


async def test_only_an_empty_database_is_restored_into(
    houses: Houses, stored: Stored, address: str, folder: Path
) -> None:
    opd = await houses.build()
    (slot,) = await plan_day(opd, seats=[5])
    token = await book(opd, slot, "patient")
    assert (await run("backup", folder, address))[0] == 0

    code, told = await run("restore", folder, address)

    assert (code, told.count("\n")) == (2, 1)
    assert "is not empty" in told
    check(stored, [token])


async def test_a_backup_is_its_owners_alone_and_never_written_over(
    houses: Houses, address: str, folder: Path
) -> None:
    await plan_day(await houses.build(), seats=[5])
    assert (await run("backup", folder, address))[0] == 0
    found = {file: file.stat().st_mtime_ns for file in files_of(folder)}
    assert all(path.stat().st_mode & 0o077 == 0 for file in found for path in (file, file.parent))

    code, told = await run("backup", folder, address)

    assert (code, told.count("\n")) == (2, 1)
    assert {file: file.stat().st_mtime_ns for file in files_of(folder)} == found


async def test_a_backup_that_fails_leaves_nothing(folder: Path, spare_address: str) -> None:
    code, told = await run("backup", folder, spare_address)

    assert (code, "holds nothing" in told) == (2, True)
    assert not files_of(folder)


async def test_no_database_is_one_line(folder: Path) -> None:
    dead = f"mongodb://127.0.0.1:{free_port()}/"
    for address, why in {"": "MONGODB_URI", dead: "does not answer", "x": "MONGODB_URI"}.items():
        code, told = await run("backup", folder, address)
        assert (code, told.count("\n")) == (2, 1), told
        assert why in told
