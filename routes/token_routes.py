"""Tokens."""

from fastapi import APIRouter, Response

from answers.tokens import (
    BookingOut,
    CancellationOut,
    QueueOut,
    ReallocationOut,
    TokenOut,
    show_booking,
    show_cancellation,
    show_queue,
    show_reallocation,
    show_token,
)
from models.commands import IfFull
from models.errors import (
    AlreadyBooked,
    BadTransition,
    DayOver,
    IdempotencyMismatch,
    KeyDeclined,
    NoSlot,
    OtherSheet,
    OutcomeUnknown,
    SameSlot,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
    UnknownDoctor,
    UnknownSlot,
    UnknownToken,
)
from models.patient import Newcomer
from models.token import Source
from routes.deps import NO_UNKNOWN_QUERY, CreatingCaller, TheCaller, TheOpd
from routes.pages import mark_replay
from routes.problems import problems
from routes.replies import AnswerRoute
from routes.requests import (
    AllocationIn,
    AnyBookingIn,
    BookingIn,
    CancelIn,
    DeskBookingIn,
    EmergencyIn,
    ReallocateIn,
    StatusIn,
)
from services.caller import Caller
from services.opd import Opd
from services.requests import NewAllocation, NewBooking

router = APIRouter(
    prefix="/api/tokens",
    tags=["tokens"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)

_BOOKING_PROBLEMS = problems(
    UnknownSlot,
    SlotFull,
    SlotClosed,
    AlreadyBooked,
    SheetFull,
    KeyDeclined,
    SlotOver,
    IdempotencyMismatch,
    OutcomeUnknown,
)


@router.post("/book", status_code=201, summary="Book a seat online", responses=_BOOKING_PROBLEMS)
async def book_online(
    body: BookingIn, opd: TheOpd, caller: CreatingCaller, response: Response
) -> BookingOut:
    """Into a full slot: the waitlist, or with `ifFull: "reject"` a refusal with alternatives."""
    return await _book(opd, caller, body, Source.ONLINE, response)


@router.post(
    "/walkin", status_code=201, summary="Give a walk-in a token", responses=_BOOKING_PROBLEMS
)
async def book_walkin(
    body: DeskBookingIn, opd: TheOpd, caller: CreatingCaller, response: Response
) -> BookingOut:
    """For a patient who came without a booking."""
    return await _book(opd, caller, body, Source.WALKIN, response)


@router.post(
    "/priority", status_code=201, summary="Book a paid priority seat", responses=_BOOKING_PROBLEMS
)
async def book_priority(
    body: DeskBookingIn, opd: TheOpd, caller: CreatingCaller, response: Response
) -> BookingOut:
    """In a full slot the lowest-scored booking may give way; `bumped` says which and where to."""
    return await _book(opd, caller, body, Source.PRIORITY, response)


@router.post("/followup", status_code=201, summary="Book a follow-up", responses=_BOOKING_PROBLEMS)
async def book_followup(
    body: DeskBookingIn, opd: TheOpd, caller: CreatingCaller, response: Response
) -> BookingOut:
    """For a patient whom the doctor asked to come again."""
    return await _book(opd, caller, body, Source.FOLLOWUP, response)


@router.post(
    "/emergency", status_code=201, summary="Seat an emergency", responses=_BOOKING_PROBLEMS
)
async def book_emergency(
    body: EmergencyIn, opd: TheOpd, caller: CreatingCaller, response: Response
) -> BookingOut:
    """Seated beyond capacity if need be; refused with alternatives, never waitlisted."""
    return await _book(opd, caller, body, Source.EMERGENCY, response)


@router.post(
    "/allocate",
    status_code=201,
    summary="Let the service pick doctor and slot",
    responses=problems(
        UnknownDoctor,
        NoSlot,
        SlotFull,
        AlreadyBooked,
        SheetFull,
        IdempotencyMismatch,
        OutcomeUnknown,
        missing_field=422,
    ),
)
async def allocate(
    body: AllocationIn, opd: TheOpd, caller: CreatingCaller, response: Response
) -> BookingOut:
    """The earliest free seat; for PRIORITY and EMERGENCY the least loaded doctor's earliest.

    All full: the slot that does best for the newcomer by the rules of a full slot.
    """
    view = await opd.allocations.allocate(
        caller,
        NewAllocation(
            source=body.source,
            patient=_newcomer(body),
            specialization=body.specialization,
            doctor_id=body.doctor_id,
            day=body.date,
            if_full=IfFull(body.if_full),
        ),
    )
    mark_replay(response, replayed=view.replayed)
    return show_booking(view)


@router.get("/{token_id}", summary="Show a token", responses=problems(UnknownToken))
async def get_token(token_id: str, opd: TheOpd) -> TokenOut:
    """The token of that id, with its place in the queue now."""
    return show_token(await opd.tokens.get(token_id))


@router.get(
    "/patient/{patient_id:path}",
    summary="List a patient's tokens",
    responses=problems(unknown_path=404),  # an id with a line break in it
)
async def list_patient_tokens(patient_id: str, opd: TheOpd) -> list[TokenOut]:
    """The latest day first; an empty list for an id that nobody has."""
    return [show_token(view) for view in await opd.tokens.of_patient(patient_id)]


@router.get("/queue/{slot_id}", summary="Show a slot's queue", responses=problems(UnknownSlot))
async def get_queue(slot_id: str, opd: TheOpd) -> QueueOut:
    """Who is next, in order, with estimated times; then the waitlist."""
    return show_queue(await opd.tokens.queue(slot_id))


@router.patch(
    "/{token_id}/status",
    summary="Check in, call, start, complete, mark absent",
    responses=problems(
        UnknownToken, BadTransition, AlreadyBooked, SlotFull, DayOver, OutcomeUnknown
    ),
)
async def change_status(token_id: str, body: StatusIn, opd: TheOpd, caller: TheCaller) -> TokenOut:
    """A status that a token can't take from where it is is refused, naming those it can."""
    return show_token(await opd.tokens.change_status(caller, token_id, body.status))


@router.delete(
    "/{token_id}/cancel",
    summary="Cancel a token",
    responses=problems(UnknownToken, BadTransition, OutcomeUnknown),
)
async def cancel(
    token_id: str, opd: TheOpd, caller: TheCaller, body: CancelIn | None = None
) -> CancellationOut:
    """Its seat goes to the best of the waitlist: `promoted` tells who got one."""
    reason = None if body is None else body.reason
    return show_cancellation(await opd.tokens.cancel(caller, token_id, reason))


@router.post(
    "/reallocate/{slot_id}",
    summary="Move the tokens of a slot that can't be held",
    responses=problems(UnknownSlot, SameSlot, OtherSheet, SlotClosed, SlotOver, OutcomeUnknown),
)
async def reallocate(
    slot_id: str, opd: TheOpd, caller: TheCaller, body: ReallocateIn | None = None
) -> ReallocationOut:
    """To the named slot first, then to the earliest later one with a free seat; nobody is bumped."""
    asked = body or ReallocateIn()
    view = await opd.tokens.reallocate(
        caller, slot_id, target_slot_id=asked.target_slot_id, close=asked.close
    )
    return show_reallocation(view)


async def _book(
    opd: Opd, caller: Caller, body: AnyBookingIn, source: Source, response: Response
) -> BookingOut:
    view = await opd.tokens.book(
        caller,
        NewBooking(
            slot_id=body.slot_id,
            source=source,
            patient=_newcomer(body),
            if_full=IfFull(body.if_full),
        ),
    )
    mark_replay(response, replayed=view.replayed)
    return show_booking(view)


def _newcomer(body: AnyBookingIn | AllocationIn) -> Newcomer:
    return Newcomer(id=body.patient_id, name=body.patient_name, phone_number=body.phone_number)
