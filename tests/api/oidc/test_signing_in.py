"""People sign in with the hospital's identity provider, without a password here."""

from tests.api.browser import PASSWORD, Browser, hidden, hire_with_password
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient
from tests.api.oidc.authorizing import CLIENT_ID
from tests.api.oidc.coming import begin, come, there_and_back, who
from tests.api.oidc.provider import Provider

# There and back


async def test_who_signs_in_there_is_signed_in_here_and_goes_on(
    api: ApiClient, provider: Provider
) -> None:
    browser = Browser(api)
    page = (await browser.get("/sign-in?next=%2Fdocs%3Fa%3D1")).text
    assert "Sign in with City Hospital" in page
    address = await begin(browser, hidden(page, "next"))
    assert address.startswith(f"{provider.issuer}/authorize?")
    answer = await browser.get(await there_and_back(address))
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs?a=1")
    known = await who(browser)
    assert (known["name"], known["kind"]) == ("Asha Rao", "person")
    assert list(browser.cookies) == ["__Host-opd"]
    assert (await browser.get("/sign-in")).status_code == 200


async def test_the_provider_is_asked_with_a_challenge_and_nobody_else_can_redeem_the_code(
    api: ApiClient,
) -> None:
    browser, other = Browser(api), Browser(api)
    address = await begin(browser)
    for needed in ("code_challenge_method=S256", "code_challenge=", "nonce=", "state="):
        assert needed in address
    back = await there_and_back(address)
    code = back.partition("code=")[2].partition("&")[0]
    theirs = await there_and_back(await begin(other))
    swapped = theirs.replace(theirs.partition("code=")[2].partition("&")[0], code)
    answer = await other.get(swapped)
    assert answer.status_code == 403
    assert "did not sign you in" in answer.text
    assert other.session is None
    assert (await browser.get(back)).status_code == 303


async def test_without_an_issuer_there_is_no_such_way_in(open_client: OpenClient) -> None:
    async with open_client() as api:
        browser = Browser(api)
        assert "Sign in with" not in (await browser.get("/sign-in")).text
        for answer in (
            await browser.get("/sign-in/oidc?code=a&state=b"),
            await browser.post("/sign-in/oidc", {}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_path")


async def test_a_password_still_opens_what_it_did(api: ApiClient) -> None:
    await hire_with_password(api)
    browser = Browser(api)
    assert (await browser.sign_in("asha", PASSWORD)).status_code == 303
    assert (await who(browser))["id"] == "asha"


async def test_to_look_at_the_page_asks_the_provider_nothing(
    api: ApiClient, provider: Provider
) -> None:
    await Browser(api).get("/sign-in")
    assert provider.asked == []


# Signing out


async def test_signing_out_ends_this_session_or_all(api: ApiClient) -> None:
    here, there, third = Browser(api), Browser(api), Browser(api)
    for browser in (here, there, third):
        await come(browser)
    held = here.session
    await here.post("/sign-out", {"csrf": await here.csrf()})
    here.cookies["__Host-opd"] = str(held)
    assert (await here.call("GET", "/api/access/session")).status_code == 401
    assert (await third.call("GET", "/api/access/session")).status_code == 200
    await there.post("/sign-out", {"csrf": await there.csrf(), "everywhere": "yes"})
    assert (await third.call("GET", "/api/access/session")).status_code == 401


# When the provider can't


async def test_a_provider_that_is_away_is_told_on_the_page_and_holds_up_nobody_else(
    open_client: OpenClient, provider: Provider
) -> None:
    settings = {**provider.settings, "oidc_issuer": "http://127.0.0.1:9/nobody"}
    async with open_client(**settings) as api:
        await hire_with_password(api)
        browser = Browser(api)
        answer = await browser.post("/sign-in/oidc", {"next": "/docs"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "does not answer" in answer.text
        assert hidden(answer.text, "next") == "/docs"
        assert browser.cookies == {}
        assert (await browser.sign_in("asha", PASSWORD)).status_code == 303


async def test_the_client_id_is_the_one_of_the_settings(
    open_client: OpenClient, provider: Provider
) -> None:
    async with open_client(**provider.settings) as api:
        assert f"client_id={CLIENT_ID}&" in await begin(Browser(api))
    async with open_client(**{**provider.settings, "oidc_client_secret": "wrong"}) as api:
        answer = await come(Browser(api))
        assert answer.status_code == 403
        assert "did not sign you in" in answer.text
