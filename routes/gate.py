"""What no route needs to see: refused before the framework looks at it.

Plain ASGI: each request passes here, so it costs microseconds.
"""

import re

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import Busy, NoAdmin, RateLimited
from routes.access import address_of
from routes.errors import MOST_BODY_BYTES, refusal_answer, too_large
from routes.methods import SAFE
from routes.probes import ALIVE, PROBES
from routes.problem_document import answer

_FORM = b"application/x-www-form-urlencoded"
"""What pages send; the API takes JSON alone, which another site's form can't send."""
_HOST = re.compile(rb"(\[[^\]]*\]|[^:]*)(?::[0-9]*)?")


class Gate:
    """Refuses what is not for this service, or more than it takes.

    `hosts` are the names that it answers to, in small letters; None: any. `origins` are the sites
    whose pages may have it change something, besides its own.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None, origins: frozenset[str]) -> None:
        self._app = app
        self._hosts = None if hosts is None else frozenset(name.encode() for name in hosts)
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] == ALIVE:
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        opd = scope["state"]["opd"]
        refusal: Response | None = None
        if opd.access.lacks_an_admin():
            refusal = refusal_answer(NoAdmin(), opd.words)
        elif scope["path"] in PROBES:
            pass
        elif opd.writer.full:
            refusal = refusal_answer(Busy(), opd.words)
        else:
            # By a WebSocket a page reads what no other site's may: it is held to who may change.
            safe = scope["type"] == "http" and scope["method"] in SAFE
            refusal = self._refusal(scope["path"], headers, safe=safe) or _too_often(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif b"transfer-encoding" in headers:
            await self._app(scope, _bounded(receive), send)
        else:  # there is no body, or the server takes no more of it than was announced
            await self._app(scope, receive, send)

    def _refusal(self, path: str, headers: dict[bytes, bytes], *, safe: bool) -> Response | None:
        host = headers.get(b"host", b"").lower()
        if self._hosts is not None and not self._answers_to(host):
            return unknown_host()
        length = headers.get(b"content-length", b"0")
        if not safe:
            origin = headers.get(b"origin")
            if origin is not None and not self._may_change(origin.lower(), host):
                return other_origin()
            has_body = length != b"0" or b"transfer-encoding" in headers
            kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
            if has_body and not (_is_json(kind) or (kind == _FORM and "/api/" not in path)):
                return no_json()
        return too_large() if _is_too_long(length) else None

    def _answers_to(self, host: bytes) -> bool:
        name = _HOST.fullmatch(host)
        return self._hosts is None or (name is not None and name[1] in self._hosts)

    def _may_change(self, origin: bytes, host: bytes) -> bool:
        """Whether pages of that site may: it is where the request went to, or one of ours.

        Without its scheme, since TLS may end before this process.
        """
        return origin.partition(b"://")[2] == host or origin in self._origins


def _too_often(scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
    """The refusal of an address from which too much is asked by nobody known."""
    if b"authorization" in headers or b"cookie" in headers:
        return None  # the route will find out whose they are
    opd = scope["state"]["opd"]
    scope["state"]["is_counted"] = True
    try:
        opd.load.of_address(address_of(scope))
    except RateLimited as refusal:
        return refusal_answer(refusal, opd.words)
    return None


def _bounded(receive: Receive) -> Receive:
    read = 0

    async def receive_some() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MOST_BODY_BYTES:
            raise HTTPException(413)
        return message

    return receive_some


def _is_json(kind: bytes) -> bool:
    return kind == b"application/json" or (
        kind.startswith(b"application/") and kind.endswith(b"+json")
    )


def _is_too_long(content_length: bytes) -> bool:
    digits = content_length.lstrip(b"0")
    return digits.isdigit() and (len(digits) > 9 or int(digits) > MOST_BODY_BYTES)


def unknown_host() -> Response:
    """The answer to who asks for another host."""
    detail = "The service does not answer to this host name. ALLOWED_HOSTS sets those it does."
    return answer("unknown_host", "Unknown host", 421, detail)


def other_origin() -> Response:
    """The answer to a page of another site that would change something."""
    detail = "Pages of this site may not change anything here. CORS_ORIGINS sets those that may."
    return answer("other_origin", "Other origin", 403, detail)


def no_json() -> Response:
    """The answer to a body that is no JSON."""
    detail = "A body must be JSON, sent with Content-Type: application/json."
    return answer("unsupported_media_type", "Unsupported media type", 415, detail)
