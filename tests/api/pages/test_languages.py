"""In which language a page speaks, and the switch."""

import pytest

from tests.api.browser import Browser
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient


async def _language(browser: Browser, asks: str | None) -> str:
    page = await browser.get("/sign-in", {} if asks is None else {"accept-language": asks})
    return page.text.partition('<html lang="')[2][:2]


@pytest.mark.parametrize(
    ("asks", "spoken"),
    [
        ("hi", "hi"),
        ("hi-IN,en;q=0.5", "hi"),
        ("ta,hi;q=0.2,en;q=0.4", "en"),
        ("ta", "en"),
        ("hi;q=0", "en"),
        ("hi;q=x,,;", "en"),
        (None, "en"),
    ],
)
async def test_a_page_speaks_what_the_browser_asks_for(
    api: ApiClient, asks: str | None, spoken: str
) -> None:
    assert await _language(Browser(api), asks) == spoken


async def test_where_none_is_asked_for_that_there_is_the_settings_say(
    open_client: OpenClient,
) -> None:
    async with open_client(default_language="hi") as api:
        assert await _language(Browser(api), "ta") == "hi"
        assert await _language(Browser(api), "en-GB") == "en"


async def test_the_switch_counts_before_what_the_browser_asks_for(api: ApiClient) -> None:
    browser = Browser(api)
    answer = await browser.post("/language", {"language": "hi", "back": "/sign-in?next=/desk"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/desk")
    assert await _language(browser, "en") == "hi"
    assert (await browser.post("/language", {"language": "xx", "back": "//evil"})).headers[
        "location"
    ] == "/"
    assert await _language(browser, "en") == "hi"
