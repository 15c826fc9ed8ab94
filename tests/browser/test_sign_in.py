"""A person at a real browser: from the one-time link to signing out, without a script."""

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import Serve
from tests.integration.processes import Service
from tests.keys import dev_key

pytestmark = pytest.mark.timeout(300)

PASSWORD = "monsoon teacup ladder"


async def _hire(home: str, name: str = "asha") -> str:
    """A receptionist: the link with which to choose a password."""
    headers = {"Authorization": f"Bearer {dev_key()}"}
    async with httpx.AsyncClient(base_url=home, headers=headers, timeout=60) as client:
        person = {"id": name, "kind": "person", "name": "Asha Rao", "role": "receptionist"}
        assert (await client.post("/api/access/accounts", json=person)).status_code == 201
        link = (await client.post(f"/api/access/accounts/{name}/link")).json()
    return f"{home}{link['path']}"


async def test_a_receptionist_chooses_a_password_signs_out_and_in(
    service: Service, browser: Browser
) -> None:
    home = f"http://localhost:{service.port}"
    context = await browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 640}
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text))

    await page.goto(await _hire(home))
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("The same once more").fill(PASSWORD)
    await page.get_by_role("button", name="Choose it and sign in").click()
    (cookie,) = await context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"]) == ("__Host-opd", True, True)

    await page.goto(f"{home}/sign-in")
    await page.get_by_text("You are signed in as Asha Rao.").wait_for()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.get_by_role("heading", name="Sign in").wait_for()
    assert await context.cookies() == []

    await page.goto(f"{home}/sign-in?next=/redoc")
    await page.get_by_label("Name").fill("asha")
    await page.get_by_label("Password").fill("not the password")
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").wait_for()
    assert await page.get_by_label("Name").input_value() == "asha"
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{home}/redoc")
    await page.goto(f"{home}/sign-in")
    await page.get_by_text("You are signed in as Asha Rao.").wait_for()
    wide = await page.locator("html").bounding_box()
    assert wide is not None
    assert wide["width"] <= 360
    assert [told for told in complaints if "ontent" in told and "olicy" in told] == []


async def test_another_sites_form_signs_nobody_out(
    service: Service, serve: Serve, browser: Browser
) -> None:
    home = f"http://localhost:{service.port}"
    page = await browser.new_page()
    await page.goto(await _hire(home, "asha-2"))
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("The same once more").fill(PASSWORD)
    await page.get_by_role("button", name="Choose it and sign in").click()
    await page.goto(
        await serve(f'<form method="post" action="{home}/sign-out"><button>Win</button></form>')
    )
    await page.get_by_role("button").click()
    await page.get_by_text("other_origin").wait_for()
    await page.goto(f"{home}/sign-in")
    await page.get_by_text("You are signed in as Asha Rao.").wait_for()


async def test_in_the_documentation_a_session_changes_what_it_may(
    service: Service, page: Page
) -> None:
    home = f"http://localhost:{service.port}"
    await page.goto(await _hire(home, "asha-3"))
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("The same once more").fill(PASSWORD)
    await page.get_by_role("button", name="Choose it and sign in").click()
    await page.goto(f"{home}/docs#/access/end_session")
    operation = page.locator("#operations-access-end_session")
    await operation.get_by_role("button", name="Try it out").click()
    await operation.get_by_role("button", name="Execute").click()
    await operation.get_by_text('"everywhere": false').first.wait_for()
    await page.goto(f"{home}/sign-in")
    await page.get_by_role("heading", name="Sign in").wait_for()
