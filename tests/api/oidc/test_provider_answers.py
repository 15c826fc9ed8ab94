"""Whatever else the identity provider may answer."""

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.api.browser import Browser
from tests.api.client import ApiClient
from tests.api.oidc.coming import come
from tests.api.oidc.provider import Provider


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("openid-configuration", Response("busy", 503)),
        ("openid-configuration", Response("<html>")),
        ("openid-configuration", JSONResponse([])),
        ("openid-configuration", RedirectResponse("https://evil.example/")),
        ("openid-configuration", Response(b" " * 600_000)),
        ("keys", Response("gone", 404)),
        ("keys", JSONResponse({"keys": "none"})),
    ],
)
async def test_what_is_no_answer_of_a_provider_is_as_if_it_were_away(
    api: ApiClient, provider: Provider, path: str, answer: Response
) -> None:
    provider.answers = lambda asked: answer if asked == path else None
    browser = Browser(api)
    told = await browser.post("/sign-in/oidc", {})
    assert told.status_code == 503
    provider.answers = lambda _: None
    assert (await come(browser)).status_code == 303


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "http://evil.example/keys"},
        {"jwks_uri": "ftp://127.0.0.1/keys"},
        {"token_endpoint": ""},
    ],
    ids=str,
)
async def test_nothing_is_sent_to_where_it_could_be_read(
    api: ApiClient, provider: Provider, lie: dict[str, str]
) -> None:
    told = {
        "issuer": provider.issuer,
        "authorization_endpoint": f"{provider.issuer}/authorize",
        "token_endpoint": f"{provider.issuer}/token",
        "jwks_uri": f"{provider.issuer}/keys",
    }
    provider.answers = lambda path: (
        JSONResponse({**told, **lie}) if path == "openid-configuration" else None
    )
    assert (await Browser(api).post("/sign-in/oidc", {})).status_code == 503


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (JSONResponse({"error": "invalid_grant"}, 400), 403),
        (Response("busy", 502), 503),
        (JSONResponse({"access_token": "a"}), 503),
    ],
)
async def test_a_code_that_the_provider_does_not_take_signs_nobody_in(
    api: ApiClient, provider: Provider, answer: Response, status: int
) -> None:
    provider.answers = lambda path: answer if path == "token" else None
    browser = Browser(api)
    assert (await come(browser)).status_code == status
    assert browser.session is None
