"""Devices: boards and kiosks that are let in by a code."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from answers.invitations import (
    DeviceOut,
    DeviceStateOut,
    LetInOut,
    NewDeviceOut,
    show_device,
    show_new_device,
)
from models.access import Permission
from models.errors import (
    OutcomeUnknown,
    RateLimited,
    TlsNeeded,
    UnknownAccount,
    UnknownDevice,
)
from routes.access import needs
from routes.cookies import may_sign_in, set_session
from routes.deps import NO_UNKNOWN_QUERY, TheAccess, TheInvitations
from routes.fields import LINE_NOT_BLANK, Body, KnownId, LineText, SomeId, example, refused_as
from routes.problems import problems
from routes.replies import AnswerRoute
from routes.session_routes import show_session
from services.caller import Caller

router = APIRouter(
    prefix="/api/access/devices",
    tags=["access"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)

Manager = Annotated[Caller, needs(Permission.MANAGE_ACCESS)]


class DeviceIn(Body):
    """A device that waits to be let in."""

    model_config = example(deviceSecret="what POST /api/access/devices answered")  # an example

    device_secret: Annotated[
        str,
        Field(pattern=LINE_NOT_BLANK, min_length=1, max_length=200),
        LineText,
        refused_as("invalid_device_secret", "deviceSecret is what the service has told it."),
    ]


class LetInIn(Body):
    """The client that a device is to be."""

    model_config = example(accountId="board-1")

    account_id: SomeId = Field(examples=["board-1"])


@router.post(
    "",
    status_code=201,
    summary="Ask for a device to be let in",
    responses=problems(RateLimited, TlsNeeded, OutcomeUnknown),
)
async def begin_device(access: TheAccess, request: Request) -> NewDeviceOut:
    """For a board or a kiosk without a right: it shows the code, which is good for ten minutes."""
    if not may_sign_in(request):
        raise TlsNeeded
    address = request.client.host if request.client else None
    return show_new_device(await access.devices.begin(address))


@router.post(
    "/session",
    summary="Ask whether a device was let in",
    responses=problems(UnknownDevice, TlsNeeded, OutcomeUnknown),
)
async def begin_device_session(
    body: DeviceIn, access: TheAccess, request: Request, response: Response
) -> DeviceStateOut:
    """Once it was, the session comes as a cookie, this one time. It lasts until it is revoked."""
    if not may_sign_in(request):
        raise TlsNeeded
    signed_in = await access.devices.begin_session(body.device_secret)
    if signed_in is None:
        return DeviceStateOut(confirmed=False, session=None)
    request.state.actor = signed_in.session.account_id
    set_session(response, signed_in)
    return DeviceStateOut(
        confirmed=True, session=await show_session(signed_in.secret, access, request)
    )


@router.post(
    "/{code}/confirm",
    summary="Let the device in that shows a code",
    responses=problems(UnknownDevice, UnknownAccount, RateLimited, OutcomeUnknown),
)
async def let_device_in(
    code: KnownId, body: LetInIn, invitations: TheInvitations, caller: Manager
) -> LetInOut:
    """As a client, whose rights it has from then on. Be sure that the code is on your own wall."""
    client = await invitations.let_in(caller, code, body.account_id)
    return LetInOut(account_id=client.id)


@router.get("", summary="List devices", responses=problems())
async def list_devices(invitations: TheInvitations, caller: Manager) -> list[DeviceOut]:
    """Those that were let in and not revoked, of the clients that one manages."""
    return [show_device(session) for session in await invitations.devices(caller)]


@router.delete(
    "/{device_id}",
    summary="Revoke a device",
    responses=problems(UnknownDevice, OutcomeUnknown),
)
async def revoke_device(
    device_id: KnownId, invitations: TheInvitations, caller: Manager
) -> list[DeviceOut]:
    """Within 5 seconds it opens nothing anywhere. Answers those that are left."""
    await invitations.revoke_device(caller, device_id)
    return [show_device(session) for session in await invitations.devices(caller)]
