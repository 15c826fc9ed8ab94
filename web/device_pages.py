"""A screen that is not let in yet: it shows its code until somebody confirms that, and then goes on.

Nobody types at a wall, so a GET asks for the code; what it holds beside the code stays in a cookie.
"""

from fastapi import APIRouter, Request, Response

from answers.invitations import show_new_device
from models.errors import Refusal, TlsNeeded, UnknownDevice
from routes.cookies import may_sign_in, set_session
from routes.deps import TheAccess
from services.access.devices import CODE_LASTS
from services.access.sessions import SignedIn
from web.forms import return_path
from web.pages import page, redirect, refusal_page
from web.routing import PageRoute

router = APIRouter(include_in_schema=False)

_COOKIE = "__Host-opd-device"


class DeviceRoute(PageRoute):
    """A page for a screen: who is not let in is shown a code, and not the sign-in."""

    door = "/device"


@router.get("/device")
async def device(request: Request, access: TheAccess, next: str = "/") -> Response:  # noqa: A002  # as it stands in links
    """The code; once it was confirmed, the page that was asked for."""
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    path = return_path(next)
    secret, _, code = request.cookies.get(_COOKIE, "").partition(".")
    try:
        if secret:
            try:
                signed_in = await access.devices.begin_session(secret)
            except UnknownDevice:
                signed_in, code = None, ""
            if signed_in is not None:
                return _let_in(request, signed_in, path)
        if code:
            return page(request, "device.html", {"code": code, "next": path})
        address = request.client.host if request.client else None
        new = show_new_device(await access.devices.begin(address))
    except Refusal as refusal:
        return refusal_page(request, refusal)
    answer = page(request, "device.html", {"code": new.code, "next": path})
    answer.set_cookie(
        _COOKIE,
        f"{new.device_secret}.{new.code}",
        max_age=int(CODE_LASTS.total_seconds()),
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return answer


def _let_in(request: Request, signed_in: SignedIn, path: str) -> Response:
    request.state.actor = signed_in.session.account_id
    answer = redirect(request, path)
    set_session(answer, signed_in)
    answer.delete_cookie(_COOKIE, secure=True, httponly=True, samesite="lax")
    return answer
