"""Who may pass: each route declares the permissions that open it, in its signature.

`caller: Annotated[Caller, needs(Permission.CANCEL)]`: who has the permission nowhere is refused
before the body is read. With several, any of them opens the route. Whether it holds for this doctor
and this token the service decides, which every way in passes.
"""

from hmac import compare_digest
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Security
from fastapi.dependencies.models import Dependant
from starlette.requests import HTTPConnection, cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from answers.sight import Sight
from models.access import Permission, Principal
from models.errors import CsrfFailed, Forbidden, Refusal, Unauthenticated
from routes.cookies import SESSION_COOKIE, is_key
from routes.fields import refused_as
from routes.methods import SAFE
from routes.probes import PROBES
from services.access.doorkeeper import Credentials, Doorkeeper
from services.access.load import Load
from services.access.sessions import csrf_token
from services.caller import Caller
from services.clock import Clock

OnBehalfOf = Annotated[
    str | None,
    Header(
        alias="X-Actor",
        pattern=r"^[A-Za-z0-9._@-]{1,64}$",
        description="The person behind the client, as the client knows them: a desk, a login. "
        "Kept as a note; it proves nothing and opens nothing.",
        examples=["desk-2"],
    ),
    refused_as("invalid_actor", "X-Actor has 1 to 64 letters, digits, dots, dashes, _ or @."),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="A text that is new for each new request. Send the same one when you repeat "
        "a request: then the repeat changes nothing. It counts for its principal, whatever key or "
        "session that one comes with, within one doctor's day for slots and tokens, everywhere for "
        "doctors and `allocate`. Used there for anything else it is refused "
        "(`idempotency_mismatch`).",
    ),
    refused_as(
        "invalid_idempotency_key", "An Idempotency-Key has 1 to 255 visible ASCII characters."
    ),
]


def needs(*permissions: Permission, creating: bool = False) -> Any:  # noqa: ANN401  # as FastAPI's
    """The caller of a route that any of these opens; `creating`: with an Idempotency-Key."""
    return Security(_creating_caller if creating else _caller, scopes=[*permissions])


async def _caller(request: Request, on_behalf_of: OnBehalfOf = None) -> Caller:
    state = request.scope["state"]  # `request.state` looks each thing up a hundred times as long
    return Caller(
        principal=state["principal"],
        on_behalf_of=on_behalf_of,
        request_id=state["request_id"],
    )


async def _creating_caller(
    request: Request, on_behalf_of: OnBehalfOf = None, key: IdempotencyKey = None
) -> Caller:
    state = request.scope["state"]
    return Caller(
        principal=state["principal"],
        on_behalf_of=on_behalf_of,
        request_id=state["request_id"],
        idempotency_key=key,
    )


def holds(permission: Permission) -> Any:  # noqa: ANN401  # as FastAPI's
    """Whether whoever asks has it somewhere; False where nobody can tell who asks."""

    async def held(request: Request) -> bool:
        clock: Clock = request.state.clock
        try:
            principal = await recognise(request.scope)
        except Refusal:
            return False
        return principal.may_somewhere(permission, clock.now())

    return Depends(held)


def sight_of(request: HTTPConnection) -> Sight | None:
    """What who asks may see; None if they were not let in."""
    state = request.scope["state"]
    principal: Principal | None = state.get("principal")
    clock: Clock = state["clock"]
    return None if principal is None else Sight(principal, clock.now())


async def _sight(request: Request) -> Sight:
    state = request.scope["state"]
    return Sight(state["principal"], state["clock"].now())


TheSight = Annotated[Sight, Depends(_sight)]


def declared(dependant: Dependant) -> tuple[Permission, ...]:
    """The permissions that a route declares, any of which opens it."""
    own = dependant.own_oauth_scopes or ()
    return (
        *(Permission(scope) for scope in own),
        *(each for need in dependant.dependencies for each in declared(need)),
    )


def guarded(app: ASGIApp, permissions: tuple[Permission, ...]) -> ASGIApp:
    """A route's app for those alone who have one of its permissions somewhere."""

    async def pass_or_refuse(scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["state"]
        clock: Clock = state["clock"]
        load: Load = state["opd"].load
        try:
            principal = await recognise(scope)
        except Unauthenticated:
            if not state.get("is_counted"):  # by the gate, of who shows nothing
                load.of_address(address_of(scope))
            raise
        load.of_principal(principal)
        state["actor"] = principal.id
        now = clock.now()
        if not any(principal.may_somewhere(each, now) for each in permissions):
            raise Forbidden(permissions[0])
        state["principal"] = principal
        await app(scope, receive, send)

    return pass_or_refuse


async def recognise(scope: Scope) -> Principal:
    """Who asks. Raises Unauthenticated, and CsrfFailed where another site may have sent it."""
    doorkeeper: Doorkeeper = scope["state"]["doorkeeper"]
    given = _credentials(scope)
    if given.session is not None and scope["method"] not in SAFE:
        header = next((value for name, value in scope["headers"] if name == b"x-csrf-token"), b"")
        told = header or scope["state"].get("csrf", "").encode()  # as a page's form has it
        if not compare_digest(told, csrf_token(given.session).encode()):
            raise CsrfFailed
    return await doorkeeper.recognise(given)


def address_of(scope: Scope) -> str | None:
    """Where a request came from."""
    client = scope.get("client")
    return client[0] if client else None


def _credentials(scope: Scope) -> Credentials:
    authorization = session = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value.decode("latin-1")
        elif name == b"cookie":
            session = cookie_parser(value.decode("latin-1")).get(SESSION_COOKIE)
    if is_key(authorization):
        session = None
    return Credentials(
        authorization=authorization,
        session=session,
        address=address_of(scope),
        last_known=scope["path"] in PROBES,
    )
