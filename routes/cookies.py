"""The session in its cookie: sent to this site alone, and never read by a script.

`__Host-` has browsers keep it only if it is Secure and of this very host. Lax: other sites' forms
and scripts have it not sent, a link from elsewhere does, so that it leads to where one is signed in.
"""

from datetime import timedelta

from fastapi import Request, Response

from addresses import LOOPBACK
from services.access.oidc import BEGUN_LASTS
from services.access.sessions import LASTS, SignedIn

SESSION_COOKIE = "__Host-opd"
_BEGUN_COOKIE = "__Host-opd-sign-in"
"""That a sign-in with the identity provider was begun here. Lax: the way back begins at its site."""
_LONGEST = timedelta(days=400)
"""Browsers keep none longer."""


def set_session(answer: Response, signed_in: SignedIn) -> None:
    """Have the browser hold it for as long as it lasts."""
    lasts = _LONGEST if signed_in.session.expires_at is None else LASTS
    answer.set_cookie(
        SESSION_COOKIE,
        signed_in.secret,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def drop_session(answer: Response) -> None:
    """Have the browser forget it."""
    answer.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def set_begun(answer: Response, held: str) -> None:
    """Have the browser hold the secret of a sign-in that it began with the identity provider."""
    answer.set_cookie(
        _BEGUN_COOKIE,
        held,
        max_age=int(BEGUN_LASTS.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def held_begun(request: Request) -> str | None:
    """The secret of the sign-in that this browser began."""
    return request.cookies.get(_BEGUN_COOKIE)


def drop_begun(answer: Response) -> None:
    """Have the browser forget it: it was used."""
    answer.delete_cookie(_BEGUN_COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def held_session(request: Request) -> str | None:
    """What the browser holds; not beside a key, which counts alone."""
    if is_key(request.headers.get("authorization")):
        return None
    return request.cookies.get(SESSION_COOKIE)


def is_key(authorization: str | None) -> bool:
    """Whether this header is one that no browser sends by itself."""
    return authorization is not None and authorization[:7].lower() == "bearer "


def may_sign_in(request: Request) -> bool:
    """Whether nobody can read along: over TLS, or within one machine, as browsers see it."""
    return request.url.scheme == "https" or request.url.hostname in LOOPBACK
