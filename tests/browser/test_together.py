"""Several people at pages of one day."""

import asyncio

import pytest
from playwright.async_api import expect

from models.access import Role
from models.token import Status
from tests.browser.hospital import Hospital

pytestmark = pytest.mark.timeout(180)


async def test_two_who_press_next_at_once_call_nobody_twice_and_see_the_same(
    hospital: Hospital,
) -> None:
    pages = [await hospital.page(role) for role in (Role.NURSE, Role.DOCTOR)]
    for page in pages:
        await page.goto("/doctor/rao")
    await asyncio.gather(*(page.locator("#big").click() for page in pages))
    for page in pages:
        await expect(page.locator("#now")).to_contain_text("Called")
    line = (await hospital.api.line("rao")).line
    called = [each.token for each in line if each.token.status is Status.CALLED]
    assert 1 <= len(called) <= 2
    assert [token.recalls for token in called] == [0] * len(called)
    for page in pages:
        for token in called:
            await expect(page.locator("#now")).to_contain_text(token.token_number)


async def test_what_one_does_the_others_see_at_once(hospital: Hospital) -> None:
    desk = await hospital.page(Role.RECEPTIONIST)
    await desk.goto("/desk/rao")
    overview = await hospital.page(Role.NURSE)
    await overview.goto("/desk")
    doctor = await hospital.page(Role.DOCTOR)
    await doctor.goto("/doctor/rao")

    waiting = overview.locator(".card", has_text="Asha Rao").locator("dd").nth(2)
    await expect(waiting).to_have_text("3")
    await desk.get_by_role("button", name="Check in T008").click()
    await expect(waiting).to_have_text("4")
    await expect(doctor.get_by_text("T008").first).to_be_visible()

    await doctor.locator("#big").click()  # ends T001, and calls the next
    row = desk.get_by_role("row").filter(has_text="called")
    await expect(row).to_have_count(1)
    await expect(desk.get_by_role("row", name="T001")).to_have_count(0)
    await expect(waiting).to_have_text("4")
