"""How a browser signs in by the provider, step by step."""

import httpx

from tests.api.browser import HOME, Browser
from tests.api.client import ApiClient


async def begin(browser: Browser, next_path: str = "/") -> str:
    """Where the button on the page of signing in leads to."""
    answer = await browser.post("/sign-in/oidc", {"next": next_path})
    assert answer.status_code == 200, answer.text
    return answer.headers["refresh"].removeprefix("0; url=")


async def there_and_back(address: str) -> str:
    """To the provider; the path by which it sends the browser back."""
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.get(address)
    assert answer.status_code == 302, answer.text
    home, _, path = answer.headers["location"].partition("/sign-in/oidc")
    assert home == HOME
    return f"/sign-in/oidc{path}"


async def come(browser: Browser, next_path: str = "/") -> httpx.Response:
    """Sign in by the provider: the answer to who comes back."""
    return await browser.get(await there_and_back(await begin(browser, next_path)))


async def who(browser: Browser) -> dict[str, object]:
    """As whom it is signed in."""
    answer = await browser.call("GET", "/api/access/session")
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


async def deeds(api: ApiClient, actor: object) -> list[dict[str, object]]:
    """What the auditor reads of somebody."""
    entries = (await api.ask("GET", f"/api/audit?actor={actor}")).json()
    return [each for each in entries if each["what"] != "audit.read"]
