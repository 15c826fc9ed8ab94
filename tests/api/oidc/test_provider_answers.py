"""Whatever else the identity provider may answer."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from models.errors import ProviderUnavailable
from services.access.identity_provider import IdentityProvider, Proof
from services.clock import ManualClock
from tests.api.browser import Browser
from tests.api.client import ApiClient
from tests.api.oidc.coming import come
from tests.api.oidc.provider import Provider
from tests.api.service import GivenSettings


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("openid-configuration", Response("busy", 503)),
        ("openid-configuration", Response("<html>")),
        ("openid-configuration", JSONResponse([])),
        ("openid-configuration", RedirectResponse("https://evil.example/")),
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


async def test_of_an_answer_without_measure_so_much_is_read_and_no_more(
    api: ApiClient, provider: Provider
) -> None:
    whole = json.dumps({"keys": [provider.key.as_dict(private=False)]})
    for padding, status in ((600_000, 503), (400_000, 200)):
        padded = Response(whole + " " * padding)
        provider.answers = {"keys": padded}.get
        assert (await Browser(api).post("/sign-in/oidc", {})).status_code == status


async def _dripping() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", ["openid-configuration", "keys"])
async def test_a_provider_that_never_ends_is_waited_for_so_long_and_no_longer(
    provider: Provider, clock: ManualClock, path: str
) -> None:
    """However alive it looks."""
    provider.answers = {path: StreamingResponse(_dripping())}.get
    asked = IdentityProvider(GivenSettings.model_validate(provider.settings), clock, within=0.5)
    proof = Proof(nonce="n", verifier="v" * 43, redirect_uri="https://localhost/sign-in/oidc")
    with pytest.raises(ProviderUnavailable):
        await asked.address_to_sign_in(proof, "state")
    await asked.close()


async def test_a_provider_that_takes_no_code_in_time_signs_nobody_in(
    provider: Provider, clock: ManualClock
) -> None:
    provider.answers = {"token": StreamingResponse(_dripping())}.get
    asked = IdentityProvider(GivenSettings.model_validate(provider.settings), clock, within=0.5)
    proof = Proof(nonce="n", verifier="v" * 43, redirect_uri="https://localhost/sign-in/oidc")
    with pytest.raises(ProviderUnavailable):
        await asked.identify("code", proof)
    await asked.close()
