"""Slots."""

import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from msgspec import Raw
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from answers.slots import (
    DelayedSlotOut,
    SlotOut,
    StatsOut,
    show_delayed_slot,
    show_slot,
    show_stats,
    write_free_slots,
)
from models.access import Permission
from models.errors import (
    DoctorRetired,
    IdempotencyMismatch,
    InvalidTime,
    NotAnOpdDay,
    OutcomeUnknown,
    SeatsTaken,
    SheetFull,
    SlotOver,
    SlotOverlap,
    UnknownDoctor,
    UnknownSlot,
)
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheSlots, TheWords
from routes.fields import KnownId, Limit, LocalDate
from routes.pages import link_next, mark_replay
from routes.plan_fields import DelayMinutes
from routes.plan_requests import DayQuery, SlotIn, SlotPatch
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller
from services.requests import NewSlot

router = APIRouter(
    prefix="/api/slots",
    tags=["slots"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)


class SlotQuery(BaseModel):
    """Which slots to list: of one date, of a span of dates, or all."""

    model_config = ConfigDict(extra="forbid")

    date: LocalDate | None = Field(None, description="Only this date")
    from_: LocalDate | None = Field(None, alias="from", description="From this date on")
    to: LocalDate | None = Field(None, description="Up to this date, included")
    limit: Limit = 100
    after: str | None = Field(None, description="The id of the last slot of the page before")

    @model_validator(mode="after")
    def _one_way(self) -> "SlotQuery":
        if self.date is not None and (self.from_ is not None or self.to is not None):
            raise PydanticCustomError("invalid_span", "Give either date, or from and to.")
        if self.from_ is not None and self.to is not None and self.to < self.from_:
            raise PydanticCustomError("invalid_span", "to is earlier than from.")
        return self


class DelayQuery(BaseModel):
    """The delay of a slot in all."""

    model_config = ConfigDict(extra="forbid")

    delay_minutes: DelayMinutes = Field(description="The delay in all; 0 takes it back")


@router.post(
    "",
    status_code=201,
    summary="Add a slot",
    responses=problems(
        UnknownDoctor,
        DoctorRetired,
        SlotOverlap,
        SheetFull,
        SlotOver,
        InvalidTime,
        NotAnOpdDay,
        IdempotencyMismatch,
        OutcomeUnknown,
    ),
)
async def add_slot(
    body: SlotIn,
    slots: TheSlots,
    caller: Annotated[Caller, needs(Permission.PLAN_SLOT, creating=True)],
    response: Response,
) -> SlotOut:
    """Hours are the facility's. In an hour that a clock change repeats, `01:30r` is the second.

    An `endTime` earlier than `startTime` means the next day; a slot lasts 12 hours at most. One
    that has ended already is refused (`slot_over`).
    """
    made = await slots.add(
        caller,
        NewSlot(
            doctor_id=body.doctor_id,
            day=body.date,
            start_time=body.start_time,
            end_time=body.end_time,
            max_capacity=body.max_capacity,
        ),
    )
    mark_replay(response, replayed=made.replayed)
    return show_slot(made.slot)


@router.get("/{slot_id}", summary="Show a slot", responses=problems(UnknownSlot))
async def get_slot(
    slot_id: KnownId, slots: TheSlots, caller: Annotated[Caller, needs(Permission.READ_QUEUE)]
) -> SlotOut:
    """The slot of that id, as it is now."""
    return show_slot(await slots.get(caller, slot_id))


@router.get(
    "/doctor/{doctor_id}",
    summary="List a doctor's slots",
    responses=problems(UnknownDoctor, UnknownSlot, invalid_span=422),
)
async def list_slots(
    doctor_id: KnownId,
    query: Annotated[SlotQuery, Query()],
    slots: TheSlots,
    caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
    request: Request,
    response: Response,
) -> list[SlotOut]:
    """In order of time; a `Link` header with rel="next" leads to the next page."""
    views, after = await slots.of_doctor(
        caller,
        doctor_id,
        first=query.date or query.from_ or datetime.date.min,
        last=query.date or query.to or datetime.date.max,
        after=query.after,
        limit=query.limit,
    )
    link_next(request, response, after)
    return [show_slot(view) for view in views]


@router.get(
    "/doctor/{doctor_id}/available",
    summary="List a doctor's slots with free seats",
    responses=problems(UnknownDoctor),
)
async def list_available_slots(
    doctor_id: KnownId,
    query: Annotated[DayQuery, Query()],
    slots: TheSlots,
    caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
) -> Annotated[Raw, list[SlotOut]]:
    """The open slots of a date that have free seats and have not ended."""
    return write_free_slots(await slots.available(caller, doctor_id, query.date))


@router.patch(
    "/{slot_id}",
    summary="Change the seats of a slot, close or open it",
    responses=problems(UnknownSlot, SeatsTaken, OutcomeUnknown, nothing_to_change=422),
)
async def change_slot(
    slot_id: KnownId,
    body: SlotPatch,
    slots: TheSlots,
    caller: Annotated[
        Caller, needs(Permission.PLAN_SLOT, Permission.CLOSE_SLOT, Permission.DELAY_SLOT)
    ],
) -> SlotOut:
    """More seats promote from the waitlist; fewer than are taken are refused. Closing moves nobody."""
    return show_slot(
        await slots.change(
            caller,
            slot_id,
            max_capacity=body.max_capacity,
            status=body.status,
            note=body.reason,
        )
    )


@router.patch(
    "/{slot_id}/delay",
    summary="Say how late a slot runs",
    responses=problems(UnknownSlot, OutcomeUnknown),
)
async def delay_slot(
    slot_id: KnownId,
    query: Annotated[DelayQuery, Query()],
    slots: TheSlots,
    words: TheWords,
    caller: Annotated[Caller, needs(Permission.DELAY_SLOT)],
) -> DelayedSlotOut:
    """The delay in all, not one on top of the last; later slots move only where they must.

    Those of the next day do not: `notice` says so when the doctor is late past midnight.
    """
    view, late_until = await slots.delay(caller, slot_id, query.delay_minutes)
    return show_delayed_slot(view, late_until, words)


@router.get("/{slot_id}/stats", summary="Show a slot's figures", responses=problems(UnknownSlot))
async def get_stats(
    slot_id: KnownId, slots: TheSlots, caller: Annotated[Caller, needs(Permission.READ_NUMBERS)]
) -> StatsOut:
    """Counts by status and source, seats, waitlist, bumps, and mean times where known."""
    _, stats = await slots.stats(caller, slot_id)
    return show_stats(slot_id, stats)
