"""Tokens."""

from collections.abc import Mapping
from typing import Annotated

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
from models.access import Permission
from models.commands import IfFull
from models.errors import (
    AlreadyBooked,
    BadTransition,
    DayOver,
    DoctorRetired,
    IdempotencyMismatch,
    KeyDeclined,
    NoSlot,
    OtherSheet,
    OtherSpecialization,
    OutcomeUnknown,
    SameSlot,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
    UnknownDoctor,
    UnknownSlot,
    UnknownToken,
    WrongDay,
)
from models.source import Asked, Source
from models.token import EndCode
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheAllocations, TheTokens, TheWords
from routes.fields import KnownId
from routes.pages import MAY_BE_INCOMPLETE, mark_incomplete, mark_replay
from routes.problem_document import Fault
from routes.problems import problems
from routes.replies import AnswerRoute
from routes.requests import (
    REASON_IS_MISSING,
    AllocationIn,
    AnyBookingIn,
    BookingIn,
    CancelIn,
    DeskBookingIn,
    EmergencyIn,
    PatientPatch,
    ReallocateIn,
    StatusIn,
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
    KeyDeclined,
    SlotOver,
    IdempotencyMismatch,
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
        tokens: TheTokens,
        caller: Annotated[Caller, needs(row.permission, creating=True)],
        response: Response,
    ) -> BookingOut:
        view = await tokens.book(
            caller,
            NewBooking(
                slot_id=body.slot_id,
                source=source,
                patient=body.newcomer(),
                if_full=IfFull(body.if_full),
            ),
        )
        mark_replay(response, replayed=view.replayed)
        return show_booking(view)

    book.__annotations__["body"] = _BODIES[row.asked]
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
    return show_booking(view)


@router.get("/{token_id}", summary="Show a token", responses=problems(UnknownToken))
async def get_token(
    token_id: KnownId, tokens: TheTokens, caller: Annotated[Caller, needs(Permission.READ_PATIENT)]
) -> TokenOut:
    """The token of that id, with its place in the queue now."""
    return show_token(await tokens.get(caller, token_id))


@router.get(
    "/patient/{patient_id:path}",
    summary="List a patient's tokens",
    responses=problems(unknown_path=404),  # an id with a line break in it
    openapi_extra=MAY_BE_INCOMPLETE,
)
async def list_patient_tokens(
    patient_id: KnownId,
    tokens: TheTokens,
    caller: Annotated[Caller, needs(Permission.READ_PATIENT)],
    response: Response,
) -> list[TokenOut]:
    """The latest day first; an empty list for an id that nobody has.

    A doctor's day of which the stored document is damaged is left out: the header `X-Incomplete`
    names it. Without that header the list has all.
    """
    found = await tokens.of_patient(caller, patient_id)
    mark_incomplete(response, found.left_out)
    return [show_token(view) for view in found.tokens]


@router.get("/queue/{slot_id}", summary="Show a slot's queue", responses=problems(UnknownSlot))
async def get_queue(
    slot_id: KnownId, tokens: TheTokens, caller: Annotated[Caller, needs(Permission.READ_QUEUE)]
) -> QueueOut:
    """Who is next, in order, with estimated times; then the waitlist."""
    return show_queue(await tokens.queue(caller, slot_id))


@router.patch(
    "/{token_id}/status",
    summary="Check in, call, start, complete, mark absent",
    responses=problems(
        UnknownToken,
        BadTransition,
        AlreadyBooked,
        SlotFull,
        WrongDay,
        DayOver,
        OutcomeUnknown,
        fault=Fault("", "missing_field", REASON_IS_MISSING),
    ),
)
async def change_status(
    token_id: KnownId,
    body: StatusIn,
    tokens: TheTokens,
    caller: Annotated[Caller, needs(Permission.CHECK_IN, Permission.CALL, Permission.CANCEL)],
) -> TokenOut:
    """A status that a token can't take from where it is is refused, naming those it can.

    So is a check-in, a call or a start before the token's date (`wrong_day`), unless `anyDay` is
    true, with a `reason`; after it nothing is refused for the date.
    """
    return show_token(
        await tokens.change_status(
            caller, token_id, body.status, any_day=body.any_day, note=body.reason
        )
    )


@router.patch(
    "/{token_id}/patient",
    summary="Correct a patient's name or phone number",
    responses=problems(UnknownToken, OutcomeUnknown, nothing_to_change=422, invalid_language=422),
)
async def correct_patient(
    token_id: str,
    body: PatientPatch,
    tokens: TheTokens,
    caller: Annotated[Caller, needs(Permission.CORRECT_PATIENT)],
) -> TokenOut:
    """On this token, at any time; the `patientId` stays. History says what was corrected, no names."""
    return show_token(
        await tokens.correct_patient(
            caller,
            token_id,
            name=body.patient_name,
            phone_number=body.phone_number,
            language=body.language,
        )
    )


@router.delete(
    "/{token_id}/cancel",
    summary="Cancel a token",
    responses=problems(UnknownToken, BadTransition, OutcomeUnknown),
)
async def cancel(
    token_id: KnownId,
    tokens: TheTokens,
    caller: Annotated[Caller, needs(Permission.CANCEL)],
    body: CancelIn | None = None,
) -> CancellationOut:
    """Its seat goes to the best of the waitlist: `promoted` tells who got one."""
    asked = body or CancelIn()
    code = None if asked.code is None else EndCode(asked.code)
    return show_cancellation(await tokens.cancel(caller, token_id, asked.reason, code))


@router.post(
    "/reallocate/{slot_id}",
    summary="Move the tokens of a slot that can't be held",
    responses=problems(UnknownSlot, SameSlot, OtherSheet, SlotClosed, SlotOver, OutcomeUnknown),
)
async def reallocate(
    slot_id: KnownId,
    tokens: TheTokens,
    words: TheWords,
    caller: Annotated[Caller, needs(Permission.MOVE)],
    body: ReallocateIn | None = None,
) -> ReallocationOut:
    """To the named slot first, then to the earliest later one with a free seat; nobody is bumped."""
    asked = body or ReallocateIn()
    view = await tokens.reallocate(
        caller, slot_id, target_slot_id=asked.target_slot_id, close=asked.close, note=asked.reason
    )
    return show_reallocation(view, words)
