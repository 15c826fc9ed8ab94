"""Who may do what: people and clients, what each was given, and the devices that were let in.

A secret stands in the answer to the form that made it, this once: in no address and no cookie.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from msgspec import Struct

from models.access import Kind, Permission, Role
from models.errors import Refusal, UnknownAccount
from routes.access import needs
from routes.deps import TheAccounts, TheDoctors, TheInvitations
from routes.fields import KnownId
from services.access.giving import managed_by
from services.access_service import NewAccount, NewGrant
from services.caller import Caller
from services.clock import Clock
from services.wording.catalogue import message
from web.access_forms import DeviceForm, LockForm, NewAccountForm, NewGrantForm, NewKeyForm
from web.forms import Faults, Form, sent
from web.languages import words_of
from web.pages import Told, page, redirect
from web.routing import PageRoute

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Manager = Annotated[Caller, needs(Permission.MANAGE_ACCESS)]
SentToManage = Annotated[Form, sent(Permission.MANAGE_ACCESS)]

_SHOWN_AT_ONCE = 100
ROLES: Mapping[Role, str] = {
    Role.RECEPTIONIST: message("Receptionist"),
    Role.NURSE: message("Nurse"),
    Role.DOCTOR: message("Doctor"),
    Role.MANAGER: message("Manager"),
    Role.AUDITOR: message("Auditor"),
    Role.ADMIN: message("Administrator"),
    Role.PORTAL: message("Booking portal"),
    Role.KIOSK: message("Check-in kiosk"),
    Role.DISPLAY: message("Display"),
}


class Secret(Struct, frozen=True):
    """What is shown this once, what it is called, and until when it is good."""

    name: str
    text: str
    until: datetime


class AccessPages:
    """The pages of access, as each of their routes shows them."""

    def __init__(
        self,
        request: Request,
        accounts: TheAccounts,
        invitations: TheInvitations,
        doctors: TheDoctors,
    ) -> None:
        self._request = request
        self._accounts = accounts
        self._invitations = invitations
        self._doctors = doctors

    async def all(
        self,
        caller: Caller,
        after: str = "",
        refused: Faults | Refusal | None = None,
        form: Form | None = None,
    ) -> Response:
        """Everybody, in order of id, and the devices."""
        found, more = await self._accounts.list(caller, after=after, limit=_SHOWN_AT_ONCE)
        told = {
            **await self._to_choose(caller),
            "accounts": found,
            "more_after": more,
            "clients": [each for each in found if each.kind is Kind.CLIENT],
            "devices": await self._invitations.devices(caller),
        }
        return page(self._request, "access.html", told, refused=refused, form=form)

    async def one(
        self,
        caller: Caller,
        account_id: str,
        refused: Faults | Refusal | None = None,
        form: Form | None = None,
        secret: Secret | None = None,
    ) -> Response:
        """A person or a client. Raises UnknownAccount."""
        account = await self._accounts.get(caller, account_id)
        clock: Clock = self._request.state.clock
        told = {
            **await self._to_choose(caller),
            "account": account,
            "used": await self._accounts.last_used(),
            "now": clock.now(),
            "secret": secret,
        }
        return page(self._request, "account.html", told, refused=refused, form=form)

    async def _to_choose(self, caller: Caller) -> Told:
        clock: Clock = self._request.state.clock
        doctors = await self._doctors.at_work(caller, Permission.READ_QUEUE, None)
        return {
            "roles": {role.value: name for role, name in ROLES.items()},
            "doctors": [(doctor.id, doctor.name) for doctor in doctors],
            "facilities": sorted(managed_by(caller.principal, clock.now())),
            "zone": self._request.state.opd.home.zone,
        }


ThePages = Annotated[AccessPages, Depends()]


@router.get("/access")
async def access_page(caller: Manager, pages: ThePages, after: str = "") -> Response:
    """People, clients and devices."""
    return await pages.all(caller, after)


@router.get("/access/accounts/{account_id}")
async def account_page(account_id: KnownId, caller: Manager, pages: ThePages) -> Response:
    """One of them."""
    return await pages.one(caller, account_id)


@router.post("/access/accounts")
async def make_account(
    request: Request, form: SentToManage, pages: ThePages, accounts: TheAccounts
) -> Response:
    """A person or a client; the page of theirs follows."""
    try:
        asked = form.read(NewAccountForm)
        grant = None
        if asked.role is not None:
            doctors = () if asked.doctor_id is None else (asked.doctor_id,)
            grant = NewGrant(role=asked.role, facility_id=asked.facility_id, doctors=doctors)
        made = NewAccount(
            id=asked.id,
            kind=Kind(asked.kind),
            name=asked.name,
            facility_id=asked.facility_id,
            grant=grant,
        )
        await accounts.add(form.caller, made)
    except (Faults, Refusal) as refused:
        return await pages.all(form.caller, refused=refused, form=form)
    told = words_of(request).say("{name} was added.", name=asked.name)
    return redirect(request, f"/access/accounts/{asked.id}", told=told)


@router.post("/access/accounts/{account_id}/lock")
async def lock_account(
    request: Request,
    account_id: KnownId,
    form: SentToManage,
    pages: ThePages,
    accounts: TheAccounts,
) -> Response:
    """Out, or in again."""
    words = words_of(request)
    try:
        disabled = form.read(LockForm).disabled
        account = await accounts.set_disabled(form.caller, account_id, disabled=disabled)
    except (Faults, Refusal) as refused:
        return await pages.one(form.caller, account_id, refused, form)
    name = account.name
    told = (
        words.say("{name} is locked out.", name=name)
        if disabled
        else words.say("{name} may come in again.", name=name)
    )
    return redirect(request, f"/access/accounts/{account_id}", told=told)


@router.post("/access/accounts/{account_id}/grants")
async def give_role(
    request: Request,
    account_id: KnownId,
    form: SentToManage,
    pages: ThePages,
    accounts: TheAccounts,
) -> Response:
    """A role more; given once more, it is the same."""
    words = words_of(request)
    try:
        asked = form.read(NewGrantForm)
        ends = None
        if asked.until is not None:
            midnight = asked.until + timedelta(days=1)
            ends = datetime.combine(midnight, time(), request.state.opd.home.zone)
        doctors = () if asked.doctor_id is None else (asked.doctor_id,)
        await accounts.give(
            form.caller,
            account_id,
            NewGrant(
                role=asked.role, facility_id=asked.facility_id, doctors=doctors, expires_at=ends
            ),
        )
    except (Faults, Refusal) as refused:
        return await pages.one(form.caller, account_id, refused, form)
    told = words.say("The role {role} was given.", role=words.say(ROLES[asked.role]))
    return redirect(request, f"/access/accounts/{account_id}", told=told)


@router.post("/access/accounts/{account_id}/grants/{grant_id}/revoke")
async def take_role(
    request: Request,
    account_id: KnownId,
    grant_id: KnownId,
    form: SentToManage,
    pages: ThePages,
    accounts: TheAccounts,
) -> Response:
    """It counts no more."""
    try:
        await accounts.revoke(form.caller, account_id, grant_id)
    except Refusal as refused:
        return await pages.one(form.caller, account_id, refused, form)
    told = words_of(request).say("The role was taken back.")
    return redirect(request, f"/access/accounts/{account_id}", told=told)


@router.post("/access/accounts/{account_id}/keys")
async def make_key(
    request: Request,
    account_id: KnownId,
    form: SentToManage,
    pages: ThePages,
    accounts: TheAccounts,
) -> Response:
    """Shown in this answer, and never again."""
    try:
        lasts = timedelta(days=form.read(NewKeyForm).days)
        text, key = await accounts.add_key(form.caller, account_id, lasts=lasts)
    except (Faults, Refusal) as refused:
        return await pages.one(form.caller, account_id, refused, form)
    secret = Secret(words_of(request).say("New key"), text, key.expires_at)
    return await pages.one(form.caller, account_id, secret=secret)


@router.post("/access/accounts/{account_id}/keys/{key_id}/revoke")
async def end_key(
    request: Request,
    account_id: KnownId,
    key_id: KnownId,
    form: SentToManage,
    pages: ThePages,
    accounts: TheAccounts,
) -> Response:
    """It opens nothing any more."""
    try:
        await accounts.revoke_key(form.caller, account_id, key_id)
    except Refusal as refused:
        return await pages.one(form.caller, account_id, refused, form)
    told = words_of(request).say("The key was revoked.")
    return redirect(request, f"/access/accounts/{account_id}", told=told)


@router.post("/access/accounts/{account_id}/link")
async def make_link(
    request: Request,
    account_id: KnownId,
    form: SentToManage,
    pages: ThePages,
    invitations: TheInvitations,
) -> Response:
    """Shown in this answer, and never again."""
    try:
        link = await invitations.give_link(form.caller, account_id)
    except Refusal as refused:
        return await pages.one(form.caller, account_id, refused, form)
    address = f"{str(request.base_url).rstrip('/')}/password/{link.secret}"
    secret = Secret(words_of(request).say("One-time link"), address, link.expires_at)
    return await pages.one(form.caller, account_id, secret=secret)


@router.post("/access/devices")
async def confirm_device(
    request: Request, form: SentToManage, pages: ThePages, invitations: TheInvitations
) -> Response:
    """The device that shows the code is let in."""
    try:
        asked = form.read(DeviceForm)
        client = await invitations.let_in(form.caller, asked.code, asked.account_id)
    except UnknownAccount:
        raise  # one that the page does not offer
    except (Faults, Refusal) as refused:
        return await pages.all(form.caller, refused=refused, form=form)
    told = words_of(request).say("The device is let in as {name}.", name=client.name)
    return redirect(request, "/access", told=told)


@router.post("/access/devices/{device_id}/revoke")
async def end_device(
    request: Request, device_id: KnownId, form: SentToManage, invitations: TheInvitations
) -> Response:
    """It opens nothing any more."""
    await invitations.revoke_device(form.caller, device_id)
    return redirect(request, "/access", told=words_of(request).say("The device was revoked."))
