"""Bookings: a newcomer gets a token."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Response

from answers.tokens import BookingOut, show_booking
from models.commands import IfFull
from models.errors import (
    AlreadyBooked,
    DayOverruns,
    DoctorRetired,
    IdempotencyMismatch,
    KeyDeclined,
    NoSlot,
    NotAccepting,
    OtherSpecialization,
    OutcomeUnknown,
    QueueFull,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
    UnknownDoctor,
    UnknownSlot,
    WrongDay,
)
from models.source import Asked, Source
from routes.access import TheSight, needs
from routes.deps import NO_UNKNOWN_QUERY, TheAllocations, TheBookings, TheWords
from routes.pages import mark_replay
from routes.problems import problems
from routes.replies import AnswerRoute
from routes.requests import (
    AllocationIn,
    AnyBookingIn,
    BookingIn,
    DeskBookingIn,
    EmergencyIn,
    WalkInIn,
)
from services.caller import Caller
from services.requests import NewAllocation, NewBooking

router = APIRouter(
    prefix="/api/tokens",
    tags=["tokens"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)

_BOOKING_PROBLEMS = problems(
    UnknownSlot,
    DoctorRetired,
    SlotFull,
    SlotClosed,
    AlreadyBooked,
    SheetFull,
    NotAccepting,
    QueueFull,
    DayOverruns,
    KeyDeclined,
    SlotOver,
    IdempotencyMismatch,
    WrongDay,
    OutcomeUnknown,
    invalid_language=422,
)


_LEAST_LOADED = " and ".join(source for source in Source if source.row.least_loaded)
_BODIES: Mapping[Asked, type[AnyBookingIn]] = {
    Asked.NOTHING: EmergencyIn,
    Asked.PHONE_NUMBER: DeskBookingIn,
    Asked.ID_AND_PHONE_NUMBER: BookingIn,
}


def _add_booking(source: Source) -> None:
    """The operation that books for this source."""
    row = source.row

    async def book(
        body: AnyBookingIn,
        bookings: TheBookings,
        caller: Annotated[Caller, needs(row.permission, creating=True)],
        response: Response,
        sight: TheSight,
        words: TheWords,
    ) -> BookingOut:
        view = await bookings.book(
            caller,
            NewBooking(
                slot_id=body.slot_id,
                source=source,
                patient=body.newcomer(),
                if_full=IfFull(body.if_full),
                check_in=body.is_here,
                despite_overrun=body.is_content,
            ),
        )
        mark_replay(response, replayed=view.replayed)
        return show_booking(view, sight, words)

    book.__annotations__["body"] = WalkInIn if row.walk_in else _BODIES[row.asked]
    router.add_api_route(
        f"/{row.path}",
        book,
        methods=["POST"],
        name=f"book_{source.lower()}",
        status_code=201,
        summary=row.summary,
        description=row.description,
        responses=_BOOKING_PROBLEMS,
    )


for _source in Source:
    _add_booking(_source)


@router.post(
    "/allocate",
    status_code=201,
    summary="Let the service pick doctor and slot",
    responses=problems(
        UnknownDoctor,
        OtherSpecialization,
        DoctorRetired,
        NoSlot,
        SlotFull,
        AlreadyBooked,
        SheetFull,
        NotAccepting,
        QueueFull,
        IdempotencyMismatch,
        OutcomeUnknown,
        missing_field=422,
        invalid_language=422,
    ),
    description=f"""The earliest free seat; for {_LEAST_LOADED} the least loaded doctor's earliest.

All full: the slot that does best for the newcomer by the rules of a full slot.""",
)
async def allocate(
    body: AllocationIn,
    allocations: TheAllocations,
    caller: Annotated[Caller, needs(*(source.row.permission for source in Source), creating=True)],
    response: Response,
    sight: TheSight,
    words: TheWords,
) -> BookingOut:
    view = await allocations.allocate(
        caller,
        NewAllocation(
            source=body.source,
            patient=body.newcomer(),
            specialization=body.specialization,
            doctor_id=body.doctor_id,
            day=body.date,
            if_full=IfFull(body.if_full),
        ),
    )
    mark_replay(response, replayed=view.replayed)
    return show_booking(view, sight, words)
