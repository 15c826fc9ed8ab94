"""Each page on a day of 208 tokens, with a hundred who wait for one doctor: how soon, and how heavy."""

import random
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from models.access import Role
from services.clock import ManualClock, stopwatch
from services.ids import Ids
from services.wording.catalogue import languages
from tests.api.browser import Browser, signed_in
from tests.api.client import ApiClient
from tests.api.service import OPENING, GivenSettings, serve
from tests.filled_day import fill_day
from tests.pages import MOST_BYTES, PAGES, Shown

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("busy day"),
    pytest.mark.timeout(360),
]

_MOST_SECONDS = 0.1
_TRIES = 20
"""At its best: the machine of the tests has more to do."""


class People:
    """A browser for each role."""

    def __init__(self, api: ApiClient) -> None:
        self.api = api
        self._browsers: dict[Role, Browser] = {}

    async def browser(self, role: Role | None) -> Browser:
        """Whoever has the role, signed in."""
        if role is None:
            return Browser(self.api)
        if role not in self._browsers:
            self._browsers[role] = await signed_in(self.api, role)
        return self._browsers[role]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people() -> AsyncIterator[People]:
    """Of the busy day, which nobody changes."""
    clock = ManualClock(OPENING)
    async with serve(GivenSettings(), clock, Ids(random.Random(2030))) as api:
        await fill_day(api, clock, 208, here=103)
        yield People(api)


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
async def test_it_is_there_within_100_ms_and_weighs_less_than_60_kb(
    people: People, shown: Shown
) -> None:
    browser, path = await people.browser(shown.role), await shown.path_for(people.api)
    for language in languages():
        took: list[float] = []
        weight = 0
        while not took or (took[-1] >= _MOST_SECONDS and len(took) < _TRIES):
            asked = stopwatch()
            answer = await browser.get(path, {"accept-language": language})
            took.append(stopwatch() - asked)
            assert answer.status_code == 200
            weight = len(answer.content) + await _assets(browser, answer.text)
        assert took[-1] < _MOST_SECONDS, took
        assert weight < MOST_BYTES


async def _assets(browser: Browser, page: str) -> int:
    """What the stylesheet and the scripts of a page weigh together."""
    paths = set(re.findall(r' (?:href|src)="(/static/[^"]*)"', page))
    assert paths
    return sum([len((await browser.get(path)).content) for path in paths])
