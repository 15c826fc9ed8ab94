"""Doctors."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from answers.doctors import DoctorOut, show_doctor
from models.access import Permission
from models.errors import (
    IdempotencyMismatch,
    OutcomeUnknown,
    UnknownDoctor,
    UnknownFacility,
    UnusableId,
)
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheDoctors
from routes.fields import KnownId, Limit, Specialization
from routes.pages import link_next, mark_replay
from routes.plan_requests import DoctorIn, DoctorPatch
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller
from services.requests import DoctorChange, NewDoctor

router = APIRouter(
    prefix="/api/doctors",
    tags=["doctors"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)


class DoctorQuery(BaseModel):
    """Which doctors to list."""

    model_config = ConfigDict(extra="forbid")

    specialization: Specialization | None = Field(None, description="Compared ignoring case")
    limit: Limit = 100
    after: str = Field("", description="The id of the last doctor of the page before")


@router.post(
    "",
    status_code=201,
    summary="Add a doctor",
    responses=problems(UnknownFacility, UnusableId, IdempotencyMismatch, OutcomeUnknown),
)
async def add_doctor(
    body: DoctorIn,
    doctors: TheDoctors,
    caller: Annotated[Caller, needs(Permission.MANAGE_DOCTORS, creating=True)],
    response: Response,
) -> DoctorOut:
    """Without `opdDays` the doctor sees patients on any day; without `id` a short one is made.

    A doctor's facility stays for good; without `facilityId` it is the one of the settings.
    """
    doctor, replayed = await doctors.add(
        caller,
        NewDoctor(
            name=body.name,
            specialization=body.specialization,
            opd_days=tuple(body.opd_days),
            doctor_id=body.id,
            facility_id=body.facility_id,
        ),
    )
    mark_replay(response, replayed=replayed)
    return show_doctor(doctor)


@router.get("", summary="List doctors", responses=problems())
async def list_doctors(
    query: Annotated[DoctorQuery, Query()],
    doctors: TheDoctors,
    caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
    request: Request,
    response: Response,
) -> list[DoctorOut]:
    """In order of id; a `Link` header with rel="next" leads to the next page."""
    found, after = await doctors.list(
        caller, specialization=query.specialization, after=query.after, limit=query.limit
    )
    link_next(request, response, after)
    return [show_doctor(doctor) for doctor in found]


@router.patch(
    "/{doctor_id}",
    summary="Change a doctor, retire one, or take one back",
    responses=problems(UnknownDoctor, OutcomeUnknown, nothing_to_change=422),
)
async def change_doctor(
    doctor_id: str,
    body: DoctorPatch,
    doctors: TheDoctors,
    caller: Annotated[Caller, needs(Permission.MANAGE_DOCTORS)],
) -> DoctorOut:
    """`opdDays` count for slots that are added from now on.

    `retired: true` takes no new slots and no new bookings on any day from now on; tokens that were
    given out stay, to be served, reallocated or cancelled. `retired: false` takes it back. After a
    503 repeat it.
    """
    return show_doctor(
        await doctors.change(
            caller,
            doctor_id,
            DoctorChange(
                name=body.name,
                specialization=body.specialization,
                opd_days=None if body.opd_days is None else tuple(body.opd_days),
                retired=body.retired,
            ),
        )
    )


@router.get("/{doctor_id}", summary="Show a doctor", responses=problems(UnknownDoctor))
async def get_doctor(
    doctor_id: KnownId,
    doctors: TheDoctors,
    caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
) -> DoctorOut:
    """The doctor of that id."""
    return show_doctor(await doctors.get(caller, doctor_id))
