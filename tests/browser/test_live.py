"""Pages that follow the day by themselves."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.hospital import Hospital

pytestmark = pytest.mark.timeout(300)

_WATCH = """window.seen = []; new MutationObserver(() => seen.push(document.querySelector("#big").textContent))
    .observe(document.querySelector("#now"), { childList: true })"""
"""Keeps what the big button says whenever its part of the page is renewed."""


def _in_the_room(page: Page) -> Locator:
    return page.locator("#days .card", has_text="Asha Rao").locator("dd.figure").first


async def _at_the_desk(hospital: Hospital) -> Page:
    """It listens, and looks only when it is told."""
    page = await hospital.page(looks=False)
    async with page.expect_response("**/live"):
        await page.goto("/desk")
    return page


async def _check_one_in(hospital: Hospital) -> str:
    """Somebody of rao's who was yet to come; the number."""
    line = (await hospital.api.line("rao")).line
    arriving = next(entry.token for entry in line if entry.token.status == "BOOKED")
    assert arriving.id is not None
    await hospital.api.do(arriving.id, "check-in")
    return arriving.token_number


async def _finish(hospital: Hospital) -> None:
    (inside,) = (await hospital.api.line("rao")).in_consultation
    assert inside.id is not None
    await hospital.api.do(inside.id, "complete")


async def test_a_page_follows_the_day_and_all_tabs_of_a_browser_share_one_stream(
    hospital: Hospital,
) -> None:
    first = await _at_the_desk(hospital)
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


async def test_a_second_tab_misses_nothing_that_was_told_while_it_loaded(
    hospital: Hospital,
) -> None:
    first = await _at_the_desk(hospital)
    second = await first.context.new_page()
    loading, told = asyncio.Event(), asyncio.Event()

    async def hold_the_script(route: Route) -> None:
        loading.set()
        await told.wait()
        await route.fallback()

    await second.route("**/live.js*", hold_the_script)
    async with asyncio.timeout(60):
        opening = asyncio.create_task(second.goto("/desk"))
        await loading.wait()
    await expect(_in_the_room(first)).not_to_have_text("–")
    await _finish(hospital)
    await expect(_in_the_room(first)).to_have_text("–")
    told.set()
    await opening
    await expect(_in_the_room(second)).to_have_text("–")


async def test_without_network_it_says_so_and_goes_on_without_a_reload(
    hospital: Hospital,
) -> None:
    page = await _at_the_desk(hospital)
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


async def test_a_look_from_before_a_form_does_not_undo_what_the_form_shows(
    hospital: Hospital,
) -> None:
    page = await hospital.page("doctor", looks=False)
    looked, shown = asyncio.Event(), asyncio.Event()

    async def hold_the_first_look(route: Route) -> None:
        if "x-live" not in route.request.headers or looked.is_set():
            await route.fallback()
            return
        answer = await route.fetch()
        looked.set()
        await shown.wait()
        await route.fulfill(response=answer)

    await page.goto("/doctor/rao")
    await page.route("**/doctor/rao", hold_the_first_look)
    async with asyncio.timeout(60):
        await _check_one_in(hospital)
        await looked.wait()
    await page.locator("#big").click()
    await expect(page.locator("#big")).to_contain_text("T006 is in")
    await page.evaluate(_WATCH)
    other = await page.context.new_page()
    await other.goto("/doctor/rao")
    number = await _check_one_in(hospital)
    await expect(other.locator("#line")).to_contain_text(number)
    shown.set()
    await expect(page.locator("#line")).to_contain_text(number)
    assert [each for each in await page.evaluate("seen") if "T006 is in" not in each] == []


async def test_a_button_that_was_pressed_is_not_renewed_before_its_answer(
    hospital: Hospital,
) -> None:
    page = await hospital.page("doctor", looks=False)
    pressed, told = asyncio.Event(), asyncio.Event()

    async def hold_the_form(route: Route) -> None:
        answer = await route.fetch()
        pressed.set()
        await told.wait()
        await route.fulfill(response=answer)

    await page.goto("/doctor/rao")
    await page.route("**/doctor/rao/**", hold_the_form)
    other = await page.context.new_page()
    await other.goto("/doctor/rao")
    async with asyncio.timeout(60):
        await page.locator("#big").click(no_wait_after=True)
        await pressed.wait()
    await page.evaluate(_WATCH)
    for _ in range(2):
        await expect(other.locator("#line")).to_contain_text(await _check_one_in(hospital))
    number = await _check_one_in(hospital)
    await expect(other.locator("#line")).to_contain_text(number)
    await expect(page.locator("#big")).to_be_disabled()
    told.set()
    await expect(page.locator("#big")).to_contain_text("T006 is in")
    await expect(page.locator("#line")).to_contain_text(number)
    assert await page.evaluate("seen") == []


async def test_what_is_never_answered_is_asked_again(hospital: Hospital) -> None:
    page = await hospital.page()
    looks, posts = asyncio.Semaphore(0), asyncio.Semaphore(0)
    lost = True

    async def lose(route: Route) -> None:
        if route.request.method == "POST":
            posts.release()
        elif "x-live" in route.request.headers:
            looks.release()
        else:
            await route.fallback()
            return
        if not lost:
            await route.fallback()

    await page.clock.install()
    await page.goto("/desk/rao")
    await page.route("**/desk/**", lose)
    async with asyncio.timeout(60):
        number = await _check_one_in(hospital)
        await looks.acquire()
        await page.locator("#number").fill(number)
        await page.get_by_role("button", name="Cancel", exact=True).click(no_wait_after=True)
        await posts.acquire()
    await page.clock.fast_forward(30_000)
    await expect(page.get_by_text("This could not be sent.")).to_be_visible()
    lost = False
    await page.clock.fast_forward(5_000)
    await expect(page.get_by_role("row", name=number)).to_contain_text("here")
    await page.get_by_role("button", name="Cancel", exact=True).click()
    await expect(page.locator(".happened")).to_contain_text(f"{number}: cancelled.")
