"""Doctors who share a line call from it at once, and what a crash leaves is mended by a repeat."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from pydantic import SecretStr

from config import Settings
from database import Database, connect
from models.commands import CallShared
from models.doctor import Colleague
from models.keyed_request import KeyedRequest
from models.source import Source
from models.token import Status
from services.opd import Opd
from services.requests import NextCall
from services.store.allocations import AllocationStore, Claim
from services.store.collections import DOCTORS as STORED_DOCTORS
from tests.integration.conftest import StartServices
from tests.integration.houses import DAY, Houses, asking, book, plan_day
from tests.integration.insistent_client import InsistentClient, Ledger
from tests.integration.processes import Service
from tests.integration.stored import Stored
from tests.integration.waiting_line import call_next, noon, open_line
from tests.principals import make_caller

pytestmark = [pytest.mark.integration, pytest.mark.timeout(360)]

DOCTORS = ("asha", "vikram")
PATIENTS = 40
NINE = datetime(2090, 6, 5, 3, 30, tzinfo=UTC)
"""At nine on `DAY`."""
NEXT = NextCall()


# In two processes


async def open_days(desk: InsistentClient, day: str) -> list[str]:
    """Two doctors who share a line, and the patients of either, all checked in."""
    tokens = []
    for name in DOCTORS:
        tokens += await open_line(desk, name, day, PATIENTS // 2)
        path = f"/api/queue/{name}/config"
        assert (await desk.insist("PUT", path, {"pool": True})).status == 200
    return tokens


async def test_nobody_is_called_twice_and_nobody_forgotten(
    start_services: StartServices, stored: Stored
) -> None:
    """Each desk calls for one of the doctors, and asks both processes at once, with one key."""
    zone, now = noon()
    services = await start_services(2, FACILITY_TIMEZONE=zone)
    ledger, calls, rooms = Ledger(), list[str](), count(1)

    async def work(service: Service, doctor: str) -> None:
        keys, body = count(1), {"room": str(next(rooms))}
        other = next(each for each in services if each is not service)
        async with (
            InsistentClient([service.port], ledger) as desk,
            InsistentClient([other.port], ledger) as second,
        ):
            while True:
                key = f"{body['room']}-{next(keys)}"
                one, again = await asyncio.gather(
                    call_next(desk, doctor, body, key), call_next(second, doctor, body, key)
                )
                assert again == one
                if one is None:
                    return
                calls.append(one)
                assert (await desk.insist("POST", f"/api/tokens/{one}/start")).status == 200
                body = {**body, "finish": one}

    async with InsistentClient([services[0].port], ledger) as desk:
        tokens = await open_days(desk, f"{now:%Y-%m-%d}")
    desks = [(service, doctor) for service in services for doctor in 2 * DOCTORS]
    await asyncio.gather(*(work(*desk) for desk in desks))

    assert Counter(calls) == Counter(tokens)
    assert {token.status for token in stored.tokens()} == {"COMPLETED"}
    assert not ledger.odd


# In two services of this process


class Clinic:
    """Two services, and two doctors who share a line in which some wait for Vikram."""

    def __init__(self, houses: Houses, one: Opd, other: Opd) -> None:
        self._houses = houses
        self.one = one
        self.other = other

    async def open(self, *, waiting: int) -> None:
        for doctor in DOCTORS:
            await plan_day(self.one, doctor, seats=[1, 40])
            await self.one.configs.change(make_caller(), doctor, {"pool": True})
        self._houses.clock.set(NINE)
        for n in range(waiting):
            booked = await book(self.one, "vikram-20900605-0900", f"patient{n}", Source.WALKIN)
            await self.one.tokens.change_status(make_caller(), booked.token_id, Status.CHECKED_IN)
            self._houses.clock.advance(timedelta(seconds=1))

    async def call(self, opd: Opd, key: str | None, asked: NextCall = NEXT) -> str | None:
        """Who was called for Asha."""
        called = await opd.queues.call_next(asking(opd, key=key), "asha", DAY, asked)
        return None if called.token is None else called.token.token.id

    async def waiting(self) -> list[str]:
        """Those who have not been called, in order."""
        line = (await self.one.queues.of_doctor(make_caller(), "vikram", DAY)).line
        return [each.token.id for each in line if each.token.status is Status.CHECKED_IN]


@pytest.fixture
async def clinic(houses: Houses) -> Clinic:
    return Clinic(houses, await houses.build(), await houses.build())


async def test_two_attempts_of_one_request_at_once_call_one_patient(clinic: Clinic) -> None:
    """While others call from the same line, so that either attempt may mean another patient."""
    await clinic.open(waiting=18)
    for n in range(6):
        waited = await clinic.waiting()
        first, second, other = await asyncio.gather(
            clinic.call(clinic.one, f"k{n}"),
            clinic.call(clinic.other, f"k{n}"),
            clinic.call(clinic.other, None),
        )
        assert first == second
        assert Counter([first, other]) == Counter(waited[:2])
        assert await clinic.waiting() == waited[2:]


async def test_an_attempt_between_claim_and_call_of_another_is_no_mismatch(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits: the later attempt has the asking doctor's own sheet decline the first one's key."""
    await clinic.open(waiting=0)
    take, between = AllocationStore.take, list[str | None]()

    async def take_and_be_overtaken(
        store: AllocationStore,
        request: KeyedRequest,
        held: Claim | None,
        sheet_id: str,
        at: datetime,
    ) -> bool:
        taken = await take(store, request, held, sheet_id, at)
        if held is None:
            between.append(await clinic.call(clinic.other, "k"))
        return taken

    monkeypatch.setattr(AllocationStore, "take", take_and_be_overtaken)
    assert await clinic.call(clinic.one, "k") is None
    assert between == [None]


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    database = connect(Settings(_env_file=None, mongodb_uri=SecretStr(address)))
    yield database
    await database.close()


async def test_a_repeat_mends_what_a_crash_left_between_claim_and_call(
    clinic: Clinic, database: Database
) -> None:
    """The one that crashed had meant the first; late after all, its call calls nobody."""
    await clinic.open(waiting=3)
    first, second, _ = await clinic.waiting()
    caller = asking(clinic.one, key="k")
    request = caller.remember(NEXT)
    assert request is not None
    assert await AllocationStore(database).take(request, None, "vikram-20900605", NINE)
    assert await clinic.call(clinic.other, "k") == first
    late = CallShared(
        **caller.signature, token_id=second, by=Colleague("asha", "Asha"), request=request
    )
    decision = await clinic.one.writer.submit("vikram-20900605", late)
    assert (decision.outcome.number, decision.events) == (None, ())
    assert await clinic.call(clinic.one, "k") == first
    assert len(await clinic.waiting()) == 2


async def test_a_repeat_mends_what_a_crash_left_between_finish_and_call(clinic: Clinic) -> None:
    await clinic.open(waiting=2)
    seen, next_ = await clinic.waiting()
    own = await book(clinic.one, "asha-20900605-0900", "own", Source.WALKIN)
    for status in (Status.CHECKED_IN, Status.IN_CONSULTATION, Status.COMPLETED):
        await clinic.one.tokens.change_status(make_caller(), own.token_id, status)
    asked = NextCall(finish=own.token_id)
    assert await clinic.call(clinic.one, "k", asked) == seen
    assert await clinic.call(clinic.other, "k", asked) == seen
    assert await clinic.waiting() == [next_]


async def test_a_doctor_who_cannot_be_read_leaves_the_others_their_line(
    clinic: Clinic, database: Database
) -> None:
    await plan_day(clinic.one, "zoya", seats=[9])
    await clinic.open(waiting=1)
    await clinic.one.configs.change(make_caller(), "zoya", {"pool": True})
    await STORED_DOCTORS.of(database).update({"_id": "zoya"}, {"$set": {"name": 7}})
    line = await clinic.other.queues.of_doctor(make_caller(), "asha", DAY)
    assert line.pool == ["asha", "vikram"]
    (waits,) = await clinic.waiting()
    assert await clinic.call(clinic.other, None) == waits
