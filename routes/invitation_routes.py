"""Ways in that somebody hands out: links for people, sessions for devices."""

from typing import Annotated

from fastapi import APIRouter

from answers.invitations import LinkOut, show_link
from models.access import Permission
from models.errors import OutcomeUnknown, SignsInElsewhere, UnknownAccount
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheInvitations
from routes.fields import KnownId
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller

router = APIRouter(
    prefix="/api/access",
    tags=["access"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)

Manager = Annotated[Caller, needs(Permission.MANAGE_ACCESS)]


@router.post(
    "/accounts/{account_id}/link",
    status_code=201,
    summary="Let a person choose a password",
    responses=problems(UnknownAccount, SignsInElsewhere, OutcomeUnknown),
)
async def give_link(account_id: KnownId, invitations: TheInvitations, caller: Manager) -> LinkOut:
    """A path of this service, told this once: whoever opens it chooses the password and is signed in.

    Hand it to nobody else. It works once, for three days; a newer one ends it, and a new password
    ends all sessions of this person.
    """
    return show_link(await invitations.give_link(caller, account_id))
