"""Who did what to access, and who read whose data: the last of it, for the auditor."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Request, Response

from models.access import Permission
from models.audit import Deed
from routes.access import needs
from routes.deps import TheAudit
from routes.fields import Body, LocalDate, SomeId
from services.audit_service import AuditQuestion
from services.caller import Caller
from services.wording.catalogue import message
from web.forms import Faults, Form
from web.pages import page
from web.routing import PageRoute

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_SHOWN = 100
_DEEDS: Mapping[str, str] = {
    Deed.ACCOUNT_MADE: message("added the account"),
    Deed.ACCOUNT_DISABLED: message("locked out"),
    Deed.ACCOUNT_ENABLED: message("let in again"),
    Deed.ACCOUNT_RENAMED: message("was renamed by the sign-in service"),
    Deed.KEY_MADE: message("made a key"),
    Deed.KEY_REVOKED: message("revoked a key"),
    Deed.GRANT_GIVEN: message("gave a role"),
    Deed.GRANT_REVOKED: message("took a role back"),
    Deed.GRANT_DELEGATED: message("let run a line"),
    Deed.GRANTS_REPLACED: message("was given roles by the sign-in service"),
    Deed.LINK_GIVEN: message("made a one-time link"),
    Deed.PASSWORD_CHOSEN: message("chose a password"),
    Deed.DEVICE_LET_IN: message("let a device in"),
    Deed.DEVICE_REVOKED: message("revoked a device"),
    Deed.SIGNED_IN: message("signed in"),
    Deed.SIGN_IN_FAILED: message("failed to sign in"),
    Deed.SIGNED_OUT: message("signed out"),
    Deed.SIGNED_OUT_EVERYWHERE: message("signed out everywhere"),
    Deed.GLASS_BROKEN: message("took a role in an emergency"),
    Deed.PATIENT_READ: message("read a patient's data"),
    Deed.SHEET_READ: message("read the names of a doctor's day"),
    Deed.AUDIT_READ: message("read this record"),
}
"""What was done; what happened to tokens stands by its own name."""


class AuditAsked(Body):
    """Whose doing, and on which day."""

    actor: SomeId | None = None
    day: LocalDate | None = None


@router.get("/access/audit")
async def audit_page(
    request: Request,
    caller: Annotated[Caller, needs(Permission.READ_AUDIT)],
    audit: TheAudit,
    actor: str = "",
    day: str = "",
) -> Response:
    """The newest first; that it was looked at is recorded too."""
    form = Form({"actor": actor, "day": day}, caller)
    told: dict[str, object] = {
        "entries_told": [],
        "deeds": _DEEDS,
        "most": _SHOWN,
        "zone": request.state.opd.home.zone,
    }
    try:
        asked = form.read(AuditAsked)
    except Faults as refused:
        return page(request, "audit.html", told, refused=refused, form=form)
    found = await audit.find(
        caller,
        AuditQuestion(
            patient_id=None,
            actor=asked.actor,
            first=asked.day,
            last=asked.day,
            after=None,
            limit=_SHOWN,
            latest=True,
        ),
    )
    told["entries_told"] = found.entries[::-1]
    return page(request, "audit.html", told, form=form)
