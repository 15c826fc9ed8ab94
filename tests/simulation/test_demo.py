"""The demo shows a day that passes, on a service of its own, and is gone with who started it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest

from services.demo import Demo, DemoFailed
from tests.simulation.scenes import ROOT

pytestmark = pytest.mark.usefixtures("apart")


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's environment reaches it."""
    for name in os.environ:
        monkeypatch.delenv(name)


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    """None is left running."""
    demo = Demo()
    yield demo
    await demo.stop()


async def test_one_demo_runs_at_a_time_and_its_link_shows_a_day_that_passes(demo: Demo) -> None:
    states = [demo.running]
    link, same = await asyncio.gather(demo.start(60), demo.start(60))
    assert link == same
    states.append(demo.running)
    assert demo.link == link
    async with httpx.AsyncClient(base_url=link.partition("/try-out/")[0], timeout=60) as browser:
        signed_in = await browser.post(link)
        browser.headers["Cookie"] = signed_in.headers["Set-Cookie"].partition(";")[0]
        assert signed_in.headers["Location"] == "/desk"
        doctors = (await browser.get("/api/doctors")).json()
        assert len(doctors) == 5
        path = f"/api/queue/{doctors[0]['id']}"
        first, later = [(await browser.get(path)).json() for _ in range(2)]
        assert len(first["line"]) > 10
        assert datetime.fromisoformat(later["asOf"]) > datetime.fromisoformat(first["asOf"])
        await demo.stop()
        assert [*states, demo.running] == [False, True, False]
        with pytest.raises(httpx.ConnectError):
            await browser.get("/readyz")


async def test_the_demo_ends_with_who_started_it() -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "demo.py"), "--attached", stdin=pipe, stdout=pipe
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert (await process.stdout.readline()).startswith(b"http://127.0.0.1:")
    process.stdin.close()  # as the system does for who was killed
    async with asyncio.timeout(20):
        assert await process.wait() == 0


async def test_a_demo_that_can_not_begin_is_told(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACILITY_TIMEZONE", "Nowhere")
    with pytest.raises(DemoFailed):
        await demo.start(60)
    assert not demo.running
