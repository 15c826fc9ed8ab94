"""What holds for each page in a real browser."""

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # has no types
from playwright.async_api import Page

from tests.browser.hospital import DESKTOP, NARROW, Complaints, Hospital, Weight, overflow_of
from tests.pages import PAGES, Shown

pytestmark = pytest.mark.timeout(180)

_MOST_BYTES = 60_000
each_page = pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)


async def _assert_accessible(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@each_page
async def test_a_page_is_accessible_and_light(hospital: Hospital, shown: Shown) -> None:
    page = await hospital.page(shown.role, size=DESKTOP)
    weight, complaints = Weight(page), Complaints(page)
    await page.goto(shown.path)
    await page.wait_for_load_state("load")
    assert await weight.bytes() < _MOST_BYTES
    await _assert_accessible(page)
    assert complaints.told == []


@each_page
async def test_on_a_phone_in_the_dark_and_in_hindi_too(hospital: Hospital, shown: Shown) -> None:
    page = await hospital.page(shown.role, size=NARROW, language="hi-IN", dark=True)
    await page.goto(shown.path)
    assert await page.locator("html").get_attribute("lang") == "hi"
    assert await overflow_of(page) == []
    await _assert_accessible(page)
