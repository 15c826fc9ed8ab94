"""Tokens that there are."""

from typing import Annotated

from fastapi import APIRouter, Response
from msgspec import Raw

from answers.tokens import (
    CancellationOut,
    QueueOut,
    ReallocationOut,
    TokenOut,
    show_cancellation,
    show_reallocation,
    show_token,
    write_queue,
)
from models.access import Permission
from models.errors import (
    AlreadyBooked,
    BadTransition,
    DayOver,
    OtherSheet,
    OutcomeUnknown,
    SameSlot,
    SlotClosed,
    SlotFull,
    SlotOver,
    UnknownSlot,
    UnknownToken,
    WrongDay,
)
from models.token import EndCode
from routes.access import TheSight, needs
from routes.deps import NO_UNKNOWN_QUERY, TheTokens, TheWords
from routes.fields import KnownId
from routes.pages import MAY_BE_INCOMPLETE, mark_incomplete
from routes.problem_document import Fault
from routes.problems import problems
from routes.replies import AnswerRoute
from routes.requests import (
    REASON_IS_MISSING,
    CancelIn,
    PatientPatch,
    ReallocateIn,
    StatusIn,
)
from services.caller import Caller

router = APIRouter(
    prefix="/api/tokens",
    tags=["tokens"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)


@router.get("/{token_id}", summary="Show a token", responses=problems(UnknownToken))
async def get_token(
    token_id: KnownId,
    tokens: TheTokens,
    caller: Annotated[Caller, needs(Permission.READ_PATIENT)],
    sight: TheSight,
) -> TokenOut:
    """The token of that id, with its place in the queue now."""
    return show_token(await tokens.get(caller, token_id), sight)


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
    sight: TheSight,
) -> list[TokenOut]:
    """The latest day first; an empty list for an id that nobody has.

    A doctor's day of which the stored document is damaged is left out: the header `X-Incomplete`
    names it. Without that header the list has all.
    """
    found = await tokens.of_patient(caller, patient_id)
    mark_incomplete(response, found.left_out)
    return [show_token(view, sight) for view in found.tokens]


@router.get("/queue/{slot_id}", summary="Show a slot's queue", responses=problems(UnknownSlot))
async def get_queue(
    slot_id: KnownId,
    tokens: TheTokens,
    caller: Annotated[Caller, needs(Permission.READ_QUEUE)],
    sight: TheSight,
) -> Annotated[Raw, QueueOut]:
    """Who is next, in order, with estimated times; then the waitlist."""
    return write_queue(await tokens.queue(caller, slot_id), sight)


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
    sight: TheSight,
) -> TokenOut:
    """A status that a token can't take from where it is is refused, naming those it can.

    So is a check-in, a call or a start before the token's date (`wrong_day`), unless `anyDay` is
    true, with a `reason`; after it nothing is refused for the date.
    """
    return show_token(
        await tokens.change_status(
            caller, token_id, body.status, any_day=body.any_day, note=body.reason
        ),
        sight,
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
    sight: TheSight,
) -> TokenOut:
    """On this token, at any time; the `patientId` stays. History says what was corrected, no names."""
    return show_token(
        await tokens.correct_patient(
            caller,
            token_id,
            name=body.patient_name,
            phone_number=body.phone_number,
            language=body.language,
        ),
        sight,
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
    sight: TheSight,
    body: CancelIn | None = None,
) -> CancellationOut:
    """Its seat goes to the best of the waitlist: `promoted` tells who got one."""
    asked = body or CancelIn()
    code = None if asked.code is None else EndCode(asked.code)
    return show_cancellation(await tokens.cancel(caller, token_id, asked.reason, code), sight)


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
    sight: TheSight,
    body: ReallocateIn | None = None,
) -> ReallocationOut:
    """To the named slot first, then to the earliest later one with a free seat; nobody is bumped."""
    asked = body or ReallocateIn()
    view = await tokens.reallocate(
        caller, slot_id, target_slot_id=asked.target_slot_id, close=asked.close, note=asked.reason
    )
    return show_reallocation(view, words, sight)
