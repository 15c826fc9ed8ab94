"""The desk at a real browser: a receptionist with forty people in front of her."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.hospital import NARROW, Complaints, Hospital, overflow_of

pytestmark = pytest.mark.timeout(300)

_NO_FOCUS_BY_THE_BROWSER = """
const focus = HTMLElement.prototype.focus;
let asked = false;
HTMLElement.prototype.focus = function (...how) { asked = true; focus.apply(this, how); asked = false; };
addEventListener("focus", event => { if (!asked) event.target.blur?.(); }, true);
"""


async def _walk_in(page: Page, name: str = "Anil Gupta") -> None:
    """By the keyboard, from the page as it opens."""
    await expect(page.locator("#patientName")).to_be_focused()
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type("080 555 1234")
    await page.keyboard.press("Enter")


async def _size_of_line(hospital: Hospital) -> int:
    return len((await hospital.api.line("rao")).line)


async def test_a_walk_in_from_form_to_slip(hospital: Hospital) -> None:
    page = await hospital.page()
    complaints = Complaints(page)
    await page.goto("/desk/rao")
    await _walk_in(page)
    await expect(page.locator(".happened")).to_contain_text("T013 seated")
    await expect(page.get_by_role("row", name="T013")).to_contain_text("Anil Gupta")
    await expect(page.get_by_role("row", name="T013")).to_contain_text("here")
    await page.get_by_role("link", name="Print the slip").click()
    await expect(page.get_by_role("heading", name="T013")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="Print")).to_be_hidden()
    box = await page.locator(".code svg").bounding_box()
    assert box is not None
    assert box["width"] >= 100
    assert complaints.told == []


async def test_the_desk_with_the_keyboard_alone(hospital: Hospital) -> None:
    page = await hospital.page()
    await page.goto("/desk")
    # Who presses Escape has seen the page; by then the browser has given its focus too.
    await page.evaluate("new Promise(requestAnimationFrame)")
    await page.keyboard.press("Escape")
    await page.keyboard.press("2")
    await page.wait_for_url("**/desk/rao")
    await _walk_in(page)
    await expect(page.locator(".happened")).to_contain_text("T013 seated")
    # The next one can be typed at once.
    await expect(page.locator("#patientName")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("u")
    await expect(page.locator(".happened")).to_contain_text("T013: booked.")  # the check-in
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await page.keyboard.type("13")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".happened")).to_contain_text("T013: cancelled.")
    await page.keyboard.press("Escape")
    await page.keyboard.press("u")
    await expect(page.locator(".happened")).to_contain_text("T013: booked.")
    await page.keyboard.press("Escape")
    await page.keyboard.press("f")
    await page.keyboard.type("MRN-1002")
    await page.keyboard.press("Enter")
    await expect(page.locator("#patientName")).to_have_value("Lakshmi Iyer")
    await page.keyboard.press("Alt+m")
    await expect(page.get_by_label("Which time")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("a")
    await page.wait_for_url("**/desk")


@pytest.mark.parametrize("script", [True, False])
async def test_a_repeated_click_books_once(hospital: Hospital, script: bool) -> None:
    page = await hospital.page(script=script)
    await page.goto("/desk/rao")
    before = await _size_of_line(hospital)
    await page.get_by_label("Name", exact=True).fill("Anil Gupta")
    await page.get_by_label("Phone number", exact=True).fill("080 555 1234")
    await page.get_by_role("button", name="Give a token").click(click_count=3, no_wait_after=True)
    await expect(page.locator(".happened")).to_contain_text("T013 seated")
    assert await _size_of_line(hospital) == before + 1


async def test_without_a_script_patients_are_booked_and_checked_in(hospital: Hospital) -> None:
    page = await hospital.page(script=False)
    await page.goto("/desk/rao")
    await page.get_by_label("Name", exact=True).fill("Anil Gupta")
    await page.get_by_label("Phone number", exact=True).fill("080 555 1234")
    await page.get_by_label("is here now").uncheck()
    await page.keyboard.press("Enter")
    row = page.get_by_role("row", name="T013")
    await expect(row).to_contain_text("booked")
    await row.get_by_role("button", name="Check in T013").click()
    await expect(page.locator(".happened")).to_contain_text("T013: here")


async def test_what_is_typed_stays_while_the_day_goes_on(hospital: Hospital) -> None:
    page = await hospital.page()
    await page.goto("/desk/rao")
    await page.keyboard.type("Anil")
    await page.get_by_label("Time", exact=True).select_option("rao-20300115-1200")
    await page.locator("#patientName").focus()
    called = await hospital.api.call_next("rao")
    assert called.token is not None
    row = page.get_by_role("row", name=re.compile(called.token.token_number))
    await expect(row).to_contain_text("called")
    await page.keyboard.type(" Gupta")
    await expect(page.locator("#patientName")).to_have_value("Anil Gupta")
    await expect(page.get_by_label("Time", exact=True)).to_have_value("rao-20300115-1200")


async def test_who_types_before_the_first_picture_types_into_the_form(hospital: Hospital) -> None:
    page = await hospital.page()
    await page.add_init_script(_NO_FOCUS_BY_THE_BROWSER)
    await page.goto("/desk/rao")
    await page.keyboard.type("Anil")
    await expect(page.locator("#patientName")).to_have_value("Anil")


async def test_without_a_network_nothing_is_lost_and_nothing_is_done_twice(
    hospital: Hospital,
) -> None:
    page = await hospital.page()
    await page.goto("/desk/rao")
    before = await _size_of_line(hospital)
    await page.context.set_offline(offline=True)
    await _walk_in(page)
    await expect(page.get_by_text("This could not be sent.")).to_be_visible()
    await expect(page.locator("#patientName")).to_have_value("Anil Gupta")
    await page.context.set_offline(offline=False)
    await page.get_by_role("button", name="Give a token").click()
    await expect(page.locator(".happened")).to_contain_text("T013 seated")
    assert await _size_of_line(hospital) == before + 1


async def test_a_name_is_text_whatever_it_holds(hospital: Hospital) -> None:
    page = await hospital.page()
    await page.goto("/desk/rao")
    name = "<script>window.robbed = 1</script><img src=x onerror='window.robbed = 1'>"
    await _walk_in(page, name)
    await expect(page.get_by_role("row", name="T013")).to_contain_text(name)
    assert await page.evaluate("window.robbed") is None


async def test_on_a_phone_in_hindi(hospital: Hospital) -> None:
    page = await hospital.page(size=NARROW, language="hi-IN")
    await page.goto("/desk/rao")
    await _walk_in(page, "सुनीता देवी")
    await expect(page.locator(".happened")).to_contain_text("T013 का समय")
    assert await overflow_of(page) == []
