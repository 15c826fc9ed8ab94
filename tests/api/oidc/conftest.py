"""An identity provider, and the service, on the embedded database, with people who sign in by it."""

from collections.abc import AsyncIterator

import pytest

from services.clock import ManualClock
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.api.oidc.provider import Provider, providing
from tests.api.service import GivenSettings


@pytest.fixture
def settings() -> GivenSettings:
    return GivenSettings()


@pytest.fixture
async def provider(clock: ManualClock) -> AsyncIterator[Provider]:
    """Of a hospital with some groups."""
    async with providing(clock) as provider:
        yield provider


@pytest.fixture
async def api(open_client: OpenClient, provider: Provider) -> AsyncIterator[ApiClient]:
    """A client of a service where people sign in by that provider."""
    async with open_client(**provider.settings) as api:
        yield api
