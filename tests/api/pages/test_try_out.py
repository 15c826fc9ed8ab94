"""Whoever starts the service for a try-out signs in by the link that it prints."""

import pytest

from services.access.try_out import link_secret
from tests.api.browser import Browser, hire
from tests.api.client import ApiClient, refused


@pytest.fixture
def link(api: ApiClient) -> str:
    """As the service prints it."""
    key = api.client.headers["authorization"].removeprefix("Bearer ")
    return f"/try-out/{link_secret(key)}"


async def test_the_link_signs_in_to_everything_and_works_again(api: ApiClient, link: str) -> None:
    browser, other = Browser(api), Browser(api)
    assert "Sign in" in (await browser.get(link)).text
    assert browser.session is None
    answer = await browser.post(link, {})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    await other.post(link, {})
    assert other.session not in (browser.session, None)
    known = (await browser.call("GET", "/api/access/session")).json()
    assert known["id"] == "try-out"
    assert "access.manage" in known["permissions"]
    token = {"x-csrf-token": known["csrfToken"]}
    doctor = {"name": "Asha Rao", "specialization": "Skin"}
    assert (await browser.call("POST", "/api/doctors", doctor, token)).status_code == 201
    await browser.post("/sign-out", {"csrf": known["csrfToken"], "everywhere": "yes"})
    assert browser.session is None


async def test_the_link_leads_on_within_the_site_alone(api: ApiClient, link: str) -> None:
    for asked, led in (("/desk", "/desk"), ("//evil.example", "/"), ("https://evil.example", "/")):
        answer = await Browser(api).post(f"{link}?next={asked}", {})
        assert answer.headers["location"] == led


async def test_once_somebody_is_an_admin_neither_key_nor_link_nor_its_sessions_open_anything(
    api: ApiClient, link: str
) -> None:
    browser = Browser(api)
    await browser.post(link, {})
    await hire(api, "chief", "receptionist")
    await api.ask("POST", "/api/access/accounts/chief/grants", {"role": "admin"})
    assert (await browser.call("GET", "/api/access/session")).status_code == 401
    with refused(401, "unauthenticated"):
        await api.ask("GET", "/api/doctors")
    for answer in (await browser.get(link), await browser.post(link, {})):
        assert answer.status_code == 410


@pytest.mark.parametrize("other", ["/try-out/x", "/try-out/" + "0" * 64])
async def test_another_link_opens_nothing(api: ApiClient, other: str) -> None:
    assert (await Browser(api).post(other, {})).status_code == 410
