"""Who is given what: people and clients, their grants and keys."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from answers.access import (
    AccountOut,
    DelegationOut,
    GrantOut,
    NewKeyOut,
    show_account,
    show_delegation,
    show_grant,
    show_new_key,
)
from models.access import Kind, Permission
from models.errors import (
    DoctorsNeeded,
    InvalidExpiry,
    LastAdmin,
    NotYourLine,
    OutcomeUnknown,
    SignsInElsewhere,
    TooManyKeys,
    UnknownAccount,
    UnknownDoctor,
    UnknownFacility,
    UnknownGrant,
    UnknownKey,
    UnusableId,
)
from routes.access import needs
from routes.access_requests import (
    AccountIn,
    AccountPatch,
    BreakGlassIn,
    DelegationIn,
    GrantIn,
    KeyIn,
)
from routes.deps import NO_UNKNOWN_QUERY, TheAccounts, TheDelegations
from routes.fields import KnownId, Limit
from routes.pages import link_next
from routes.problems import problems
from routes.replies import AnswerRoute
from services.access_service import NewAccount, NewGrant
from services.caller import Caller

router = APIRouter(
    prefix="/api/access",
    tags=["access"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)

Manager = Annotated[Caller, needs(Permission.MANAGE_ACCESS)]
Runner = Annotated[Caller, needs(Permission.CONFIGURE_QUEUE)]
Reader = Annotated[Caller, needs(Permission.READ_QUEUE)]


class AccountQuery(BaseModel):
    """Which accounts to list."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 100
    after: str = Field("", description="The id of the last account of the page before")


@router.post(
    "/accounts",
    status_code=201,
    summary="Add a person or a client",
    responses=problems(UnusableId, UnknownFacility, UnknownDoctor, DoctorsNeeded, OutcomeUnknown),
)
async def add_account(body: AccountIn, accounts: TheAccounts, caller: Manager) -> AccountOut:
    """A person signs in; a client is a program and gets keys. The id stands in events for good."""
    grant = None
    if body.role is not None:
        grant = NewGrant(role=body.role, facility_id=body.facility_id, doctors=tuple(body.doctors))
    account = await accounts.add(
        caller,
        NewAccount(
            id=body.id,
            kind=Kind(body.kind),
            name=body.name,
            facility_id=body.facility_id,
            grant=grant,
        ),
    )
    return show_account(account, {})


@router.get("/accounts", summary="List people and clients", responses=problems())
async def list_accounts(
    query: Annotated[AccountQuery, Query()],
    accounts: TheAccounts,
    caller: Manager,
    request: Request,
    response: Response,
) -> list[AccountOut]:
    """In order of id; a `Link` header with rel="next" leads to the next page."""
    found, after = await accounts.list(caller, after=query.after, limit=query.limit)
    link_next(request, response, after)
    used = await accounts.last_used()
    return [show_account(account, used) for account in found]


@router.get(
    "/accounts/{account_id}",
    summary="Show a person or a client",
    responses=problems(UnknownAccount),
)
async def get_account(account_id: KnownId, accounts: TheAccounts, caller: Manager) -> AccountOut:
    """With its grants and keys, of these their ends alone."""
    account = await accounts.get(caller, account_id)
    return show_account(account, await accounts.last_used())


@router.patch(
    "/accounts/{account_id}",
    summary="Lock an account out, or let it in again",
    responses=problems(UnknownAccount, LastAdmin, OutcomeUnknown),
)
async def change_account(
    account_id: KnownId, body: AccountPatch, accounts: TheAccounts, caller: Manager
) -> AccountOut:
    """Its keys, sessions and whatever it delegated open nothing within 5 seconds."""
    account = await accounts.set_disabled(caller, account_id, disabled=body.disabled)
    return show_account(account, await accounts.last_used())


@router.post(
    "/accounts/{account_id}/keys",
    status_code=201,
    summary="Make a key of a client",
    responses=problems(UnknownAccount, TooManyKeys, OutcomeUnknown),
)
async def add_key(
    account_id: KnownId, body: KeyIn, accounts: TheAccounts, caller: Manager
) -> NewKeyOut:
    """Two may be valid at once: make the new one, use it everywhere, revoke the old one."""
    scope = None if body.scope is None else tuple(dict.fromkeys(body.scope))
    text, key = await accounts.add_key(
        caller, account_id, lasts=timedelta(days=body.days), scope=scope
    )
    return show_new_key(text, key)


@router.delete(
    "/accounts/{account_id}/keys/{key_id}",
    summary="Revoke a key",
    responses=problems(UnknownAccount, UnknownKey, OutcomeUnknown),
)
async def revoke_key(
    account_id: KnownId, key_id: KnownId, accounts: TheAccounts, caller: Manager
) -> AccountOut:
    """Within 5 seconds it opens nothing anywhere."""
    await accounts.revoke_key(caller, account_id, key_id)
    return show_account(await accounts.get(caller, account_id), await accounts.last_used())


@router.post(
    "/accounts/{account_id}/grants",
    status_code=201,
    summary="Give a role",
    responses=problems(
        UnknownAccount,
        SignsInElsewhere,
        UnknownFacility,
        UnknownDoctor,
        InvalidExpiry,
        DoctorsNeeded,
        OutcomeUnknown,
    ),
)
async def give_grant(
    account_id: KnownId, body: GrantIn, accounts: TheAccounts, caller: Manager
) -> GrantOut:
    """Nobody gives more than they have. Sent once more, it is the same grant."""
    asked = NewGrant(
        role=body.role,
        facility_id=body.facility_id,
        doctors=tuple(dict.fromkeys(body.doctors)),
        expires_at=body.expires_at,
    )
    return show_grant(await accounts.give(caller, account_id, asked))


@router.delete(
    "/accounts/{account_id}/grants/{grant_id}",
    summary="Take a grant back",
    responses=problems(UnknownAccount, UnknownGrant, LastAdmin, OutcomeUnknown),
)
async def revoke_grant(
    account_id: KnownId, grant_id: KnownId, accounts: TheAccounts, caller: Manager
) -> AccountOut:
    """It counts no more within 5 seconds, and what was delegated by it ends too."""
    await accounts.revoke(caller, account_id, grant_id)
    return show_account(await accounts.get(caller, account_id), await accounts.last_used())


@router.post(
    "/delegations",
    status_code=201,
    summary="Let somebody run one's line",
    responses=problems(UnknownDoctor, UnknownAccount, NotYourLine, InvalidExpiry, OutcomeUnknown),
)
async def delegate(
    body: DelegationIn, delegations: TheDelegations, caller: Runner
) -> DelegationOut:
    """For a time, 90 days at most. It can't be passed on, and ends with one's own."""
    return show_delegation(
        *await delegations.delegate(caller, body.doctor_id, body.to, body.expires_at)
    )


@router.get("/delegations", summary="List whom one lets run one's line", responses=problems())
async def list_delegations(delegations: TheDelegations, caller: Runner) -> list[DelegationOut]:
    """Those that have not ended."""
    return [show_delegation(to, grant) for to, grant in await delegations.delegated(caller)]


@router.delete(
    "/delegations/{account_id}/{grant_id}",
    summary="Take one's line back",
    responses=problems(UnknownGrant, OutcomeUnknown),
)
async def take_line_back(
    account_id: KnownId, grant_id: KnownId, delegations: TheDelegations, caller: Runner
) -> list[DelegationOut]:
    """What is still delegated."""
    await delegations.take_back(caller, account_id, grant_id)
    return [show_delegation(to, grant) for to, grant in await delegations.delegated(caller)]


@router.post(
    "/break-glass",
    status_code=201,
    summary="Take a role for an hour, with a reason",
    responses=problems(UnknownFacility, UnknownDoctor, DoctorsNeeded, OutcomeUnknown),
)
async def break_glass(body: BreakGlassIn, delegations: TheDelegations, caller: Reader) -> GrantOut:
    """For who must act at once and may not: receptionist, nurse, or doctor. The auditor reads why."""
    return show_grant(
        await delegations.break_glass(
            caller,
            facility_id=body.facility_id,
            role=body.role,
            doctors=tuple(dict.fromkeys(body.doctors)),
            reason=body.reason,
        )
    )
