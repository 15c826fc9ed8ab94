"""In which language a page speaks: as the browser was told, else as it asks, else as set."""

from babel import negotiate_locale
from fastapi import Request, Response

from services.wording.catalogue import Catalogue, catalogue_in, languages

_COOKIE = "opd-language"
_YEAR_SECONDS = 365 * 24 * 3600


def words_of(request: Request) -> Catalogue:
    """What whoever asks is told in."""
    chosen = request.cookies.get(_COOKIE)
    return catalogue_in(chosen if chosen in languages() else _asked(request))


def remember_language(request: Request, answer: Response, language: str) -> None:
    """From now on this browser is told all in this one, if it is one of them."""
    if language in languages():
        answer.set_cookie(
            _COOKIE,
            language,
            max_age=_YEAR_SECONDS,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )


def _asked(request: Request) -> str:
    """The best that `Accept-Language` (RFC 9110) names, or what the settings say."""
    weighed = []
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag))
        except ValueError:
            continue
    preferred = [tag for weight, tag in sorted(weighed, key=lambda each: each[0]) if weight]
    default: str = request.state.language
    return negotiate_locale(preferred, languages(), sep="-") or default
