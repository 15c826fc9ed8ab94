"""The service in this process, on each database in turn, on a day of its own."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from pydantic import SecretStr

from database import Database, connect
from services.access.doorkeeper import Doorkeeper
from services.clock import ManualClock
from services.ids import Ids
from tests.api.client import ApiClient
from tests.api.defaults import DEFAULTS
from tests.api.service import OPENING, GivenSettings, serve

OpenClient = Callable[..., AbstractAsyncContextManager[ApiClient]]


@pytest.fixture
def real_address(emptied_address: str) -> str:
    """Of the real database; what the service makes at its first start stands there mostly."""
    return emptied_address


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What asks the store in ways of its own is asked on both databases."""
    on_both = metafunc.definition.get_closest_marker("both_databases")
    if on_both and "settings" in metafunc.fixturenames:
        real = pytest.param("real", marks=pytest.mark.integration)
        metafunc.parametrize("settings", ["embedded", real], indirect=True)


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> GivenSettings:
    """The defaults, on the embedded database, and on the real one too for `both_databases`.

    That both drivers do the same the integration tests show.
    """
    if getattr(request, "param", "embedded") == "embedded":
        return GivenSettings()
    address: str = request.getfixturevalue("real_address")
    return GivenSettings(mongodb_uri=SecretStr(address))


@pytest.fixture
async def database(settings: GivenSettings) -> AsyncIterator[Database]:
    """An empty one."""
    connected = connect(settings)
    yield connected
    await connected.close()


@pytest.fixture
def clock() -> ManualClock:
    """Stands at the morning of a Tuesday."""
    return ManualClock(OPENING)


@pytest.fixture
def ids() -> Ids:
    """The same ids in each run."""
    return Ids(random.Random(2030))


@pytest.fixture
def open_client(settings: GivenSettings, clock: ManualClock, ids: Ids) -> OpenClient:
    """Starts the service, with some settings changed: `async with open_client(max_bumps=0)`.

    `doorkeeper` knows who may ask; without one everybody may all.
    """

    def start(
        doorkeeper: Doorkeeper | None = None, address: str = "127.0.0.1", **changed: object
    ) -> AbstractAsyncContextManager[ApiClient]:
        changed_settings = settings.but(**changed)
        return serve(changed_settings, clock, ids, doorkeeper=doorkeeper, address=address)

    return start


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No setting is set, and no `.env` is there."""
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture
async def api(open_client: OpenClient) -> AsyncIterator[ApiClient]:
    """A client of the service, which runs with the default settings."""
    async with open_client() as api:
        yield api
