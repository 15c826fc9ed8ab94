"""The plan of one slot: its seats, its delay, whether it is open, and where its patients go."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from models.access import Permission
from models.errors import Refusal
from models.slot import SlotStatus
from routes.deps import TheDoctors, TheSlots, TheTokens
from routes.fields import Body
from routes.plan_fields import Capacity
from routes.plan_requests import SlotPatch
from routes.slot_routes import DelayQuery
from services.caller import Caller
from services.doctor_service import DoctorService
from services.slot_service import SlotService
from services.wording.catalogue import Catalogue
from services.wording.notices import word_late_night
from web.forms import Faults, Form, sent
from web.languages import words_of
from web.pages import page, redirect
from web.plan_pages import MayPlan
from web.routing import PageRoute

router = APIRouter(prefix="/plan/slots", include_in_schema=False, route_class=PageRoute)


class SeatsIn(Body):
    """How many seats a slot shall have."""

    max_capacity: Capacity


@dataclass(frozen=True)
class SlotPlan:
    """The page of one slot, for a request."""

    request: Request
    slot_id: str
    doctors: DoctorService
    slots: SlotService

    @property
    def words(self) -> Catalogue:
        """What whoever asks is told in."""
        return words_of(self.request)

    async def show(
        self,
        caller: Caller,
        refused: Faults | Refusal | None = None,
        form: Form | None = None,
    ) -> Response:
        """The slot, and what can be done with it."""
        view = await self.slots.get(caller, self.slot_id)
        doctor = await self.doctors.get(caller, view.sheet.resource_id)
        told = {"view": view, "doctor": doctor}
        return page(self.request, "plan_slot.html", told, refused=refused, form=form)

    def again(self, told: str) -> Response:
        """Go on to the page by GET."""
        return redirect(self.request, f"/plan/slots/{self.slot_id}", told)


async def _plan(request: Request, slot_id: str, doctors: TheDoctors, slots: TheSlots) -> SlotPlan:
    return SlotPlan(request, slot_id, doctors, slots)


@router.get("/{slot_id}")
async def slot(caller: MayPlan, plan: Annotated[SlotPlan, Depends(_plan)]) -> Response:
    """The slot, and what can be done with it."""
    return await plan.show(caller)


@router.post("/{slot_id}/seats")
async def change_seats(
    plan: Annotated[SlotPlan, Depends(_plan)],
    form: Annotated[Form, sent(Permission.PLAN_SLOT)],
) -> Response:
    """More seats, or fewer."""
    try:
        seats = form.read(SeatsIn).max_capacity
        await plan.slots.change(form.caller, plan.slot_id, max_capacity=seats)
    except (Faults, Refusal) as refused:
        return await plan.show(form.caller, refused, form)
    return plan.again(plan.words.say("Changed."))


@router.post("/{slot_id}/delay")
async def delay(
    plan: Annotated[SlotPlan, Depends(_plan)],
    form: Annotated[Form, sent(Permission.DELAY_SLOT)],
) -> Response:
    """How late it runs in all."""
    try:
        asked = form.read(DelayQuery)
        view, late_until = await plan.slots.delay(form.caller, plan.slot_id, asked.delay_minutes)
    except (Faults, Refusal) as refused:
        return await plan.show(form.caller, refused, form)
    told = plan.words.say("Everybody is told the new times.")
    if late_until is not None:
        told = f"{told} {word_late_night(late_until, view.sheet, plan.words)}"
    return plan.again(told)


@router.post("/{slot_id}/open")
async def open_again(
    plan: Annotated[SlotPlan, Depends(_plan)],
    form: Annotated[Form, sent(Permission.PLAN_SLOT)],
) -> Response:
    """It gives out seats again."""
    try:
        await plan.slots.change(form.caller, plan.slot_id, status=SlotStatus.OPEN)
    except Refusal as refused:
        return await plan.show(form.caller, refused, form)
    return plan.again(plan.words.say("The slot is open."))


@router.post("/{slot_id}/close")
async def close(
    plan: Annotated[SlotPlan, Depends(_plan)],
    form: Annotated[Form, sent(Permission.CLOSE_SLOT)],
    tokens: TheTokens,
) -> Response:
    """It gives out no seats; its patients stay, or with the box ticked are moved to other slots."""
    told = [plan.words.say("The slot is closed.")]
    try:
        asked = form.read(SlotPatch, status=SlotStatus.CLOSED)
        if "move" not in form.fields:
            await plan.slots.change(
                form.caller, plan.slot_id, status=asked.status, note=asked.reason
            )
            return plan.again(*told)
        done = await tokens.reallocate(
            form.caller, plan.slot_id, target_slot_id=None, close=True, note=asked.reason
        )
    except (Faults, Refusal) as refused:
        return await plan.show(form.caller, refused, form)
    told.append(plan.words.count("{n} patient moved.", "{n} patients moved.", len(done.moved)))
    if done.stayed:
        stayed = len(done.stayed)
        told.append(plan.words.count("{n} could not be moved.", "{n} could not be moved.", stayed))
    return plan.again(" ".join(told))
