"""Looking for a patient."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from answers.patients import PatientOut, show_patient
from models.access import Permission
from models.errors import RateLimited
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, ThePatients
from routes.fields import PatientId, PhoneNumber
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller

router = APIRouter(
    prefix="/api/patients",
    tags=["tokens"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)


class SearchQuery(BaseModel):
    """By what to look: one of the two."""

    model_config = ConfigDict(extra="forbid")

    phone: PhoneNumber | None = Field(None, description="The whole number, however it is written")
    id: PatientId | None = Field(None, description="The patientId")

    @model_validator(mode="after")
    def _one(self) -> "SearchQuery":
        if (self.phone is None) == (self.id is None):
            raise PydanticCustomError("missing_field", "Give phone or id, and not both.")
        return self


@router.get(
    "",
    summary="Look for a patient",
    responses=problems(RateLimited, missing_field=422),
)
async def find_patients(
    query: Annotated[SearchQuery, Query()],
    patients: ThePatients,
    caller: Annotated[Caller, needs(Permission.READ_PATIENT)],
) -> list[PatientOut]:
    """By phone number or id, whoever was booked last first, 20 at the most; for desks.

    To book for one of them send the `patientId` along: then it stays one patient. A booking is found
    within a second. Each patient that is shown is recorded as read.
    """
    found = await patients.find(caller, phone_number=query.phone, patient_id=query.id)
    return [show_patient(each) for each in found]
