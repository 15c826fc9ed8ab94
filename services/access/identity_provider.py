"""The hospital's identity provider: OpenID Connect's code flow with PKCE.

What it is and by which keys it signs is asked for when somebody first signs in, so the service starts
without it. Every answer of it is bounded in time and size, and what it says of a person counts only
with its signature (services/access/id_token.py).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from msgspec import Struct

from addresses import LOOPBACK
from models.errors import ProviderRefused, ProviderUnavailable
from oidc_settings import OidcSettings
from services.access.id_token import (
    Expected,
    Person,
    SigningKeys,
    UnknownSigningKey,
    person_of,
    unproven,
)
from services.clock import Clock
from services.log import log

WITHIN_SECONDS = 8.0
"""All that is asked of it at one step of a sign-in."""
_MOST_BYTES = 512 * 1024
_KNOWN_FOR = timedelta(hours=1)
"""After which a key that it took back opens nothing any more."""
_ASKED_AGAIN_AFTER = timedelta(seconds=30)
"""For a key that is not known: whoever makes up names of keys must not have us ask for each."""
_BASIC = "client_secret_basic"

T = TypeVar("T")


class Proof(Struct, frozen=True, kw_only=True):
    """What ties the provider's answer to the sign-in that was begun."""

    nonce: str
    verifier: str
    redirect_uri: str


class _Metadata(Struct, frozen=True):
    """What the provider tells of itself: OpenID Connect Discovery 1.0."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = (_BASIC,)


class _Jwks(Struct, frozen=True):
    keys: list[dict[str, object]]


class _Tokens(Struct, frozen=True):
    id_token: str
    access_token: str | None = None


class _Error(Struct, frozen=True):
    error: str = ""


class _Known(Struct, frozen=True):
    metadata: _Metadata
    keys: SigningKeys
    since: datetime


class IdentityProvider:
    """Every method raises ProviderUnavailable, within so many seconds."""

    def __init__(
        self, settings: OidcSettings, clock: Clock, within: float = WITHIN_SECONDS
    ) -> None:
        self._within = within
        self._settings = settings
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._clock = clock
        self._client = httpx.AsyncClient(
            timeout=within, follow_redirects=False, headers={"Accept": "application/json"}
        )
        self._known: _Known | None = None
        self._one_look = asyncio.Lock()

    async def address_to_sign_in(self, proof: Proof, state: str) -> str:
        """Where the provider asks who somebody is."""
        async with _in_time(self._within):
            known = await self._look(_KNOWN_FOR)
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": proof.redirect_uri,
            "scope": self._settings.oidc_scopes,
            "state": state,
            "nonce": proof.nonce,
            "code_challenge": str(
                create_s256_code_challenge(proof.verifier)  # type: ignore[no-untyped-call]  # so its stubs have it
            ),
            "code_challenge_method": "S256",
        }
        return str(httpx.URL(known.metadata.authorization_endpoint).copy_merge_params(asked))

    async def identify(self, code: str, proof: Proof) -> Person:
        """Who it is for whom the provider gave this code. Raises ProviderRefused, IdentityUnproven."""
        expected = Expected(
            issuer=self._settings.oidc_issuer,
            client_id=self._settings.oidc_client_id,
            nonce=proof.nonce,
            groups_claim=self._settings.oidc_groups_claim,
        )
        async with _in_time(self._within):
            known = await self._look(_KNOWN_FOR)
            tokens = await self._exchange(known.metadata, code, proof)
            now = self._clock.now()
            try:
                return person_of(tokens.id_token, tokens.access_token, known.keys, expected, now)
            except UnknownSigningKey:  # the provider may have taken a new one
                keys = (await self._look(_ASKED_AGAIN_AFTER)).keys
            try:
                return person_of(tokens.id_token, tokens.access_token, keys, expected, now)
            except UnknownSigningKey:
                raise unproven("unknown key") from None

    async def close(self) -> None:
        """Ask nothing more."""
        await self._client.aclose()

    async def _look(self, most_age: timedelta) -> _Known:
        """What it told of itself, so long ago at most."""
        async with self._one_look:
            now, known = self._clock.now(), self._known
            if known is not None and now - known.since < most_age:
                return known
            place = self._settings.oidc_issuer.rstrip("/")
            found = await self._ask("GET", f"{place}/.well-known/openid-configuration")
            metadata = _read(found, _Metadata)
            if metadata.issuer != self._settings.oidc_issuer:
                raise _away("it calls itself otherwise than OIDC_ISSUER does")
            for url in (
                metadata.authorization_endpoint,
                metadata.token_endpoint,
                metadata.jwks_uri,
            ):
                self._check_place(url)
            jwks = _read(await self._ask("GET", metadata.jwks_uri), _Jwks)
            keys = SigningKeys.of(jwks.keys, metadata.id_token_signing_alg_values_supported)
            self._known = _Known(metadata, keys, now)
            return self._known

    def _check_place(self, url: str) -> None:
        """Nothing is asked over plain HTTP, but within one machine where the issuer is on it."""
        parts = urlsplit(url)
        here = urlsplit(self._settings.oidc_issuer).scheme == "http"
        local = here and parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise _away("it names a place that is not reached by https://")

    async def _exchange(self, metadata: _Metadata, code: str, proof: Proof) -> _Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": proof.redirect_uri,
            "code_verifier": proof.verifier,
        }
        client_id, auth = self._settings.oidc_client_id, None
        if self._secret and _BASIC in metadata.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(quote(client_id, safe=""), quote(self._secret, safe=""))
        else:
            form |= {"client_id": client_id}
            form |= {"client_secret": self._secret} if self._secret else {}
        return _read(await self._ask("POST", metadata.token_endpoint, form, auth), _Tokens)

    async def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> bytes:
        """What it answers. Raises ProviderRefused where it says no to a form."""
        body = bytearray()
        try:
            async with self._client.stream(method, url, data=form, auth=auth) as answer:
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        raise _away("its answer is too long")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _away(type(error).__name__) from None
        if answer.status_code == httpx.codes.OK:
            return bytes(body)
        if form is not None and answer.is_client_error:
            log.warning("identity_provider_refused", why=_read(bytes(body), _Error).error[:100])
            raise ProviderRefused
        raise _away(f"HTTP {answer.status_code}")


@asynccontextmanager
async def _in_time(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise _away("it takes too long") from None


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise _away(f"its answer is not understood: {error}") from None


def _away(why: str) -> ProviderUnavailable:
    log.warning("identity_provider_unavailable", why=why)
    return ProviderUnavailable()
