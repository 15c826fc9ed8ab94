"""The documentation's pages in a real browser, under their own rules for scripts."""

import pytest
from playwright.async_api import Page, Request

from services.access.try_out import link_secret
from tests.integration.processes import Service
from tests.keys import dev_key

pytestmark = pytest.mark.timeout(300)


class Watched:
    """What a page complained of, and what it asked of others than the service."""

    def __init__(self, page: Page, home: str) -> None:
        self._home = home
        self.complaints: list[str] = []
        self.asked_elsewhere: list[str] = []
        page.on("console", lambda told: self._hear(told.type, told.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self._home, "data:", "blob:")):
            self.asked_elsewhere.append(request.url)


async def test_docs_tries_an_operation(service: Service, page: Page) -> None:
    home = f"http://localhost:{service.port}"
    watched = Watched(page, home)
    await page.goto(f"{home}/docs")
    operation = page.locator(".opblock", has_text="Is the process alive?")
    await operation.locator(".opblock-summary").click()
    await operation.get_by_role("button", name="Try it out").click()
    await operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response-col_description")
    await answer.get_by_text('"alive"').first.wait_for()
    assert watched.complaints == []
    assert watched.asked_elsewhere == []


async def test_docs_changes_something(service: Service, page: Page) -> None:
    """The service's own page is no other site, and who signed in by the try-out's link is let in."""
    home = f"http://localhost:{service.port}"
    await page.goto(f"{home}/try-out/{link_secret(dev_key())}")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(lambda url: "/try-out/" not in url)
    await page.goto(f"{home}/docs")
    operation = page.locator(".opblock-post", has_text="Add a doctor")
    await operation.locator(".opblock-summary").click()
    await operation.get_by_role("button", name="Try it out").click()
    await operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response-col_status")
    await answer.get_by_text("201").first.wait_for()


async def test_redoc_shows_the_operations(service: Service, page: Page) -> None:
    home = f"http://localhost:{service.port}"
    watched = Watched(page, home)
    await page.goto(f"{home}/redoc")
    await page.get_by_role("heading", name="Book a seat online").first.wait_for()
    search = page.get_by_placeholder("Search...")
    await search.fill("walk-in")
    await page.locator("[data-role='search:results']").get_by_text("walk-in").first.wait_for()
    assert watched.asked_elsewhere == []
    assert watched.complaints == []
