"""A person at a real browser, without a script: to the identity provider and back."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from services.clock import SystemClock
from tests.api.oidc.provider import Provider, providing
from tests.browser.conftest import StartService

pytestmark = pytest.mark.timeout(300)


@pytest_asyncio.fixture(loop_scope="session")
async def provider() -> AsyncIterator[Provider]:
    """Another site on this machine."""
    async with providing(SystemClock()) as provider:
        yield provider


async def test_a_receptionist_signs_in_with_the_hospitals_account(
    start_service: StartService, browser: Browser, provider: Provider
) -> None:
    settings = {name.upper(): str(told) for name, told in provider.settings.items()}
    service = await start_service(**settings)
    home = f"http://localhost:{service.port}"
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text))

    await page.goto(f"{home}/sign-in?next=/redoc")
    await page.get_by_role("button", name="Sign in with City Hospital").click()
    await page.wait_for_url(f"{home}/redoc")
    (cookie,) = await context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"]) == ("__Host-opd", True, True)

    await page.goto(f"{home}/sign-in")
    await page.get_by_text("You are signed in as Asha Rao.").wait_for()
    await page.locator("main").get_by_role("button", name="Sign out", exact=True).click()
    await page.get_by_role("heading", name="Sign in").wait_for()
    assert await context.cookies() == []

    provider.claims["groups"] = []
    await page.get_by_role("button", name="Sign in with City Hospital").click()
    await page.get_by_text("none of your groups has a role here").wait_for()
    await page.get_by_label("Password").wait_for()
    assert await context.cookies() == []
    assert [told for told in complaints if "ontent" in told and "olicy" in told] == []
