"""Chromium, without a window, and pages of another site for it to open.

All tests of this folder run in one event loop, so that they share what is slow to start: a browser, a
service as a process, a day that is only looked at. Each has contexts of the browser of its own.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.hospital import PATIENCE, Hospital, open_hospital
from tests.integration.processes import Service
from tests.listening import stop_listening

Serve = Callable[[str], Awaitable[str]]
StartService = Callable[..., Awaitable[Service]]

_HERE = Path(__file__).parent
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The one without windows draws a page with a third of the processor time."""
_CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
_QUIET = [
    "--no-sandbox",  # it opens pages of this machine alone
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_shared = pytest_asyncio.fixture(scope="session", loop_scope="session")
_own = pytest_asyncio.fixture(loop_scope="session")
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """One event loop for all of them."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@_shared
async def chromium() -> AsyncIterator[Browser]:
    """The browser of all."""
    if _CHROMIUM is None:
        pytest.skip("Chromium is not installed (apt-get install chromium-headless-shell)")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=_CHROMIUM, headless=True, args=_QUIET
        )
        yield chromium
        await chromium.close()


@_own
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """The browser as a new one: whatever a test opens in it is closed with the test."""
    yield chromium
    for context in chromium.contexts:
        await context.close()


@_own
async def page(browser: Browser) -> Page:
    """An empty page."""
    page = await browser.new_page()
    page.set_default_timeout(PATIENCE)
    return page


@_own
async def hospital(browser: Browser) -> AsyncIterator[Hospital]:
    """The service on the filled day."""
    async with open_hospital(browser) as hospital:
        yield hospital


@_shared
async def _still_day(chromium: Browser) -> AsyncIterator[Hospital]:
    async with open_hospital(chromium) as hospital:
        yield hospital


@_own
async def still_hospital(_still_day: Hospital, browser: Browser) -> Hospital:  # noqa: ARG001  # closes what it opens
    """The same, once for all tests that only look."""
    return _still_day


@_shared
async def _servers() -> AsyncIterator[list[asyncio.Server]]:
    servers: list[asyncio.Server] = []
    yield servers
    for server in servers:
        await stop_listening(server)
        await server.wait_closed()


@_shared
async def serve(_servers: list[asyncio.Server]) -> Serve:
    """Serves one page as another site; the address of that site, its origin."""

    async def start(html: str) -> str:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            body = html.encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            writer.close()

        _servers.append(await asyncio.start_server(answer, "127.0.0.1", 0))
        port: int = _servers[-1].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    return start


@_shared
async def portal(serve: Serve) -> str:
    """Another site, whose pages the service lets call it."""
    return await serve("<h1>Portal</h1>")


@_own
async def start_service(tmp_path: Path) -> AsyncIterator[StartService]:
    """Starts the service with these settings, on the embedded database, and ends it."""
    services: list[Service] = []

    async def start(**settings: str) -> Service:
        services.append(Service(tmp_path, settings))
        await services[-1].serve()
        return services[-1]

    yield start
    for service in services:
        service.end()


@_shared
async def service(tmp_path_factory: pytest.TempPathFactory, portal: str) -> AsyncIterator[Service]:
    """As a user runs it, on an embedded database; others do things in it too."""
    service = Service(tmp_path_factory.mktemp("service"), {"CORS_ORIGINS": portal})
    await service.serve()
    yield service
    service.end()
