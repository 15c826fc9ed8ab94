"""What the identity provider says counts with its signature alone, and for this sign-in."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.responses import JSONResponse

from services.clock import ManualClock
from tests.api.browser import Browser
from tests.api.client import ApiClient
from tests.api.oidc.authorizing import Claims
from tests.api.oidc.coming import begin, come, there_and_back
from tests.api.oidc.provider import Provider, sign


async def _refuses_token(api: ApiClient) -> None:
    browser = Browser(api)
    back = await there_and_back(await begin(browser))
    answer = await browser.get(back)
    assert answer.status_code == 403, answer.text
    assert "could not be verified" in answer.text
    assert browser.session is None
    entries = (await api.ask("GET", "/api/audit?actor=nobody")).json()
    assert {"why": "identity_unproven"} in [each["details"] for each in entries]


@pytest.mark.parametrize(
    "altered",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": ["another-client"]},
        {"aud": []},
        {"aud": None},
        {"aud": ["opd", "another-client"]},
        {"aud": ["opd", "another-client"], "azp": "another-client"},
        {"nonce": "0" * 64},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 17},
        {"sub": "u" * 256},
        {"exp": None},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"iat": None},
        {"at_hash": "of-another-token"},
    ],
    ids=str,
)
async def test_a_token_that_says_something_else_proves_nothing(
    api: ApiClient, provider: Provider, altered: Claims
) -> None:
    provider.alters = altered
    await _refuses_token(api)


async def test_a_token_ends(api: ApiClient, provider: Provider, clock: ManualClock) -> None:
    now = int(clock.now().timestamp())
    provider.alters = {"exp": now - 60}
    await _refuses_token(api)
    provider.alters = {"exp": now - 59}  # clocks differ
    assert (await come(Browser(api))).status_code == 303


def _altered_after_it_was_signed(claims: Claims, key: RSAKey) -> str:
    header, _, signature = sign(claims, key).split(".")
    return f"{header}.{_encoded({**claims, 'groups': ['/opd/admins']})}.{signature}"


def _unsigned(claims: Claims, key: RSAKey) -> str:
    return f"{_encoded({'alg': 'none', 'kid': key.kid})}.{_encoded(claims)}."


def _by_the_public_key(claims: Claims, key: RSAKey) -> str:
    """HS256 with what everybody knows as the secret."""
    header = {"alg": "HS256", "kid": str(key.kid)}
    secret = OctKey.import_key(str(key.as_dict(private=False)["n"]))
    return jwt.encode(header, claims, secret, algorithms=["HS256"])


def _by_another_key(claims: Claims, key: RSAKey) -> str:
    """Under the name of the right one."""
    mine = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "kid": str(key.kid)}, claims, mine)


def _with_its_key_along(claims: Claims, _: RSAKey) -> str:
    mine = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "jwk": mine.as_dict(private=False)}
    return jwt.encode(header, claims, mine)


def _none(_: Claims, __: RSAKey) -> str:
    return "no.token.at-all"


def _encoded(value: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "forged",
    [
        _altered_after_it_was_signed,
        _unsigned,
        _by_the_public_key,
        _by_another_key,
        _with_its_key_along,
        _none,
    ],
)
async def test_what_the_provider_did_not_sign_proves_nothing(
    api: ApiClient, provider: Provider, forged: Callable[[Claims, RSAKey], str]
) -> None:
    provider.sign = forged
    await _refuses_token(api)


# Its keys


async def test_a_new_key_is_asked_for_once_in_a_while(
    api: ApiClient, provider: Provider, clock: ManualClock
) -> None:
    assert (await come(Browser(api))).status_code == 303
    provider.takes(RSAKey.generate_key(2048, auto_kid=True), keeps=True)
    clock.advance(timedelta(minutes=1))
    assert (await come(Browser(api))).status_code == 303
    assert provider.asked.count("keys") == 2
    provider.key = RSAKey.generate_key(2048, auto_kid=True)  # and publishes it nowhere
    for _ in range(3):
        await _refuses_token(api)
    assert provider.asked.count("keys") == 2
    clock.advance(timedelta(seconds=30))
    await _refuses_token(api)
    assert provider.asked.count("keys") == 3


async def test_a_key_that_the_provider_took_back_opens_nothing_within_the_hour(
    api: ApiClient, provider: Provider, clock: ManualClock
) -> None:
    await come(Browser(api))
    stolen = provider.key
    provider.takes(RSAKey.generate_key(2048, auto_kid=True))
    provider.sign = lambda claims, _: sign(claims, stolen)
    clock.advance(timedelta(hours=1))
    await _refuses_token(api)


async def test_a_key_that_is_not_understood_spoils_no_other(
    api: ApiClient, provider: Provider
) -> None:
    odd = [
        {"kty": "AKP", "alg": "ML-DSA-44"},
        {"kty": "RSA", "n": "!"},
        {"kty": "oct", "k": "AA"},
        {},
    ]
    keys = [*odd, {**provider.key.as_dict(private=False), "ext": True}]
    provider.answers = lambda path: JSONResponse({"keys": keys}) if path == "keys" else None
    assert (await come(Browser(api))).status_code == 303
