"""The cache of decoded sheets keeps the newest: of each sheet, and of all."""

from collections.abc import AsyncIterator

import pytest

from database import connect
from services.store.loader import CACHED_SHEETS, SheetLoader
from tests.api.service import HOME, GivenSettings
from tests.factories import make_sheet


@pytest.fixture
async def cache() -> AsyncIterator[SheetLoader]:
    """An empty one; the database behind it is asked nothing."""
    database = connect(GivenSettings())
    yield SheetLoader(database, HOME.id)
    await database.close()


async def test_an_older_version_does_not_replace_a_newer_one(cache: SheetLoader) -> None:
    older = make_sheet().changed(version=7)
    newer = older.changed(version=8)
    for known, other in ((newer, older), (older, newer)):
        cache.forget(older.id)
        cache.remember(known)
        cache.remember(other)
        assert cache.cached(older.id) is newer


async def test_beyond_its_bound_the_cache_drops_what_was_asked_for_longest_ago(
    cache: SheetLoader,
) -> None:
    sheets = [make_sheet().changed(id=f"doctor{n}-20300115") for n in range(CACHED_SHEETS + 1)]
    for sheet in sheets[:-1]:
        cache.remember(sheet)
    assert cache.cached(sheets[0].id) is sheets[0]  # now the second is the oldest

    cache.remember(sheets[-1])

    kept = [sheet.id for sheet in sheets if cache.cached(sheet.id) is not None]
    assert kept == [sheet.id for sheet in sheets if sheet is not sheets[1]]
