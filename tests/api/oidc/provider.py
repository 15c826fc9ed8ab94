"""A hospital's identity provider on loopback, made of authlib's server parts.

Whoever comes is signed in at once, as `person`; a test says what else it does.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import uvicorn
from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import (
    ClientMixin,
    InvalidRequestError,
    OAuth2Error,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.clock import Clock
from tests.api.oidc.authorizing import CLIENT_ID, SECRET, Asked, Claims, Client, Code
from tests.integration.processes import until

Sign = Callable[[Claims, RSAKey], str]


def sign(claims: Claims, key: RSAKey) -> str:
    """As a provider does."""
    return jwt.encode({"alg": "RS256", "kid": str(key.kid)}, claims, key)


class Provider(AuthorizationServer):
    """`claims` are what it says of whoever comes, besides the ID token's own; `alters` spoils them."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(scopes_supported=["openid", "profile"])
        self.clock = clock
        self.port = 0
        self.claims: Claims = {"sub": "u-17", "name": "Asha Rao", "groups": ["OPD Desk"]}
        self.key = RSAKey.generate_key(2048, auto_kid=True)
        self.published = [self.key]
        self.sign: Sign = sign
        self.alters: Claims = {}
        self.denies = False
        self.answers: Callable[[str], Response | None] = lambda _: None
        """In place of an endpoint's own answer."""
        self.asked: list[str] = []
        """The paths, in order."""
        self.codes: dict[str, Code] = {}
        self.register_grant(_CodeGrant, [_OnlyWithPkce(required=True), _IdTokens()])
        self.register_token_generator("default", BearerTokenGenerator(lambda **_: "a" * 40))

    @property
    def issuer(self) -> str:
        """Its name, with an end that must not be lost."""
        return f"http://127.0.0.1:{self.port}/realms/opd"

    @property
    def settings(self) -> dict[str, object]:
        """For a service whose people it knows."""
        return {
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": SECRET,
            "oidc_name": "City Hospital",
            "oidc_roles": "OPD Desk=receptionist; cn=rao,ou=doctors=doctor:rao; /opd/admins=admin; "
            "/opd/nurses=nurse@main",
        }

    def takes(self, key: RSAKey, *, keeps: bool = False) -> None:
        """Sign with another key from now on."""
        self.key = key
        self.published = [*self.published, key] if keeps else [key]

    # As authlib asks for it

    def query_client(self, client_id: str) -> ClientMixin:  # noqa: ARG002  # as authlib asks for it
        return Client()

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        pass

    def send_signal(self, name: object, *args: object, **kwargs: object) -> None:
        pass

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: object, headers: object) -> Response:
        told = dict(headers) if isinstance(headers, list) else {}
        if isinstance(body, dict):
            return JSONResponse(body, status, headers=told)
        return Response(str(body), status, headers=told)

    # Its endpoints

    def app(self) -> Starlette:
        """What it serves."""
        root = "/realms/opd"
        return Starlette(
            routes=[
                Route(f"{root}/.well-known/openid-configuration", self._guarded(self._tell)),
                Route(f"{root}/keys", self._guarded(self._tell_keys)),
                Route(f"{root}/authorize", self._guarded(self._authorize)),
                Route(f"{root}/token", self._guarded(self._give_tokens), methods=["POST"]),
            ]
        )

    def _guarded(self, endpoint: Callable[[Request, dict[str, str]], Response]):  # type: ignore[no-untyped-def]  # Starlette's
        async def answer(request: Request) -> Response:
            self.asked.append(request.url.path.rpartition("/")[2])
            fields = dict(request.query_params)
            if request.method == "POST":
                fields = dict(parse_qsl((await request.body()).decode()))
            return self.answers(self.asked[-1]) or endpoint(request, fields)

        return answer

    def _tell(self, _: Request, __: dict[str, str]) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    def _tell_keys(self, _: Request, __: dict[str, str]) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.published]})

    def _authorize(self, request: Request, fields: dict[str, str]) -> Response:
        asked = Asked(request, fields)
        try:
            grant = self.get_consent_grant(asked)  # type: ignore[no-untyped-call]  # so its stubs have it
        except OAuth2Error as error:
            refused = self.handle_error_response(asked, error)
            assert isinstance(refused, Response)
            return refused
        user = None if self.denies else self.claims
        answer = self.create_authorization_response(asked, user, grant)
        assert isinstance(answer, Response)
        return answer

    def _give_tokens(self, request: Request, fields: dict[str, str]) -> Response:
        answer: object = self.create_token_response(Asked(request, fields))
        assert isinstance(answer, Response)
        return answer


class _OnlyWithPkce(CodeChallenge):
    """Of every client, and by S256 alone."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012  # as authlib has it

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
        payload = grant.request.payload
        assert payload is not None
        if payload.data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Missing 'code_challenge'")
        super().validate_code_challenge(grant, redirect_uri)


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    @property
    def provider(self) -> Provider:
        server = self.server
        assert isinstance(server, Provider)
        return server

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        assert request.payload is not None
        told = request.payload.data
        self.provider.codes[code] = Code(
            code=code,
            redirect_uri=told["redirect_uri"],
            scope=told["scope"],
            nonce=told.get("nonce"),
            code_challenge=told.get("code_challenge"),
            code_challenge_method=told.get("code_challenge_method"),
            claims={**self.provider.claims},
        )

    def query_authorization_code(
        self,
        code: str,
        client: ClientMixin,  # noqa: ARG002  # as authlib asks for it
    ) -> Code | None:
        return self.provider.codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del self.provider.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> Claims:
        return authorization_code.claims


class _IdTokens(OpenIDCode):
    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:  # noqa: ARG002  # as authlib asks for it
        return False

    def process_token(self, grant: object, response: object) -> dict[str, object]:
        """With the test's clock, and signed as the test wants it."""
        assert isinstance(grant, _CodeGrant)
        provider, code = grant.provider, grant.request.authorization_code
        assert isinstance(response, tuple)
        assert isinstance(code, Code)
        tokens: dict[str, object] = response[1]
        now = int(provider.clock.now().timestamp())
        claims = {
            "iss": provider.issuer,
            "aud": [CLIENT_ID],
            "iat": now,
            "exp": now + 300,
            "nonce": code.nonce,
            **code.claims,
            **provider.alters,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        tokens["id_token"] = provider.sign(claims, provider.key)
        return tokens


@asynccontextmanager
async def providing(clock: Clock) -> AsyncIterator[Provider]:
    """A provider that answers as long as the block."""
    provider = Provider(clock)
    listening = socket.create_server(("127.0.0.1", 0))
    provider.port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(provider.app(), lifespan="off", log_level="error"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started)
    yield provider
    server.should_exit = True
    await task
