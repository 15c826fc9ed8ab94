"""The kiosk under fingers and beside a reader."""

import pytest
from playwright.async_api import expect

from tests.browser.hospital import Hospital

pytestmark = pytest.mark.timeout(300)

SCREEN = (800, 1280)


async def test_keys_of_the_screen_check_in_and_the_answer_clears_itself(
    hospital: Hospital,
) -> None:
    booked = await hospital.api.book("iyer-20300115-1000", "K-1", phoneNumber="+91 98450 77777")
    page = await hospital.page("kiosk", size=SCREEN)
    await page.clock.install()
    await page.goto("/kiosk")
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 60"))
    await page.get_by_text("Vikram Iyer").click()
    for digit in booked.token_number.removeprefix("T"):
        await page.get_by_role("button", name=digit, exact=True).click()
    await page.get_by_label("Last four digits").click()
    for _ in range(4):
        await page.get_by_role("button", name="7", exact=True).click()
    await page.get_by_role("button", name="Check in").click()
    await expect(page.get_by_text("You are checked in.")).to_be_visible()
    await page.clock.run_for(9_000)
    await expect(page.get_by_text("You are checked in.")).to_be_visible()
    await page.clock.run_for(1_000)
    await expect(page.get_by_text("You are checked in.")).to_be_hidden()
    await expect(page.get_by_label("Your token number")).to_have_value("")


async def test_a_reader_may_type_wherever_the_focus_is_also_while_an_answer_is_shown(
    hospital: Hospital,
) -> None:
    page = await hospital.page("kiosk", size=SCREEN)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/kiosk")
    await page.get_by_label("Your token number").click()
    for n in (2, 3):
        booked = await hospital.api.book("iyer-20300115-1000", f"K-{n}")
        await page.keyboard.type(f"https://opd.example.org{booked.patient_link}")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(booked.token_number, exact=True)).to_be_visible()
    assert [each for each in asked if "opl_" in each] == []


async def test_without_a_script_plain_fields_do(hospital: Hospital) -> None:
    booked = await hospital.api.book("iyer-20300115-1000", "K-4", phoneNumber="+91 98450 88888")
    page = await hospital.page("kiosk", size=SCREEN, script=False)
    await page.goto("/kiosk")
    await page.get_by_text("Vikram Iyer").click()
    await page.get_by_label("Your token number").fill(booked.token_number)
    await page.get_by_label("Last four digits").fill("8888")
    await page.get_by_role("button", name="Check in").click()
    await expect(page.get_by_text(booked.token_number, exact=True)).to_be_visible()
