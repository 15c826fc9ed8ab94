"""What holds for each page, without a browser; tests/browser has the rest."""

import re

import pytest

from main import create_app
from services.wording.catalogue import languages
from tests.api.browser import Browser, hidden, signed_in
from tests.api.client import ApiClient
from tests.api.service import GivenSettings
from tests.pages import PAGES, Shown
from web.routing import PageRoute

_NO_PAGES = {"/live", "/t/{link}/live", "/t/{link}/calendar.ics"}
"""What pages ask for besides."""
each_page = pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
for_some = pytest.mark.parametrize(
    "shown", [each for each in PAGES if each.role], ids=lambda shown: shown.name
)


def test_every_route_of_a_page_is_among_the_pages() -> None:
    routes = [
        route
        for route in create_app(GivenSettings()).routes
        if isinstance(route, PageRoute) and "GET" in (route.methods or ())
    ]
    paths = {shown.path.partition("?")[0] for shown in PAGES}
    missing = {route.path for route in routes if not any(map(route.path_regex.match, paths))}
    assert missing == _NO_PAGES


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
    path = await shown.path_for(filled)
    answer = await browser.get(path)
    assert answer.status_code == 303
    form = await browser.get(answer.headers["location"])
    assert hidden(form.text, "next") == path


@for_some
async def test_who_may_not_see_it_is_told_what_lacks(filled: ApiClient, shown: Shown) -> None:
    browser = await signed_in(filled, "display" if shown.name == "kiosk" else "kiosk")
    path = await shown.path_for(filled)
    answer = await browser.get(path)
    assert answer.status_code == 403
    assert "This needs the permission" in answer.text
    assert f'href="/sign-in?next={path.partition("?")[0]}' in answer.text


@for_some
async def test_a_program_is_answered_with_a_problem(filled: ApiClient, shown: Shown) -> None:
    answer = await Browser(filled).get(await shown.path_for(filled), {"accept": "*/*"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
