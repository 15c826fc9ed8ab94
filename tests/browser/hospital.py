"""The service within the test's process, on the filled day, as real browsers reach it."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, Response

from main import create_app
from models.access import Role
from services.clock import ManualClock, SystemClock
from services.ids import Ids
from tests.api.browser import Browser as Forms
from tests.api.browser import signed_in
from tests.api.client import ApiClient, Refused
from tests.api.service import OPENING, GivenSettings
from tests.filled_day import fill_day
from tests.integration.processes import free_port

DESKTOP, PHONE, NARROW = (1280, 800), (390, 844), (320, 640)
PATIENCE = 60_000
"""Milliseconds for what a page should show: a machine may do all the other tests meanwhile."""
_NO_LONG_TIMERS = """
const start = window.setTimeout;
window.setTimeout = (call, after, ...rest) => after >= 5000 ? 0 : start(call, after, ...rest);
"""


class Staff(ApiClient):
    """Asks without a look at the documentation, which takes longer than all that they do."""

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> httpx.Response:
        answer = await self.client.request(
            method, path, json=body, content=raw, headers=headers, params=query
        )
        if answer.is_error:
            raise Refused(answer)
        return answer


class Hospital:
    """One service, its clock, and people at its pages."""

    def __init__(self, home: str, api: ApiClient, clock: ManualClock, chromium: Browser) -> None:
        self.home = home
        self.api = api
        self.clock = clock
        self._chromium = chromium
        self._people: dict[str, Forms] = {}
        self._contexts: list[BrowserContext] = []

    async def page(
        self,
        role: Role | str | None = Role.RECEPTIONIST,
        *,
        size: tuple[int, int] = DESKTOP,
        script: bool = True,
        language: str = "en",
        dark: bool = False,
        looks: bool = True,
    ) -> Page:
        """An empty page of a browser of its own, at which somebody of this role is signed in.

        Unless it `looks` by itself every half minute or minute, as pages do, it shows what is new
        only when it is told.
        """
        context = await self._chromium.new_context(
            base_url=self.home,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=script,
            locale=language,
            color_scheme="dark" if dark else "light",
        )
        self._contexts.append(context)
        if not looks:
            await context.add_init_script(_NO_LONG_TIMERS)
        if role is not None:
            await self._sign_in(context, str(role))
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        return page

    async def close(self) -> None:
        """Everybody leaves, and with them the streams that they watch."""
        for context in self._contexts:
            await context.close()

    async def _sign_in(self, context: BrowserContext, role: str) -> None:
        if role not in self._people:
            self._people[role] = await signed_in(self.api, role, self.home)
        held = self._people[role].session
        assert held is not None
        secure_home = self.home.replace("http:", "https:")  # as this machine counts to browsers
        await context.add_cookies(
            [{"name": "__Host-opd", "value": held, "url": secure_home, "secure": True}]
        )


@asynccontextmanager
async def open_hospital(chromium: Browser, tokens: int = 24) -> AsyncIterator[Hospital]:
    """Runs as long as the block."""
    clock = ManualClock(OPENING)
    async with open_empty_hospital(chromium, clock) as hospital:
        await fill_day(hospital.api, clock, tokens)
        yield hospital


@asynccontextmanager
async def open_empty_hospital(chromium: Browser, clock: ManualClock) -> AsyncIterator[Hospital]:
    """Without a doctor yet."""
    app = create_app(GivenSettings(), clock, Ids(random.Random(2030)), machine_clock=SystemClock())
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, ws="none", timeout_graceful_shutdown=2)
    )
    running = asyncio.create_task(server.serve())
    home = f"http://localhost:{port}"
    headers = {"Authorization": f"Bearer {app.state.dev_key}"}
    try:
        while not server.started:
            assert not running.done()
            await asyncio.sleep(0.01)
        # A connection for each request: the server ends one that is idle, maybe at this moment.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(
            base_url=home, headers=headers, limits=limits, timeout=PATIENCE / 1000
        ) as client:
            hospital = Hospital(home, Staff(client), clock, chromium)
            yield hospital
            await hospital.close()
    finally:
        server.should_exit = True
        await running


class Weight:
    """What a page and all that it loads weigh, uncompressed."""

    def __init__(self, page: Page) -> None:
        self._answers: list[Response] = []
        page.on("response", self._note)

    def _note(self, answer: Response) -> None:
        self._answers.append(answer)

    async def bytes(self) -> int:
        """So far, without what never ends."""
        whole = [each for each in self._answers if "event-stream" not in _kind(each)]
        return sum([len(await each.body()) for each in whole if each.ok])


class Complaints:
    """What a browser complained of, as of what the page's policy forbids."""

    def __init__(self, page: Page) -> None:
        self.told: list[str] = []
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on(
            "console", lambda said: self.told.append(said.text) if said.type == "error" else None
        )


async def overflow_of(page: Page) -> Sequence[str]:
    """What reaches beyond the right edge and would have the page scroll sideways."""
    wide: list[str] = await page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("body *")]
          .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
          .map(each => each.outerHTML.slice(0, 120))"""
    )
    return wide


def _kind(answer: Response) -> str:
    return answer.headers.get("content-type", "")
