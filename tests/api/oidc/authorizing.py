"""What authlib asks its user for: who the client is, what is asked for, and what a code stands for."""

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from msgspec import Struct
from starlette.requests import Request

CLIENT_ID = "opd"
SECRET = "told/to:nobody +%"
Claims = dict[str, object]


class Code(Struct):
    """A code that was given out, as authlib asks for it."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    claims: Claims

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class Client(ClientMixin):
    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: object) -> str:
        return str(scope)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/sign-in/oidc")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("client_secret_basic", "token")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Asked(OAuth2Request):
    def __init__(self, request: Request, fields: dict[str, str]) -> None:
        https = (
            f"https{str(request.url).removeprefix('http')}"  # authlib asks for it, loopback or not
        )
        super().__init__(request.method, https, headers=request.headers)
        self.payload = BasicOAuth2Payload(fields)
        self._fields = fields

    @property
    def args(self) -> dict[str, str | None]:
        return {**self._fields}

    @property
    def form(self) -> dict[str, str]:
        return self._fields
