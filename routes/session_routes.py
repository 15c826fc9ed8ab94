"""Who is signed in, signing in and out, for programs and scripts; pages for people are in web/."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from answers.sessions import SignedInOut, SignedOut
from models.access import Principal
from models.errors import (
    CsrfFailed,
    LinkEnded,
    OutcomeUnknown,
    RateLimited,
    SignInFailed,
    TlsNeeded,
    Unauthenticated,
    WeakPassword,
)
from models.session import Session
from routes.access import recognise
from routes.cookies import drop_session, held_session, may_sign_in, set_session
from routes.deps import NO_UNKNOWN_QUERY, TheAccess
from routes.fields import LINE_NOT_BLANK, Body, LineText, example, refused_as
from routes.problems import problems
from routes.replies import AnswerRoute
from services.access.access import Access
from services.access.sessions import csrf_token
from services.clock import Clock

router = APIRouter(
    prefix="/api/access",
    tags=["access"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)


Password = Annotated[
    str,
    Field(min_length=1, max_length=1000),
    refused_as("invalid_password", "A password is a text of 1 to 1000 characters."),
]


class SignInIn(Body):
    """Who signs in."""

    model_config = example(name="asha", password="monsoon teacup ladder")  # noqa: S106  # an example

    name: Annotated[
        str,
        Field(pattern=LINE_NOT_BLANK, min_length=1, max_length=200),
        LineText,
        refused_as("invalid_name", "A name has 1 to 200 characters and is not blank."),
    ]
    password: Password


class PasswordIn(Body):
    """A password that is chosen, with the link that allows it."""

    model_config = example(link="what stands behind /password/", password="monsoon teacup ladder")  # noqa: S106  # an example

    link: Annotated[
        str,
        Field(pattern=LINE_NOT_BLANK, min_length=1, max_length=200),
        LineText,
        refused_as("invalid_link", "link is what stands behind /password/ in the link."),
    ]
    password: Password


class SignOutQuery(BaseModel):
    """Which sessions end."""

    model_config = ConfigDict(extra="forbid")

    everywhere: bool = Field(False, description="All sessions of the one who asks")


@router.post(
    "/session",
    status_code=201,
    summary="Sign in",
    responses=problems(SignInFailed, Unauthenticated, TlsNeeded, RateLimited, OutcomeUnknown),
)
async def begin_session(
    body: SignInIn, access: TheAccess, request: Request, response: Response
) -> SignedInOut:
    """By a person's name and password; the session comes as a cookie, a new one each time.

    An unknown name is refused as a wrong password is. After too many tries one has to wait
    (`rate_limited`), but never for long where one signed in before.
    """
    if not may_sign_in(request):
        raise TlsNeeded
    signed_in = await access.sign_in.by_password(
        body.name,
        body.password,
        address=_address(request),
        request_id=request.state.request_id,
    )
    request.state.actor = signed_in.session.account_id
    set_session(response, signed_in)
    return await show_session(signed_in.secret, access, request)


@router.get("/session", summary="Tell who asks", responses=problems(Unauthenticated, RateLimited))
async def get_session(access: TheAccess, request: Request) -> SignedInOut:
    """Whoever it is, by session or key; nothing but to be known is needed."""
    principal = await recognise(request.scope)
    request.state.actor = principal.id
    held = held_session(request)
    if held is not None:
        return await show_session(held, access, request)
    return _show(principal, access, request)


@router.delete(
    "/session",
    summary="Sign out",
    responses=problems(Unauthenticated, RateLimited, CsrfFailed, OutcomeUnknown),
)
async def end_session(
    query: Annotated[SignOutQuery, Query()],
    access: TheAccess,
    request: Request,
    response: Response,
) -> SignedOut:
    """Ends the session that it comes with, in every process within five seconds; a key stays."""
    principal = await recognise(request.scope)
    request.state.actor = principal.id
    held = held_session(request)
    if held is not None:
        await access.sign_in.sign_out(
            held, everywhere=query.everywhere, request_id=request.state.request_id
        )
        drop_session(response)
    return SignedOut(everywhere=query.everywhere)


@router.post(
    "/password",
    status_code=201,
    summary="Choose a password",
    responses=problems(LinkEnded, WeakPassword, Unauthenticated, TlsNeeded, OutcomeUnknown),
)
async def choose_password(
    body: PasswordIn, access: TheAccess, request: Request, response: Response
) -> SignedInOut:
    """With a one-time link, which that uses up; ends all sessions of this person, and begins one.

    A password has 15 to 128 characters and is not easily guessed (`weak_password` says what is
    wrong); nothing else is asked of it.
    """
    if not may_sign_in(request):
        raise TlsNeeded
    signed_in = await access.sign_in.choose_password(
        body.link, body.password, address=_address(request), request_id=request.state.request_id
    )
    request.state.actor = signed_in.session.account_id
    set_session(response, signed_in)
    return await show_session(signed_in.secret, access, request)


def _address(request: Request) -> str | None:
    return request.client.host if request.client else None


async def show_session(held: str, access: Access, request: Request) -> SignedInOut:
    """What is told of a session that has just begun. Raises Unauthenticated if it ended already."""
    known = await access.sessions.find(held)
    if known is None:
        raise Unauthenticated
    return _show(known.principal, access, request, held, known.session)


def _show(
    principal: Principal,
    access: Access,
    request: Request,
    held: str | None = None,
    session: Session | None = None,
) -> SignedInOut:
    clock: Clock = request.state.clock
    return SignedInOut(
        id=principal.id,
        kind=principal.kind,
        name=access.name_of(principal),
        permissions=sorted(principal.permissions(clock.now())),
        expires_at=None if session is None else session.expires_at,
        csrf_token=None if held is None else csrf_token(held),
    )
