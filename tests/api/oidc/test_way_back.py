"""What somebody may try at the way back from the identity provider."""

from datetime import timedelta

import pytest

from services.clock import ManualClock
from tests.api.browser import PASSWORD, Browser, hire_with_password
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.api.oidc.coming import begin, come, there_and_back
from tests.api.oidc.provider import Provider

BEGUN = "__Host-opd-sign-in"


async def _assert_refused(browser: Browser, path: str, told: str, status: int = 403) -> None:
    answer = await browser.get(path)
    assert answer.status_code == status, answer.text
    assert told in answer.text
    assert browser.session is None


async def test_the_cookie_is_for_this_host_alone_for_no_script_and_for_minutes(
    api: ApiClient,
) -> None:
    answer = await Browser(api).post("/sign-in/oidc", {})
    name, _, rest = answer.headers["set-cookie"].partition("=")
    value, *told = rest.split("; ")
    assert (name, len(value)) == (BEGUN, 43)
    assert {each.lower() for each in told} == {
        "httponly",
        "max-age=600",
        "path=/",
        "samesite=lax",
        "secure",
    }
    assert value not in answer.text


@pytest.mark.parametrize("state", ["", "0" * 64, "\u0bb5", "x" * 5000])
async def test_a_state_that_was_not_given_out_opens_nothing_and_uses_nothing_up(
    api: ApiClient, provider: Provider, state: str
) -> None:
    browser = Browser(api)
    back = await there_and_back(await begin(browser))
    code = back.partition("code=")[2].partition("&")[0]
    asked = len(provider.asked)
    await _assert_refused(browser, f"/sign-in/oidc?code={code}&state={state}", "Begin it once", 410)
    await _assert_refused(browser, f"/sign-in/oidc?code={code}", "Begin it once", 410)
    assert len(provider.asked) == asked
    assert (await browser.get(back)).status_code == 303


async def test_the_way_back_is_for_the_browser_that_began_alone(api: ApiClient) -> None:
    """So nobody is signed in as somebody else, whose link they were sent."""
    mallory, asha, fresh = Browser(api), Browser(api), Browser(api)
    back = await there_and_back(await begin(mallory))
    await begin(asha)
    await _assert_refused(asha, back, "not begun in this browser", 410)
    await _assert_refused(fresh, back, "not begun in this browser", 410)


async def test_a_way_back_is_good_once(api: ApiClient, provider: Provider) -> None:
    browser = Browser(api)
    address = await begin(browser)
    held = browser.cookies[BEGUN]
    back = await there_and_back(address)
    assert (await browser.get(back)).status_code == 303
    browser.cookies.clear()
    for again in (back, await there_and_back(address)):
        browser.cookies[BEGUN] = held
        asked = len(provider.asked)
        await _assert_refused(browser, again, "was used already", 410)
        assert len(provider.asked) == asked


async def test_a_way_back_is_good_for_ten_minutes(api: ApiClient, clock: ManualClock) -> None:
    browser, other = Browser(api), Browser(api)
    back, late = (
        await there_and_back(await begin(browser)),
        await there_and_back(await begin(other)),
    )
    clock.advance(timedelta(minutes=9, seconds=59))
    assert (await browser.get(back)).status_code == 303
    clock.advance(timedelta(seconds=1))
    await _assert_refused(other, late, "longer than ten minutes", 410)


async def test_a_code_is_good_once_whoever_holds_the_cookie(
    api: ApiClient, provider: Provider
) -> None:
    browser, other = Browser(api), Browser(api)
    first = await there_and_back(await begin(browser))
    assert (await browser.get(first)).status_code == 303
    code = first.partition("code=")[2].partition("&")[0]
    second = await there_and_back(await begin(other))
    mixed = second.replace(second.partition("code=")[2].partition("&")[0], code)
    await _assert_refused(other, mixed, "did not sign you in")
    assert provider.asked[-1] == "token"


async def test_a_session_that_was_there_before_is_not_the_one_after_it(api: ApiClient) -> None:
    await hire_with_password(api, "mallory")
    mallory, asha = Browser(api), Browser(api)
    await mallory.sign_in("mallory", PASSWORD)
    for planted in ("chosen-by-somebody-else", str(mallory.session)):
        asha.cookies["__Host-opd"] = planted
        assert (await come(asha)).status_code == 303
        assert asha.session not in (planted, None)
        mallory.cookies["__Host-opd"] = planted
        known = await mallory.call("GET", "/api/access/session")
        assert known.status_code == 401 or known.json()["id"] == "mallory"


async def test_another_sites_form_begins_nothing(api: ApiClient, provider: Provider) -> None:
    forged = {"origin": "https://evil.example"}
    answer = await Browser(api).post("/sign-in/oidc", {}, forged)
    assert answer.json()["code"] == "other_origin"
    assert provider.asked == []


async def test_who_is_not_signed_in_there_is_not_here(api: ApiClient, provider: Provider) -> None:
    provider.denies = True
    browser = Browser(api)
    back = await there_and_back(await begin(browser))
    assert "error=access_denied" in back
    await _assert_refused(browser, back, "did not sign you in")
    assert browser.cookies == {}


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
async def test_nobody_is_led_to_another_site(api: ApiClient, elsewhere: str) -> None:
    answer = await come(Browser(api), elsewhere)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("home", ["http://opd.example.org", "http://192.0.2.7:8000"])
async def test_over_plain_http_nobody_signs_in_so(
    open_client: OpenClient, provider: Provider, home: str
) -> None:
    async with open_client(**provider.settings, allowed_hosts="*") as api:
        browser = Browser(api, home)
        for answer in (
            await browser.post("/sign-in/oidc", {}),
            await browser.get("/sign-in/oidc?code=a&state=b"),
        ):
            assert answer.status_code == 403
            assert "Over plain HTTP" in answer.text
        assert provider.asked == []


async def test_too_many_beginnings_from_one_address_have_to_wait(api: ApiClient) -> None:
    browser = Browser(api)
    statuses = [(await browser.post("/sign-in/oidc", {})).status_code for _ in range(201)]
    assert statuses == [200] * 200 + [429]


async def test_neither_code_nor_secret_nor_name_stands_in_the_log(
    api: ApiClient, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = Browser(api)
    address = await begin(browser)
    held = browser.cookies[BEGUN]
    back = await there_and_back(address)
    await browser.get(back)
    provider.alters = {"iss": "https://evil.example"}
    await come(browser)
    logged = capsys.readouterr().out
    assert "identity_unproven" in logged
    code = back.partition("code=")[2].partition("&")[0]
    for told in (code, held, str(browser.session), "Asha", "u-17", "told/to", "OPD Desk"):
        assert told not in logged
