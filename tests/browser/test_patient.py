"""A patient's page on the patient's own phone."""

import pytest
from playwright.async_api import expect

from models.source import Source
from tests.browser.hospital import PHONE, Hospital

pytestmark = pytest.mark.timeout(300)


async def test_it_follows_the_day_by_itself_and_asks_whole_before_cancelling(
    hospital: Hospital,
) -> None:
    booked = await hospital.api.book("rao-20300115-1000", "MRN-emergency", Source.EMERGENCY)
    assert booked.patient_link is not None
    page = await hospital.page(None, size=PHONE, looks=False)
    await page.goto(f"{booked.patient_link}?travel=20")
    await expect(page.get_by_text("Leave home at")).to_be_visible()
    await page.evaluate("window.same = true")
    await hospital.api.do(booked.id, "check-in")
    await expect(page.get_by_text("You are checked in.")).to_be_visible()
    await expect(page.get_by_text("Leave home at")).to_be_hidden()
    await hospital.api.call_next("rao", room="5")
    await expect(page.get_by_text("It is your turn. Please come in now.")).to_be_visible()
    await expect(page.get_by_text("Room 5", exact=True)).to_be_visible()
    assert await page.evaluate("window.same")


async def test_without_a_script_one_chooses_the_way_and_cancels_in_two_steps(
    hospital: Hospital,
) -> None:
    booked = await hospital.api.book("iyer-20300115-1200", "MRN-cancels")
    assert booked.patient_link is not None
    page = await hospital.page(None, size=PHONE, script=False)
    await page.goto(booked.patient_link)
    await page.get_by_label("How long is your way?").select_option("60")
    await page.get_by_role("button", name="Tell me when to leave").click()
    await expect(page.get_by_text("Leave home at")).to_be_visible()
    await page.get_by_role("link", name="I can't come: cancel").click()
    await page.get_by_role("button", name="Cancel the token").click()
    await expect(page.get_by_text("This token is cancelled.")).to_be_visible()


async def test_in_the_other_language_at_a_touch(hospital: Hospital) -> None:
    """No Referer has the link, and yet the form is known to be from here."""
    booked = await hospital.api.book("iyer-20300115-1200", "MRN-hindi")
    assert booked.patient_link is not None
    page = await hospital.page(None, size=PHONE)
    told = []
    page.on("request", lambda asked: told.append(asked.headers.get("referer", "")))
    await page.goto(booked.patient_link)
    await page.get_by_role("button", name="हिन्दी").click()
    await expect(page.get_by_text("डॉक्टर से मिलने का अनुमानित समय")).to_be_visible()
    assert [each for each in told if "opl_" in each] == []
