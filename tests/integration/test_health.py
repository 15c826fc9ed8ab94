"""What the health loop learns of the database: /readyz tells it, and writes are refused by it."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.clock import ManualClock, stopwatch
from services.health import LOOK_AGAIN
from services.ids import Ids
from tests.api.client import ApiClient, refused
from tests.api.service import OPENING, GivenSettings, serve
from tests.integration.processes import until_so
from tests.integration.proxy import Loss, Proxy, Request

pytestmark = pytest.mark.integration

MOST_LOOK = 2.0  # seconds
AT_ONCE = 1.0  # seconds; a refusal takes some milliseconds


@pytest.fixture
async def api(proxy: Proxy) -> AsyncIterator[ApiClient]:
    """A client of a service whose line to the database can be cut."""
    settings = GivenSettings(mongodb_uri=SecretStr(proxy.address))
    async with serve(settings, ManualClock(OPENING), Ids()) as api:
        yield api
        proxy.release()


async def is_ready(api: ApiClient) -> bool:
    return (await api.client.get("/readyz")).status_code == 200


async def is_not_ready(api: ApiClient) -> bool:
    return not await is_ready(api)


@pytest.mark.parametrize("command", ["update", "find"])
async def test_a_database_that_does_not_read_or_write_is_red_and_takes_no_writes(
    api: ApiClient, proxy: Proxy, command: str
) -> None:
    """Though it is there, and answers who asks how it fares."""
    slot = await api.make_slot()
    proxy.lose(
        lambda request: (request.collection, request.command) == ("probes", command),
        Loss.HELD,
        times=10_000,
    )

    took = await until_so(lambda: is_not_ready(api))

    assert took < LOOK_AGAIN.seconds + MOST_LOOK + AT_ONCE
    began = stopwatch()
    for ask in (api.book(slot.id), api.add_doctor(), api.change_slot(slot.id, maxCapacity=3)):
        with refused(503, "database_unavailable"):
            await ask
    assert stopwatch() - began < AT_ONCE
    assert (await api.slot(slot.id)).taken == 0  # reads are tried
    proxy.release()
    await until_so(lambda: is_ready(api))
    assert (await api.book(slot.id)).position == 1


async def test_it_is_red_until_whoever_asks_is_recognised_again(
    api: ApiClient, proxy: Proxy
) -> None:
    """The database may answer before it is known again who may do what."""
    proxy.lose(lambda request: request.collection == "access", Loss.HELD, times=10_000)
    await until_so(lambda: is_not_ready(api))

    async def is_refused() -> bool:
        return (await api.client.get("/api/doctors")).status_code == 503

    await until_so(is_refused)
    proxy.release()
    await until_so(lambda: is_ready(api))
    assert (await api.client.get("/api/doctors")).status_code == 200


@pytest.mark.usefixtures("api")
async def test_while_the_database_fails_it_is_looked_at_four_times_a_second(proxy: Proxy) -> None:
    looks = 6
    proxy.lose(lambda request: request.collection == "probes", Loss.UNSENT, times=looks)
    await proxy.met()  # after at most two seconds

    began = stopwatch()
    await proxy.met(looks)

    assert stopwatch() - began < (looks - 1) * LOOK_AGAIN.seconds / 2


async def test_who_asks_whether_it_is_ready_causes_no_look(api: ApiClient, proxy: Proxy) -> None:
    looks: list[Request] = []

    def count(request: Request) -> bool:
        if request.collection == "probes":
            looks.append(request)
        return False

    proxy.lose(count, Loss.UNSENT)
    began = stopwatch()
    for _ in range(100):
        assert await is_ready(api)
    seconds = stopwatch() - began

    assert len(looks) <= 2 * (1 + seconds / LOOK_AGAIN.seconds)
