"""Several people at pages of one day."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from models.access import Role
from models.source import Source
from models.token import Status
from tests.browser.hospital import Hospital

pytestmark = pytest.mark.timeout(300)


async def test_two_who_press_next_at_once_call_nobody_twice_and_see_the_same(
    hospital: Hospital,
) -> None:
    pages = [await hospital.page(role, looks=False) for role in (Role.NURSE, Role.DOCTOR)]
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


async def test_what_one_does_desk_doctor_board_and_patient_see_at_once(
    hospital: Hospital,
) -> None:
    token = await hospital.api.book("rao-20300115-1000", "MRN-watches", Source.EMERGENCY)
    assert token.patient_link is not None
    number = token.token_number
    desk = await _open(hospital, "/desk/rao", Role.RECEPTIONIST)
    overview = await _open(hospital, "/desk", Role.NURSE)
    doctor = await _open(hospital, "/doctor/rao", Role.DOCTOR)
    board = (await _open(hospital, "/board?doctor=rao", Role.DISPLAY)).locator("#board-en")
    patient = await _open(hospital, token.patient_link, None)
    waiting = overview.locator(".card", has_text="Asha Rao").locator("dd").nth(2)
    row = desk.get_by_role("row", name=number)
    await expect(waiting).to_have_text("3")

    await desk.get_by_role("button", name=f"Check in {number}").click()
    await expect(patient.get_by_text("You are checked in.")).to_be_visible()
    await expect(board.locator(".next-five li").first).to_have_text(number)
    await expect(doctor.locator("#line li").first).to_contain_text(number)
    await expect(waiting).to_have_text("4")

    await doctor.locator("#big").click()  # ends T001, and calls the next
    await expect(patient.get_by_text("It is your turn. Please come in now.")).to_be_visible()
    await expect(board.locator(".called")).to_contain_text(number)
    await expect(board.locator(".called")).to_contain_text("Room 2")
    await expect(row).to_contain_text("called")
    await expect(desk.get_by_role("row", name="T001")).to_have_count(0)
    await expect(waiting).to_have_text("4")

    await doctor.get_by_role("button", name=f"{number} is in").click()
    await expect(patient.get_by_text("You are with the doctor.")).to_be_visible()
    await expect(board.locator(".turn")).to_contain_text("Is inside")
    await expect(row).to_contain_text("in the room")

    await doctor.get_by_role("button", name="Finish", exact=True).click()
    await expect(patient.get_by_text("Your consultation is over.").first).to_be_visible()
    await expect(board.locator(".turn")).to_have_count(0)
    await expect(row).to_have_count(0)


async def _open(hospital: Hospital, path: str, role: Role | None) -> Page:
    page = await hospital.page(role, looks=False)
    await page.goto(path)
    return page
