"""What happened, told on the page that follows a form: in a cookie of a minute, signed by the session.

So it stands in no address, and nobody else can have a page say something.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from fastapi import Request, Response

from routes.cookies import held_session
from services.access.sessions import csrf_token

_COOKIE = "opd-told"
_SECONDS = 60
_MOST_BYTES = 2700
LIVE = "x-live"
"""The header of a page that renews itself: what happened is for who comes by themselves."""


def tell_next(request: Request, answer: Response, sentence: str) -> None:
    """Have the next page tell it. Without a session nothing is told."""
    held = held_session(request)
    if held is not None:
        told = sentence.encode()[:_MOST_BYTES]
        answer.set_cookie(
            _COOKIE,
            f"{_proof(held, told)}{urlsafe_b64encode(told).decode()}",
            max_age=_SECONDS,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )


def told_before(request: Request) -> str | None:
    """What the last form did, if this page is to tell it."""
    cookie, held = request.cookies.get(_COOKIE), held_session(request)
    if cookie is None or held is None or LIVE in request.headers:
        return None
    try:
        told = urlsafe_b64decode(cookie[64:])
    except ValueError:
        return None
    if not hmac.compare_digest(cookie[:64].encode(), _proof(held, told).encode()):
        return None
    return told.decode(errors="ignore")


def forget(answer: Response) -> None:
    """It has been told."""
    answer.delete_cookie(_COOKIE, httponly=True, samesite="lax")


def _proof(held: str, told: bytes) -> str:
    return hmac.new(csrf_token(held).encode(), told, sha256).hexdigest()
