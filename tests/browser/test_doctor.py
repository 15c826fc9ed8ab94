"""The doctor's page in a real browser: the button, twice and by two; and what time alone changes."""

import asyncio
import time
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from tests.browser.hospital import PHONE, Hospital

pytestmark = pytest.mark.timeout(300)

_PRESS_AT = """moment => new Promise(done => setTimeout(
    () => { document.querySelector("#big").click(); done(); }, moment - Date.now()))"""
"""All at one moment: a press that came later would find the button that the first has changed."""


async def _are(hospital: Hospital, status: str) -> list[str]:
    """The numbers in line that have this status, sorted."""
    line = (await hospital.api.line("rao")).line
    return sorted(entry.token.token_number for entry in line if entry.token.status == status)


async def _nobody_is_in(hospital: Hospital) -> None:
    token = (await hospital.api.line("rao")).in_consultation[0].id
    assert token is not None
    await hospital.api.do(token, "complete")


async def _at_the_page(hospital: Hospital, role: str, *, script: bool = True) -> Page:
    page = await hospital.page(role, script=script)
    await page.goto("/doctor/rao")
    await expect(page.locator("#big")).to_contain_text("Call T006")
    return page


async def test_two_who_press_next_at_once_call_two_patients(hospital: Hospital) -> None:
    await _nobody_is_in(hospital)
    pages = [await _at_the_page(hospital, role) for role in ("doctor", "nurse")]
    await asyncio.gather(*(page.evaluate(_PRESS_AT, time.time() * 1000 + 1500) for page in pages))
    for page in pages:
        await expect(page.locator("#happened")).to_contain_text("is called to room 2.")
        for label in ("T006", "T004"):
            await expect(page.locator("#now article").filter(has_text=label)).to_be_visible()
    assert await _are(hospital, "CALLED") == ["T004", "T006"]


async def test_the_second_press_of_a_double_click_does_nothing(hospital: Hospital) -> None:
    """It lands where by then the button does something else."""
    await _nobody_is_in(hospital)
    page = await _at_the_page(hospital, "doctor")
    await page.locator("#big").click()
    await expect(page.locator("#big")).to_contain_text("T006 is in")
    await page.locator("#big").click(position={"x": 40, "y": 20})
    await expect(page.locator("#big")).to_contain_text("Finish T006")
    await page.mouse.down(click_count=2)
    await page.mouse.up(click_count=2)
    await expect(page.locator("#big")).to_contain_text("Finish T006")
    assert await _are(hospital, "CALLED") == []
    assert await _are(hospital, "CHECKED_IN") == ["T004", "T005"]


async def test_the_button_stays_under_the_finger_while_the_line_changes(
    hospital: Hospital,
) -> None:
    """A press would be lost whose button is replaced between down and up."""
    await _nobody_is_in(hospital)
    page = await _at_the_page(hospital, "doctor")
    button = await page.locator("#big").element_handle()
    assert button is not None
    line = (await hospital.api.line("rao")).line
    arriving = next(entry.token for entry in line if entry.token.status == "BOOKED")
    assert arriving.id is not None
    await hospital.api.do(arriving.id, "check-in")
    await expect(page.locator("#line")).to_contain_text(arriving.token_number)
    assert await button.evaluate("button => button.isConnected")


async def test_the_keyboard_alone_takes_patients_in_and_out(hospital: Hospital) -> None:
    page = await hospital.page("doctor")
    await page.goto("/doctor/rao")
    big = page.locator("#big")
    for key, says in (
        ("n", "T006 is in"),
        ("n", "Finish T006, call T004"),
        ("f", "Call T004"),
        ("u", "Finish T006, call T004"),
    ):
        await page.keyboard.press(key)
        await expect(big).to_contain_text(says)


async def test_without_a_script_the_line_is_run_too(hospital: Hospital) -> None:
    page = await hospital.page("doctor", script=False, size=PHONE)
    await page.goto("/doctor/rao")
    await page.locator("#big").click()
    await expect(page.locator("#happened")).to_contain_text("T006 is called to room 2.")
    await page.get_by_text("Not there").click()
    await page.get_by_role("button", name="Did not come").click()
    await expect(page.locator("#happened")).to_contain_text("T006 did not come")
    await page.get_by_role("button", name="Take back").first.click()
    await expect(page.locator("#big")).to_contain_text("T006 is in")


async def test_an_undo_is_offered_as_long_as_it_is_good(hospital: Hospital) -> None:
    page = await hospital.page("doctor")
    await page.clock.install()
    await page.goto("/doctor/rao")
    await page.get_by_role("button", name="Finish").first.click()
    offered = page.locator(".undo").filter(has_text="T001")
    await expect(offered).to_have_attribute("data-look-in", "121")
    hospital.clock.advance(timedelta(seconds=100))
    await page.clock.fast_forward(61_000)  # the page looks once a minute
    await expect(offered).to_have_attribute("data-look-in", "21")
    hospital.clock.advance(timedelta(seconds=21))
    await page.clock.fast_forward(22_000)
    await expect(offered).to_have_count(0)
