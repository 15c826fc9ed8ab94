"""Signing in with the hospital's identity provider: there, and back again.

To begin is a form, and what it begins is bound to the browser. The way back is a GET, as the provider
has it, and changes something in that browser alone, once.
"""

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from models.errors import Refusal, SignInNotBegun, TlsNeeded
from routes.cookies import drop_begun, held_begun, may_sign_in, set_begun
from routes.deps import TheAccess
from services.access.access import Access
from services.access.oidc import CameBack, OidcSignIn
from web.forms import read_form, return_path
from web.pages import page, refusal_page
from web.sign_in_pages import address_of, go_on, of_sign_in

router = APIRouter(include_in_schema=False)

_BACK = "/sign-in/oidc"


@router.post(_BACK)
async def begin(request: Request, access: TheAccess) -> Response:
    """To the provider.

    A page in between leads there: browsers let a form's answer lead to this site alone, as its
    policy says, and a provider may send them on to others yet.
    """
    oidc = _oidc(access)
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    next_path = return_path((await read_form(request)).get("next", "/"))
    try:
        begun = await oidc.begin(
            next_path, redirect_uri=_redirect_uri(request), address=address_of(request)
        )
    except Refusal as refusal:
        return page(request, "sign_in.html", of_sign_in(access, next_path), refused=refusal)
    answer = page(request, "go_on.html", {"provider": oidc.name, "address": begun.address})
    answer.headers["Refresh"] = f"0; url={begun.address}"
    set_begun(answer, begun.secret)
    return answer


@router.get(_BACK)
async def finish(
    request: Request, access: TheAccess, state: str = "", code: str | None = None
) -> Response:
    """A new session, whatever the browser held before."""
    oidc = _oidc(access)
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    try:
        arrived = await oidc.finish(
            held_begun(request),
            CameBack(state=state, code=code),
            redirect_uri=_redirect_uri(request),
            request_id=request.state.request_id,
        )
    except Refusal as refusal:
        answer = page(request, "sign_in.html", of_sign_in(access, "/"), refused=refusal)
        if not isinstance(refusal, SignInNotBegun):  # another sign-in may be on its way
            drop_begun(answer)
        return answer
    answer = go_on(request, arrived.signed_in, arrived.next_path)
    drop_begun(answer)
    return answer


def _oidc(access: Access) -> OidcSignIn:
    if access.oidc is None:
        raise HTTPException(404)
    return access.oidc


def _redirect_uri(request: Request) -> str:
    """As the browser knows this site; the provider leads to those alone that it was told."""
    return f"{str(request.base_url).rstrip('/')}{_BACK}"
