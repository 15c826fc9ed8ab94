"""The plan: which doctors there are, and a week of their days at a glance."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response

from models.access import Permission
from models.doctor import WEEK, Weekday
from models.errors import Refusal
from routes.access import needs
from routes.deps import TheDoctors, TheSlots
from routes.fields import LocalDate
from routes.plan_requests import DoctorIn
from services.caller import Caller
from services.doctor_service import DoctorService
from services.requests import NewDoctor
from services.slot_service import SlotService
from web.forms import Faults, Form, sent
from web.languages import words_of
from web.pages import page, redirect
from web.plan_weeks import week_of, weeks_told
from web.routing import PageRoute
from web.weeks import monday_of

router = APIRouter(prefix="/plan", include_in_schema=False, route_class=PageRoute)

MayPlan = Annotated[Caller, needs(Permission.PLAN_SLOT)]
DoctorForm = Annotated[Form, sent(Permission.MANAGE_DOCTORS)]

_DOCTORS_AT_ONCE = 25


@router.get("")
async def plan(
    request: Request,
    caller: MayPlan,
    doctors: TheDoctors,
    slots: TheSlots,
    week: LocalDate | None = None,
    after: str = "",
) -> Response:
    """Doctors in order of id, each with the seats of a week's days."""
    return await _plan(request, caller, doctors, slots, week=week, after=after)


@router.post("/doctors")
async def add_doctor(
    request: Request, form: DoctorForm, doctors: TheDoctors, slots: TheSlots
) -> Response:
    """A new doctor, whose days are planned next."""
    try:
        asked = form.read(DoctorIn)
        doctor, _ = await doctors.add(
            form.caller,
            NewDoctor(
                name=asked.name,
                specialization=asked.specialization,
                opd_days=days_ticked(form),
                doctor_id=asked.id,
                facility_id=None,
            ),
        )
    except (Faults, Refusal) as refused:
        return await _plan(request, form.caller, doctors, slots, refused=refused, form=form)
    told = words_of(request).say("{doctor} is added. Now plan a day.", doctor=doctor.name)
    return redirect(request, f"/plan/doctors/{doctor.id}", told)


def days_ticked(form: Form) -> tuple[Weekday, ...]:
    """The days of the week whose boxes are ticked."""
    return tuple(each for each in WEEK if each in form.fields)


async def _plan(
    request: Request,
    caller: Caller,
    doctors: DoctorService,
    slots: SlotService,
    *,
    week: date | None = None,
    after: str = "",
    refused: Faults | Refusal | None = None,
    form: Form | None = None,
) -> Response:
    shown, more_after = await doctors.list(
        caller, specialization=None, after=after, limit=_DOCTORS_AT_ONCE
    )
    monday = monday_of(request, week)
    weeks = await asyncio.gather(*(week_of(slots, caller, each.id, monday) for each in shown))
    told = {
        **weeks_told(request, caller, monday),
        "plans": list(zip(shown, weeks, strict=True)),
        "after": after,
        "more_after": more_after,
    }
    return page(request, "plan.html", told, refused=refused, form=form)
