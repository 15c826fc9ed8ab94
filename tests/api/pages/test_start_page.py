"""The start: what this is, the pages that one may see, and outside production a demo."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.api.browser import Browser, hidden, signed_in
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient


def _leads_to(page: str) -> set[str]:
    cards = page.partition('<ul class="cards">')[2].partition("</ul>")[0]
    return set(re.findall(r'<h2><a href="([^"]+)"', cards))


async def test_who_is_not_signed_in_is_told_what_this_is_and_led_to_the_sign_in(
    filled: ApiClient,
) -> None:
    page = (await Browser(filled).get("/")).text
    assert "You are not signed in." in page
    assert 'href="/sign-in"' in page
    assert 'href="/docs"' in page
    assert _leads_to(page) == set()


async def test_each_is_led_to_the_pages_that_they_may_see(filled: ApiClient) -> None:
    nurse, manager = await signed_in(filled, "nurse"), await signed_in(filled, "auditor")
    page = (await nurse.get("/")).text
    assert "You are signed in as A.Nurse Rao." in page
    assert {"/desk", "/doctor"} <= _leads_to(page)
    assert page.count('<h2><a href="/desk"') == 1
    for path in _leads_to(page):
        assert (await nurse.get(path)).status_code in {200, 303}
    assert not {"/desk", "/doctor"} & _leads_to((await manager.get("/")).text)


async def test_who_holds_a_session_that_has_ended_sees_the_start(filled: ApiClient) -> None:
    nurse = await signed_in(filled, "nurse")
    held = dict(nurse.cookies)
    await nurse.post("/sign-out", {"csrf": await nurse.csrf()})
    nurse.cookies = held
    answer = await nurse.get("/")
    assert answer.status_code == 200
    assert "You are not signed in." in answer.text


async def test_what_keeps_nothing_or_is_in_production_shows_no_demo(filled: ApiClient) -> None:
    chief = await signed_in(filled, "admin")
    page = (await chief.get("/")).text
    assert 'id="demo"' not in page
    answer = await chief.post("/demo", {"csrf": hidden(page, "csrf"), "speed": "60"})
    assert answer.status_code == 303
    assert "No demo is shown here." in (await chief.get("/")).text


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's environment reaches the demo."""
    for name in os.environ:
        monkeypatch.delenv(name)


@pytest.fixture
async def kept(open_client: OpenClient, tmp_path: Path) -> AsyncIterator[ApiClient]:
    """A service that keeps what it is told, as `make run` has it: it shows a demo."""
    async with open_client(embedded_file=str(tmp_path / "opd.db")) as api:
        yield api


@pytest.fixture
async def tries(kept: ApiClient) -> Browser:
    """A browser at which somebody signed in by the link of the try-out."""
    return await signed_in(kept, "admin")


@pytest.mark.usefixtures("apart")
async def test_the_demo_is_started_shown_and_stopped(tries: Browser) -> None:
    page = (await tries.get("/")).text
    assert "no real day is touched" in page
    form = {"csrf": hidden(page, "csrf"), "speed": "300"}
    assert (await tries.post("/demo", form)).status_code == 303
    page = (await tries.get("/")).text
    assert "The demo runs." in page
    found = re.search(r'<a class="button" href="(http://127[^"]+)">Open the demo', page)
    assert found, page
    async with httpx.AsyncClient(timeout=60) as visitor:
        answer = await visitor.post(found[1], headers={"Origin": found[1].partition("/try-out")[0]})
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        await tries.post("/demo/stop", {"csrf": form["csrf"]})
        page = (await tries.get("/")).text
        assert "The demo has ended." in page
        assert "Start the demo" in page
        with pytest.raises(httpx.ConnectError):
            await visitor.get(found[1])


@pytest.mark.usefixtures("apart")
async def test_a_demo_that_can_not_begin_is_told(
    tries: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACILITY_TIMEZONE", "Nowhere")
    csrf = hidden((await tries.get("/")).text, "csrf")
    answer = await tries.post("/demo", {"csrf": csrf, "speed": "60"})
    assert answer.status_code == 503
    assert "The demo did not begin." in answer.text
    assert "Start the demo" in answer.text


async def test_a_speed_that_is_none_starts_nothing(tries: Browser) -> None:
    csrf = hidden((await tries.get("/")).text, "csrf")
    answer = await tries.post("/demo", {"csrf": csrf, "speed": "0"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Start the demo" in answer.text


async def test_who_may_not_start_the_demo_is_told_who_may(kept: ApiClient) -> None:
    page = (await Browser(kept).get("/")).text
    assert "Who manages access here can start a demo" in page
    assert "Start the demo" not in page


async def test_another_sites_form_starts_nothing(tries: Browser) -> None:
    assert (await tries.post("/demo", {"speed": "60"})).status_code == 403
    assert "Start the demo" in (await tries.get("/")).text


async def test_the_demos_session_takes_nobodys_place(tries: Browser) -> None:
    """Browsers keep one session a name, whatever the port."""
    tries.home = "https://127.0.0.1"
    csrf = hidden((await tries.get("/")).text, "csrf")
    await tries.post("/demo", {"csrf": csrf, "speed": "300"})
    assert '<a class="button" href="http://localhost:' in (await tries.get("/")).text
