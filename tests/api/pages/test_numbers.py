"""The numbers of a day and of a week, as figures in the page; what they are, tests/api/test_numbers."""

import asyncio
import re

import pytest

from tests.api.browser import Browser, signed_in
from tests.api.client import ApiClient


@pytest.fixture
async def browser(filled: ApiClient) -> Browser:
    """Of a manager, once all that happened on the filled day is counted."""
    browser = await signed_in(filled, "manager")
    async with asyncio.timeout(10):
        while True:
            if _figures((await browser.get("/numbers")).text)["Seen"] == "2":
                return browser
            await asyncio.sleep(0.01)


def _figures(page: str) -> dict[str, str]:
    return dict(re.findall(r'<dt>([^<]*)</dt><dd class="figure">([^<]*)</dd>', page))


async def test_a_day_is_told_in_figures_pictures_and_by_the_hour(browser: Browser) -> None:
    shown = (await browser.get("/numbers")).text
    figures = _figures(shown)
    assert (figures["Came"], figures["Seen"], figures["Did not come"]) == ("6", "2", "0")
    assert figures["Mean consultation, minutes"] == "11"
    assert '<th scope="row">09:00</th>' in shown
    assert shown.count("<svg") >= 3
    assert "Asha Rao" in shown  # to choose her


async def test_of_another_doctor_or_day_there_is_nothing_yet(browser: Browser) -> None:
    assert _figures((await browser.get("/numbers?doctor=iyer")).text)["Came"] == "0"
    shown = (await browser.get("/numbers?day=2030-01-14")).text
    assert "Nothing has happened yet." in shown


async def test_a_week_is_told_by_the_day_with_its_seats(browser: Browser) -> None:
    shown = (await browser.get("/numbers?week=2030-01-17")).text
    assert '<th scope="row">Tue, 15 Jan</th><td>6</td>' in shown
    seats = '<th scope="row">Tue, 15 Jan</th><td>48</td><td>24</td>'
    assert seats in shown
    one = (await browser.get("/numbers?week=2030-01-17&doctor=rao")).text
    assert '<th scope="row">Tue, 15 Jan</th><td>24</td><td>12</td>' in one


async def test_of_a_doctor_who_is_not_there_it_says_so(browser: Browser) -> None:
    answer = await browser.get("/numbers?doctor=nobody")
    assert (answer.status_code, "no doctor with this id" in answer.text) == (404, True)
