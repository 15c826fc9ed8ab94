"""Chromium, without a window, and pages of another site for it to open."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.hospital import Hospital, open_hospital
from tests.integration.processes import Service

Serve = Callable[[str], Awaitable[str]]
StartService = Callable[..., Awaitable[Service]]

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_QUIET = [
    "--no-sandbox",  # it opens pages of this machine alone
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of its own."""
    if _CHROMIUM is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_CHROMIUM, headless=True, args=_QUIET
        )
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser) -> Page:
    """An empty page."""
    page = await browser.new_page()
    page.set_default_timeout(20_000)
    return page


@pytest.fixture
async def hospital(browser: Browser) -> AsyncIterator[Hospital]:
    """The service on the filled day."""
    async with open_hospital(browser) as hospital:
        yield hospital


@pytest.fixture
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


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves one page as another site; the address of that site, its origin."""
    servers: list[asyncio.Server] = []

    async def start(html: str) -> str:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            body = html.encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            writer.close()

        servers.append(await asyncio.start_server(answer, "127.0.0.1", 0))
        port: int = servers[-1].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()
