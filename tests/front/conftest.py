"""The service as a process of its own, on the embedded database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from config import IN_MEMORY
from tests.integration.processes import Service

StartService = Callable[..., Awaitable[Service]]


@pytest.fixture
async def start_service(tmp_path: Path) -> AsyncIterator[StartService]:
    """Starts a process with these settings, and ends it."""
    services: list[Service] = []

    async def start(**settings: str) -> Service:
        services.append(Service(tmp_path, {"EMBEDDED_FILE": IN_MEMORY, **settings}))
        await services[-1].serve()
        return services[-1]

    yield start
    for service in services:
        service.end()


@pytest.fixture
async def service(start_service: StartService) -> Service:
    """A process with the default settings."""
    return await start_service()
