"""The service on the real database: in this process, or in others."""

import asyncio
import gc
import os
import random
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path

import pytest

from config import Driver
from tests.conftest import name_database
from tests.integration.houses import Houses
from tests.integration.processes import Service
from tests.integration.proxy import Proxy
from tests.integration.stored import Stored

StartServices = Callable[..., Awaitable[list[Service]]]


_HERE = Path(__file__).parent


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A driver that is closed while it connects to what is gone leaves the bare socket to the
    collector; whatever test it would come to in then, of this folder or another, is not to blame.
    All else that nobody closed (a client, a transport, a file) still fails a test.
    """
    ran = yield
    if item.path.is_relative_to(_HERE):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"unclosed <socket\.socket", ResourceWarning)
            gc.collect()
    return ran


@pytest.fixture
def stored(address: str) -> Iterator[Stored]:
    """What stands in the database."""
    reader = Stored(address)
    yield reader
    reader.close()


@pytest.fixture(params=list(Driver), ids=str)
def driver(request: pytest.FixtureRequest) -> Driver:
    """Each of the drivers in turn."""
    chosen: Driver = request.param
    return chosen


@pytest.fixture
def start_services(address: str, tmp_path: Path) -> Iterator[StartServices]:
    """Starts processes of the service on the database, each driver in turn, and ends them."""
    services: list[Service] = []

    async def start(count: int, *, on: str = address, **settings: str) -> list[Service]:
        drivers = list(Driver)
        for n in range(count):
            driver = {"MONGODB_URI": on, "MONGODB_DRIVER": drivers[n % len(drivers)].value}
            services.append(Service(tmp_path, {**driver, **settings}))
        await asyncio.gather(*(service.serve() for service in services[-count:]))
        return services[-count:]

    yield start
    for service in services:
        service.end()


@pytest.fixture
async def proxy(address: str) -> AsyncIterator[Proxy]:
    """A line to the database that can be cut."""
    line = Proxy(address)
    await line.start()
    yield line
    await line.close()


@pytest.fixture
async def houses(address: str, proxy: Proxy) -> AsyncIterator[Houses]:
    """Builds the service in this process, each on a connection of its own."""
    built = Houses(address, proxy)
    yield built
    await built.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a backup goes."""
    return tmp_path / "backup"


@pytest.fixture
def spare_address(server: str) -> str:
    """The address of an empty database to restore into."""
    return name_database(server)


@pytest.fixture
def spare(spare_address: str) -> Iterator[Stored]:
    """What stands in it; dropped afterwards."""
    database = Stored(spare_address)
    yield database
    database.drop()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """A source of chance; SEED repeats a run, as far as races repeat."""
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().getrandbits(32)
    sys.stdout.write(f"{request.node.name}: SEED={seed}\n")
    return random.Random(seed)
