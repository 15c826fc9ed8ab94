"""The plan of one doctor: a week of slots, more of them, and what is known of the doctor."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from models.access import Permission
from models.doctor import WEEK, Doctor
from models.errors import Refusal
from routes.deps import TheDoctors, TheSlots
from routes.fields import LocalDate
from routes.plan_fields import SlotMinutes
from routes.plan_requests import DoctorPatch, SlotIn
from services.caller import Caller
from services.doctor_service import DoctorService
from services.requests import DoctorChange, NewSlot
from services.slot_service import SlotService
from services.views import RowMade
from services.wording.catalogue import Catalogue
from web.forms import Faults, Form, sent
from web.languages import words_of
from web.pages import Told, page, redirect
from web.plan_pages import DoctorForm, MayPlan, days_ticked
from web.plan_weeks import DayAtAGlance, week_of, weeks_told
from web.routing import PageRoute
from web.weeks import monday_of, today

router = APIRouter(prefix="/plan/doctors", include_in_schema=False, route_class=PageRoute)


class RowIn(SlotIn):
    """A day's slots: from one hour to another, each so many minutes long."""

    slot_minutes: SlotMinutes


@dataclass(frozen=True)
class DoctorPlan:
    """The page of one doctor's plan, for a request."""

    request: Request
    doctor_id: str
    doctors: DoctorService
    slots: SlotService

    @property
    def words(self) -> Catalogue:
        """What whoever asks is told in."""
        return words_of(self.request)

    async def show(
        self,
        caller: Caller,
        *,
        week: date | None = None,
        refused: Faults | Refusal | None = None,
        form: Form | None = None,
        row: RowMade | None = None,
    ) -> Response:
        """A week of the doctor's slots; `row`: what was planned before something stood against it."""
        doctor = await self.doctors.get(caller, self.doctor_id)
        monday = monday_of(self.request, week)
        days = await week_of(self.slots, caller, self.doctor_id, monday)
        told: Told = {
            **weeks_told(self.request, caller, monday),
            "doctor": doctor,
            "days": days,
            "next_day": _next_day(doctor, days, today(self.request)),
            "row": row,
        }
        return page(self.request, "plan_doctor.html", told, refused=refused, form=form)

    def again(self, told: str, week: date | None = None) -> Response:
        """Go on to the page by GET."""
        query = "" if week is None else f"?week={week}"
        return redirect(self.request, f"/plan/doctors/{self.doctor_id}{query}", told)


async def _plan(
    request: Request, doctor_id: str, doctors: TheDoctors, slots: TheSlots
) -> DoctorPlan:
    return DoctorPlan(request, doctor_id, doctors, slots)


@router.get("/{doctor_id}")
async def doctor_plan(
    caller: MayPlan, plan: Annotated[DoctorPlan, Depends(_plan)], week: LocalDate | None = None
) -> Response:
    """A week of the doctor's slots."""
    return await plan.show(caller, week=week)


@router.post("/{doctor_id}/slots")
async def add_slots(
    plan: Annotated[DoctorPlan, Depends(_plan)],
    form: Annotated[Form, sent(Permission.PLAN_SLOT)],
) -> Response:
    """Slots of equal length, one after the other; see SlotService.add_row."""
    try:
        asked = form.read(RowIn, doctorId=plan.doctor_id)
        row = await plan.slots.add_row(
            form.caller,
            NewSlot(
                doctor_id=asked.doctor_id,
                day=asked.date,
                start_time=asked.start_time,
                end_time=asked.end_time,
                max_capacity=asked.max_capacity,
            ),
            timedelta(minutes=asked.slot_minutes),
        )
    except (Faults, Refusal) as refused:
        return await plan.show(form.caller, refused=refused, form=form)
    if row.stopped_by is not None:
        return await plan.show(
            form.caller, week=asked.date, refused=row.stopped_by, form=form, row=row
        )
    told = plan.words.count("{n} slot is planned.", "{n} slots are planned.", len(row.slots))
    return plan.again(told, asked.date)


@router.post("/{doctor_id}")
async def change_doctor(plan: Annotated[DoctorPlan, Depends(_plan)], form: DoctorForm) -> Response:
    """Another name, specialization, or other days."""
    try:
        asked = form.read(DoctorPatch)
        change = DoctorChange(
            name=asked.name, specialization=asked.specialization, opd_days=days_ticked(form)
        )
        await plan.doctors.change(form.caller, plan.doctor_id, change)
    except (Faults, Refusal) as refused:
        return await plan.show(form.caller, refused=refused, form=form)
    return plan.again(plan.words.say("Changed."))


@router.post("/{doctor_id}/tenure")
async def set_retired(plan: Annotated[DoctorPlan, Depends(_plan)], form: DoctorForm) -> Response:
    """No new patients any more, or again."""
    retired = form.fields.get("retired") == "yes"
    try:
        await plan.doctors.change(form.caller, plan.doctor_id, DoctorChange(retired=retired))
    except Refusal as refused:
        return await plan.show(form.caller, refused=refused, form=form)
    told = (
        plan.words.say("Takes no new patients from now on.")
        if retired
        else plan.words.say("Is back.")
    )
    return plan.again(told)


def _next_day(doctor: Doctor, days: list[DayAtAGlance], now: date) -> date:
    """The day that is likely to be planned next: one of the doctor's, empty, and not past."""
    for each in days:
        comes = not doctor.opd_days or WEEK[each.day.weekday()] in doctor.opd_days
        if comes and not each.slots and each.day >= now:
            return each.day
    return max(now, days[0].day)
