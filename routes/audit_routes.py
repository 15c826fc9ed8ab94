"""Who did and read what, for the auditor."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from answers.audit import AuditOut, show_entry
from models.access import Permission
from models.errors import UnknownFacility
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheAudit
from routes.fields import Limit, LocalDate, PatientId, SomeId
from routes.line_fields import Moment
from routes.pages import link_next
from routes.problems import problems
from routes.replies import AnswerRoute
from services.audit_service import AuditQuestion
from services.caller import Caller

router = APIRouter(
    prefix="/api/audit", tags=["access"], dependencies=[NO_UNKNOWN_QUERY], route_class=AnswerRoute
)


class AuditQuery(BaseModel):
    """Whose doing, about whom, and when."""

    model_config = ConfigDict(extra="forbid")

    patient_id: PatientId | None = Field(
        None, alias="patientId", description="Only what was done for this patient, and who read it"
    )
    actor: SomeId | None = Field(None, description="Only what this principal did and read")
    from_: LocalDate | None = Field(None, alias="from", description="From this date on")
    to: LocalDate | None = Field(None, description="Up to this date, included")
    after: Moment | None = Field(None, description="The instant of the last entry seen")
    limit: Limit = 100


@router.get("", summary="Tell who did and who read what", responses=problems(UnknownFacility))
async def read_audit(
    query: Annotated[AuditQuery, Query()],
    audit: TheAudit,
    caller: Annotated[Caller, needs(Permission.READ_AUDIT)],
    *,
    request: Request,
    response: Response,
) -> list[AuditOut]:
    """In order of time: changes of access, reads of patients' data, and commands.

    Commands are told where a patient or an actor is named; all of them are in the list of events.
    A read is told once for each principal, patient or doctor's day, and minute; that of a
    doctor's day is one of each patient on it. Go on with the `Link`, where there is one, also from
    an empty list. A page ends with all of its last instant, so it may be longer than `limit`, up
    to twice as many where commands are told. This question is recorded too. Records are kept as
    long as AUDIT_DAYS says, commands for good.
    """
    page = await audit.find(
        caller,
        AuditQuestion(
            patient_id=query.patient_id,
            actor=query.actor,
            first=query.from_,
            last=query.to,
            after=query.after,
            limit=query.limit,
        ),
    )
    link_next(request, response, None if page.more_after is None else page.more_after.isoformat())
    return [show_entry(each) for each in page.entries]
