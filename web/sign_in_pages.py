"""Signing in and out, and choosing a password with a one-time link.

A form here is checked as every request: a page of another site may send none (routes/gate.py), and
one that uses a session carries its CSRF token. A GET changes nothing, since programs fetch links.
"""

from collections.abc import Mapping
from hmac import compare_digest

from fastapi import APIRouter, Request, Response

from models.account import Account
from models.errors import (
    CsrfFailed,
    PasswordProblem,
    RateLimited,
    Refusal,
    TlsNeeded,
    Unacceptable,
    Unauthenticated,
    WeakPassword,
)
from models.password import LEAST_LENGTH, MOST_LENGTH
from routes.access import recognise
from routes.cookies import drop_session, held_session, may_sign_in, set_session
from routes.deps import TheAccess
from services.access.access import Access
from services.access.sessions import SignedIn, csrf_token
from web.forms import read_form, return_path
from web.pages import Told, page, redirect, refusal_page

router = APIRouter(include_in_schema=False)


# By name and password


@router.get("/sign-in")
async def sign_in(request: Request, access: TheAccess, next: str = "/") -> Response:  # noqa: A002  # as it stands in links
    """The form; to who is signed in, who they are."""
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    held = held_session(request)
    told = of_sign_in(access, return_path(next))
    if held is None:
        return page(request, "sign_in.html", told)
    try:
        principal = await recognise(request.scope)
    except (Unauthenticated, RateLimited):  # a new session is what they came for
        return page(request, "sign_in.html", told)
    known = {"name": access.name_of(principal), "csrf": csrf_token(held)}
    return page(request, "signed_in.html", {**told, **known})


@router.post("/sign-in")
async def sign_in_now(request: Request, access: TheAccess) -> Response:
    """A new session, whatever the browser held before."""
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    form = await read_form(request)
    name, next_path = form.get("name", ""), return_path(form.get("next", "/"))
    try:
        signed_in = await access.sign_in.by_password(
            name,
            form.get("password", ""),
            address=address_of(request),
            request_id=request.state.request_id,
        )
    except Refusal as refusal:
        told = of_sign_in(access, next_path, name)
        return page(request, "sign_in.html", told, refused=refusal)
    return go_on(request, signed_in, next_path)


@router.post("/sign-out")
async def sign_out(request: Request, access: TheAccess) -> Response:
    """Ends this session, or all of whoever it is."""
    held, form = held_session(request), await read_form(request)
    answer = redirect(request, "/sign-in")
    if held is None:
        return answer
    if not compare_digest(form.get("csrf", "").encode(), csrf_token(held).encode()):
        return refusal_page(request, CsrfFailed())
    try:
        await access.sign_in.sign_out(
            held, everywhere="everywhere" in form, request_id=request.state.request_id
        )
    except Refusal as refusal:
        return refusal_page(request, refusal)
    drop_session(answer)
    return answer


# By a one-time link


@router.get("/password/{link}")
async def password(request: Request, link: str, access: TheAccess) -> Response:
    """The form, as long as the link is good."""
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    try:
        account = await access.sign_in.whose_link(link)
    except Refusal as refusal:
        return refusal_page(request, refusal)
    return page(request, "password.html", _of_password(account))


@router.post("/password/{link}")
async def choose_password(request: Request, link: str, access: TheAccess) -> Response:
    """Uses the link up, unless the password is refused."""
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    form = await read_form(request)
    try:
        account = await access.sign_in.whose_link(link)
        try:
            chosen = _typed_twice(form)
            signed_in = await access.sign_in.choose_password(
                link, chosen, address=address_of(request), request_id=request.state.request_id
            )
        except Unacceptable as refusal:
            return page(request, "password.html", _of_password(account), refused=refusal)
    except Refusal as refusal:
        return refusal_page(request, refusal)
    return go_on(request, signed_in, "/")


# By the link that a try-out prints


@router.get("/try-out/{link}")
async def try_out(request: Request, link: str, access: TheAccess) -> Response:
    """A button."""
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    try:
        await access.sign_in.check_try_out(link)
    except Refusal as refusal:
        return refusal_page(request, refusal)
    return page(request, "try_out.html", {})


@router.post("/try-out/{link}")
async def begin_try_out(
    request: Request,
    link: str,
    access: TheAccess,
    next: str = "/",  # noqa: A002  # as it stands in links
) -> Response:
    """A session that may do everything, until somebody is an admin."""
    if not may_sign_in(request):
        return refusal_page(request, TlsNeeded())
    try:
        signed_in = await access.sign_in.by_try_out(link, request.state.request_id)
    except Refusal as refusal:
        return refusal_page(request, refusal)
    return go_on(request, signed_in, return_path(next))


def _typed_twice(form: Mapping[str, str]) -> str:
    """The new password. Raises WeakPassword where the second is another: nobody sees them."""
    chosen = form.get("password", "")
    if chosen != form.get("again"):
        raise WeakPassword(PasswordProblem.NOT_THE_SAME)
    return chosen


def _of_password(account: Account) -> Told:
    return {"name": account.id, "least": LEAST_LENGTH, "most": MOST_LENGTH}


def of_sign_in(access: Access, next_path: str, name: str = "") -> Told:
    """What the form is told."""
    provider = None if access.oidc is None else access.oidc.name
    return {"next": next_path, "name": name, "provider": provider}


def go_on(request: Request, signed_in: SignedIn, path: str) -> Response:
    """Signed in, to a path of this site."""
    request.state.actor = signed_in.session.account_id
    answer = redirect(request, path)
    set_session(answer, signed_in)
    return answer


def address_of(request: Request) -> str | None:
    """Where it came from."""
    return request.client.host if request.client else None
