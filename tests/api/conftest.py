"""The service in this process, on each database in turn, on a day of its own."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from pydantic import SecretStr

from services.clock import ManualClock
from services.ids import Ids
from tests.api.desk import Desk
from tests.api.service import OPENING, GivenSettings, serve

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.integration)])
def settings(request: pytest.FixtureRequest) -> GivenSettings:
    """The defaults, on the embedded database, and on the real one.

    That both drivers do the same the integration tests show.
    """
    if request.param == "embedded":
        return GivenSettings()
    address: str = request.getfixturevalue("address")
    return GivenSettings(mongodb_uri=SecretStr(address))


@pytest.fixture
def clock() -> ManualClock:
    """Stands at the morning of a Tuesday."""
    return ManualClock(OPENING)


@pytest.fixture
def ids() -> Ids:
    """The same ids in each run."""
    return Ids(random.Random(2030))


@pytest.fixture
def open_desk(settings: GivenSettings, clock: ManualClock, ids: Ids) -> OpenDesk:
    """Starts the service, with some settings changed: `async with open_desk(max_bumps=0)`."""

    def start(**changed: object) -> AbstractAsyncContextManager[Desk]:
        return serve(settings.but(**changed), clock, ids)

    return start


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    """A desk of the service, which runs with the default settings."""
    async with open_desk() as desk:
        yield desk
