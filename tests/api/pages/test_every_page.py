"""What holds for each page, without a browser; tests/browser has the rest."""

import re

import pytest

from services.clock import ManualClock, stopwatch
from services.wording.catalogue import languages
from tests.api.browser import Browser, hidden, signed_in
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.filled_day import fill_day
from tests.pages import PAGES, Shown

_MOST_SECONDS = 0.1
each_page = pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
for_some = pytest.mark.parametrize(
    "shown", [each for each in PAGES if each.role], ids=lambda shown: shown.name
)


@each_page
async def test_a_day_of_200_tokens_is_shown_within_100_ms(
    open_client: OpenClient, clock: ManualClock, shown: Shown
) -> None:
    async with open_client() as api:
        await fill_day(api, clock, 200)
        browser = Browser(api) if shown.role is None else await signed_in(api, shown.role)
        path, took = await shown.path_for(api), []
        for _ in range(6):
            asked = stopwatch()
            assert (await browser.get(path)).status_code == 200
            took.append(stopwatch() - asked)
    assert min(took) < _MOST_SECONDS, took


@each_page
async def test_a_page_is_in_each_language(filled: ApiClient, shown: Shown) -> None:
    browser = Browser(filled) if shown.role is None else await signed_in(filled, shown.role)
    path, told = await shown.path_for(filled), set()
    for language in languages():
        answer = await browser.get(path, {"accept-language": f"{language};q=0.9,fr"})
        assert f'<html lang="{language}">' in answer.text
        told.add(re.sub(r"<[^>]*>|\s+", " ", answer.text.partition("<main")[2]))
    assert len(told) == len(languages())


@for_some
async def test_who_is_not_signed_in_is_led_there_and_back(filled: ApiClient, shown: Shown) -> None:
    assert shown.role is not None
    browser = await signed_in(filled, shown.role)
    await browser.post("/sign-out", {"csrf": await browser.csrf()})
    answer = await browser.get(shown.path)
    assert answer.status_code == 303
    form = await browser.get(answer.headers["location"])
    assert hidden(form.text, "next") == shown.path


@for_some
async def test_who_may_not_see_it_is_told_what_lacks(filled: ApiClient, shown: Shown) -> None:
    browser = await signed_in(filled, "display" if shown.name == "kiosk" else "kiosk")
    answer = await browser.get(shown.path)
    assert answer.status_code == 403
    assert "This needs the permission" in answer.text
    assert f'href="/sign-in?next={shown.path.partition("?")[0]}' in answer.text


@for_some
async def test_a_program_is_answered_with_a_problem(filled: ApiClient, shown: Shown) -> None:
    answer = await Browser(filled).get(shown.path, {"accept": "*/*"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
