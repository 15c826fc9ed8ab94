"""Pages that follow the day by themselves."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.hospital import Hospital

pytestmark = pytest.mark.timeout(300)


def _in_the_room(page: Page) -> Locator:
    return page.locator("#days .card", has_text="Asha Rao").locator("dd.figure").first


async def _finish(hospital: Hospital) -> None:
    (inside,) = (await hospital.api.line("rao")).in_consultation
    assert inside.id is not None
    await hospital.api.do(inside.id, "complete")


async def test_a_page_follows_the_day_and_all_tabs_of_a_browser_share_one_stream(
    hospital: Hospital,
) -> None:
    first = await hospital.page(looks=False)
    async with first.expect_response("**/live"):
        await first.goto("/desk")
    second = await first.context.new_page()
    streams: list[str] = []
    for page in (first, second):
        page.on(
            "request", lambda asked: streams.append(asked.url) if "/live" in asked.url else None
        )
    await second.goto("/desk")
    await _finish(hospital)
    for page in (first, second):
        await expect(_in_the_room(page)).to_have_text("–")
    assert [each for each in streams if each.endswith("/live")] == []


async def test_without_network_it_says_so_and_goes_on_without_a_reload(
    hospital: Hospital,
) -> None:
    page = await hospital.page(looks=False)
    async with page.expect_response("**/live"):
        await page.goto("/desk")
    await page.evaluate("window.same = true")
    await page.context.set_offline(offline=True)
    stale = page.get_by_text("Not live since")
    await expect(stale).to_be_visible()
    elsewhere = await hospital.page(looks=False)
    await elsewhere.goto("/desk")
    await _finish(hospital)
    await expect(_in_the_room(elsewhere)).to_have_text("–")
    await expect(stale).to_be_visible()
    await page.context.set_offline(offline=False)
    await expect(stale).to_be_hidden()
    await expect(_in_the_room(page)).to_have_text("–")
    assert await page.evaluate("window.same")


async def test_who_was_signed_out_is_led_to_the_sign_in(hospital: Hospital) -> None:
    page = await hospital.page()
    await page.goto("/desk")
    other = await page.context.new_page()
    await other.goto("/sign-in")
    await other.get_by_role("button", name="Sign out on every device").click()
    await page.wait_for_url("**/sign-in?next=**")
    await expect(page.get_by_label("Password")).to_be_visible()
