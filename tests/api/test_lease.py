"""A lease is one process's, until it ends, dies, or turns out to have had a wrong clock."""

from datetime import datetime, timedelta

import pytest

from database import Database
from services.clock import MOST_SKEW
from services.store.collections import LEASES
from services.store.lease import LEASE, Lease
from tests.api.service import OPENING

pytestmark = pytest.mark.both_databases

MOMENT = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def here(database: Database) -> Lease:
    """The lease as one process sees it."""
    return Lease(LEASES.of(database), "relay", "here")


@pytest.fixture
def there(database: Database) -> Lease:
    """As another does."""
    return Lease(LEASES.of(database), "relay", "there")


async def test_a_lease_is_one_process_s_until_it_runs_out(here: Lease, there: Lease) -> None:
    assert await here.hold(OPENING)
    assert not await there.hold(OPENING + LEASE)
    assert await there.hold(OPENING + LEASE + MOMENT)
    assert not await here.hold(OPENING + LEASE + MOMENT)


async def test_a_lease_that_is_let_go_is_anybody_s(here: Lease, there: Lease) -> None:
    assert await here.hold(OPENING)
    await there.release()  # which is not its own
    assert not await there.hold(OPENING)
    await here.release()
    assert await there.hold(OPENING)


async def test_a_lease_is_believed_as_far_ahead_as_clocks_may_differ(
    here: Lease, there: Lease
) -> None:
    assert await here.hold(OPENING + MOST_SKEW)
    assert not await there.hold(OPENING)


@pytest.mark.parametrize("taken", [OPENING + MOST_SKEW + MOMENT, OPENING + HOUR])
async def test_a_lease_is_believed_no_further_ahead(
    here: Lease, there: Lease, taken: datetime
) -> None:
    """The clock of the one who took it leapt, and then it died."""
    assert await here.hold(taken)
    assert await there.hold(OPENING)


async def test_who_took_a_lease_by_a_clock_that_leapt_sees_that_it_is_another_s(
    here: Lease, there: Lease
) -> None:
    assert await here.hold(OPENING + HOUR)
    assert await there.hold(OPENING)
    assert not await here.hold(OPENING)
