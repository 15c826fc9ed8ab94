"""A day that is filled, on the embedded database: pages read and write through the same services."""

from collections.abc import AsyncIterator

import pytest

from services.clock import ManualClock
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.api.service import GivenSettings
from tests.filled_day import fill_day


@pytest.fixture
def settings() -> GivenSettings:
    return GivenSettings()


@pytest.fixture
async def filled(open_client: OpenClient, clock: ManualClock) -> AsyncIterator[ApiClient]:
    """A client of the service on the filled day."""
    async with open_client() as api:
        await fill_day(api, clock)
        yield api
