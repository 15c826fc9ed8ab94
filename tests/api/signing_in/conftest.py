"""Processes of one hospital, to sign in at."""

import pytest

from database import Database
from services.clock import ManualClock
from services.ids import Ids
from tests.api.people import Process


@pytest.fixture
async def here(database: Database, clock: ManualClock, ids: Ids) -> Process:
    """A process, in which asha has a password."""
    process = Process(database, clock, ids)
    await process.hire()
    await process.choose(await process.link())
    return process


@pytest.fixture
def there(database: Database, clock: ManualClock, ids: Ids) -> Process:
    """Another."""
    return Process(database, clock, ids)
