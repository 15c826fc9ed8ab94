"""The screen on the wall in a real browser: it goes on by itself, in turns, and is heard."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.hospital import Hospital
from tests.filled_day import share_raos_line

pytestmark = pytest.mark.timeout(300)

BOARD = "/board?doctor=rao"
_VOICES = """
window.heard = [];
Object.defineProperty(window, "speechSynthesis", {value: {
  getVoices: () => [{lang: "en-IN"}, {lang: "hi-IN"}],
  speak: words => { heard.push([words.lang, words.text]); words.onend(); },
}});
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
"""What stands for a machine's voices, which the tests' machine has none of."""


async def _open(hospital: Hospital, path: str, role: str = "receptionist") -> Page:
    page = await hospital.page(role, looks=False)
    await page.goto(path)
    return page


async def test_ten_seconds_without_network_and_it_goes_on_without_a_reload(
    hospital: Hospital,
) -> None:
    board = await _open(hospital, BOARD)
    await board.evaluate("window.cut = performance.now()")
    await board.context.set_offline(offline=True)
    await expect(board.locator("#stale")).to_contain_text("Not live since")
    token = (await hospital.api.line("rao")).in_consultation[0].id
    await hospital.api.call_next("rao", room="2", finish=token)
    await board.wait_for_function("() => performance.now() - window.cut > 10_000")
    assert await board.locator(".called").count() == 0
    await board.context.set_offline(offline=False)
    await expect(board.locator("#board-en .called")).to_contain_text("T006")
    await expect(board.locator("#stale")).to_be_hidden()
    assert await board.evaluate("window.cut > 0")


async def test_it_follows_who_shares_the_line_from_then_on(hospital: Hospital) -> None:
    board = await _open(hospital, BOARD)
    await share_raos_line(hospital.api)
    await expect(board.locator("body")).to_have_attribute("data-doctors", re.compile("^rao sen"))
    async with board.expect_response(lambda each: "x-live" in each.request.headers):
        await hospital.api.say("sen", "IN_SESSION")


async def test_languages_take_turns(hospital: Hospital) -> None:
    page = await hospital.page()
    await page.clock.install()
    await page.goto(BOARD)
    english, hindi = page.locator("#board-en"), page.locator("#board-hi")
    for shown, hidden in ((english, hindi), (hindi, english), (english, hindi)):
        await expect(shown).to_be_visible()
        await expect(hidden).to_be_hidden()
        await page.clock.fast_forward(10_000)


async def test_without_a_script_or_where_motion_is_not_wanted_both_languages_stand_there(
    hospital: Hospital,
) -> None:
    without = await hospital.page(script=False)
    calm = await hospital.page()
    await calm.emulate_media(reduced_motion="reduce")
    for page in (without, calm):
        await page.goto(BOARD)
        await expect(page.locator("#board-en")).to_be_visible()
        await expect(page.locator("#board-hi")).to_be_visible()


async def test_a_call_is_spoken_once_in_each_language_where_sound_was_allowed(
    hospital: Hospital,
) -> None:
    page = await hospital.page()
    await page.add_init_script(_VOICES)
    await page.goto(BOARD)
    token = (await hospital.api.line("rao")).in_consultation[0].id
    called = (await hospital.api.call_next("rao", room="2", finish=token)).token
    await expect(page.locator("#board-en .called.fresh")).to_contain_text("T006")
    assert await page.evaluate("heard") == []  # nobody has allowed it
    await page.get_by_role("button", name="Sound").click()
    await expect(page.get_by_role("button", name="Sound")).to_have_attribute("aria-pressed", "true")
    assert called is not None
    assert called.id is not None
    await hospital.api.do(called.id, "recall")
    await page.wait_for_function("() => heard.length === 2")
    assert await page.evaluate("heard") == [
        ["en-IN", "Number 6, for Asha Rao: please come in, room 2."],
        ["hi-IN", "नंबर 6, डॉक्टर Asha Rao के लिए: कृपया कमरा 2 में आइए।"],
    ]
    line = (await hospital.api.line("rao")).line
    coming = next(each.token for each in line if each.token.status == "BOOKED")
    assert coming.id is not None
    await hospital.api.do(coming.id, "check-in")
    await expect(page.locator("#board-en .next-five")).to_contain_text(coming.token_number)
    await hospital.api.call_next("rao", room="2")
    await page.wait_for_function("() => heard.length >= 4")
    assert "Number 6" not in await page.evaluate("heard[2][1]")  # each call is spoken once


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
async def test_a_screen_without_a_right_shows_its_code_and_goes_on_by_itself(
    hospital: Hospital, *, script: bool
) -> None:
    page = await hospital.page(None, script=script)
    await page.goto(BOARD)
    code = (await page.locator("#code").inner_text()).strip()
    client = {"id": "board", "kind": "client", "name": "A board", "role": "display"}
    await hospital.api.ask("POST", "/api/access/accounts", client)
    confirm = f"/api/access/devices/{code}/confirm"
    await hospital.api.ask("POST", confirm, {"accountId": "board"})
    await page.wait_for_url(lambda url: url.endswith(BOARD))
    await expect(page.locator("#board-en")).to_contain_text("T001")
