"""A browser, as far as a service can tell: it keeps cookies, follows nothing, and fills in forms."""

import html
import re
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from models.access import OWN_DOCTORS, Role
from services.access.try_out import link_secret
from tests.api.client import ApiClient

HOME = "https://localhost"
_PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Browser:
    """Asks over TLS, from pages of the service itself."""

    def __init__(self, api: ApiClient, home: str = HOME) -> None:
        self.client = api.client
        self.home = home
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self._ask("GET", path, None, {**_PAGE, **(headers or {})})

    async def post(
        self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a form."""
        kind = {**_PAGE, "content-type": "application/x-www-form-urlencoded"}
        return await self._ask("POST", path, urlencode(form), {**kind, **(headers or {})})

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """As a script does."""
        request = httpx.Request(method, self.home, json=body)
        kind = {} if body is None else {"content-type": "application/json"}
        return await self._ask(method, path, request.content.decode(), {**kind, **(headers or {})})

    async def sign_in(self, name: str, password: str, next_path: str = "/") -> httpx.Response:
        """By the page."""
        return await self.post("/sign-in", {"name": name, "password": password, "next": next_path})

    @property
    def session(self) -> str | None:
        """What it holds."""
        return self.cookies.get("__Host-opd")

    async def csrf(self) -> str:
        """As the signed-in page has it."""
        return hidden((await self.get("/sign-in")).text, "csrf")

    async def _ask(
        self, method: str, path: str, content: str | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**({"cookie": held} if held else {}), "origin": self.home, **headers}
        request = self.client.build_request(
            method, f"{self.home}{path}", content=content, headers=sent
        )
        if "authorization" not in headers:
            request.headers.pop("authorization", None)  # the key of the tests
        answer = await self.client.send(request)
        self.client.cookies.clear()
        for cookie in answer.headers.get_list("set-cookie"):
            self._keep(cookie)
        return answer

    def _keep(self, cookie: str) -> None:
        name, _, rest = cookie.partition("=")
        value, *told = rest.split("; ")
        if "Max-Age=0" in told:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    assert found, page
    return html.unescape(found[1])


async def hire(api: ApiClient, name: str = "asha", role: str = "receptionist") -> str:
    """A person without a password: the path of the link to choose it."""
    body: dict[str, object] = {
        "id": name,
        "kind": "person",
        "name": f"{name.title()} Rao",
        "role": role,
    }
    if role in OWN_DOCTORS:
        body["doctors"] = ["rao"]
    await api.ask("POST", "/api/access/accounts", body)
    answer = await api.ask("POST", f"/api/access/accounts/{name}/link")
    path: str = answer.json()["path"]
    return path


PASSWORD = "monsoon teacup ladder"


async def hire_with_password(
    api: ApiClient, name: str = "asha", role: str = "receptionist"
) -> None:
    """A person who can sign in."""
    path = await hire(api, name, role)
    form = {"password": PASSWORD, "again": PASSWORD}
    assert (await Browser(api).post(path, form)).status_code == 303


async def signed_in(api: ApiClient, role: str = "receptionist", home: str = HOME) -> Browser:
    """A browser at which somebody of this role has signed in.

    The admin is whoever tries the service out: another one would end the try-out, and its key.
    """
    browser = Browser(api, home)
    if role == Role.ADMIN:
        key = api.client.headers["authorization"].removeprefix("Bearer ")
        assert (await browser.post(f"/try-out/{link_secret(key)}", {})).status_code == 303
        return browser
    form = {"password": PASSWORD, "again": PASSWORD}
    assert (await browser.post(await hire(api, f"a.{role}", role), form)).status_code == 303
    return browser
