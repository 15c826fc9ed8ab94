"""The room in which a screen stands, as its browser remembers it: patients are called there."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from fastapi import Request, Response

_COOKIE = "opd-room"
_YEAR_SECONDS = 365 * 24 * 3600


def own_room(request: Request) -> str | None:
    """What was said here last; None if nothing was."""
    try:
        return urlsafe_b64decode(request.cookies.get(_COOKIE, "")).decode() or None
    except ValueError:
        return None


def remember_room(request: Request, answer: Response, room: str | None) -> None:
    """From now on this browser stands there; None: nowhere in particular."""
    answer.set_cookie(
        _COOKIE,
        urlsafe_b64encode((room or "").encode()).decode(),
        max_age=_YEAR_SECONDS if room else 0,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
