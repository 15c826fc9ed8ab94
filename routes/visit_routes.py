"""A token's way through the day, step by step: the verbs of `PATCH …/status`, and the recall."""

from typing import Annotated

from fastapi import APIRouter

from answers.encounters import EncounterOut, show_encounter
from answers.tokens import TokenOut, show_token
from models.access import Permission
from models.errors import (
    AlreadyBooked,
    BadTransition,
    DayOver,
    OutcomeUnknown,
    Refusal,
    SeatGone,
    SlotFull,
    UndoExpired,
    UnknownEncounter,
    UnknownToken,
    WrongDay,
)
from models.token import Status
from routes.access import TheSight, needs
from routes.deps import NO_UNKNOWN_QUERY, TheEncounters, TheTokens
from routes.fields import KnownId
from routes.line_requests import CallIn, MarkIn, ReturnIn, WhyIn
from routes.problems import Responses, problems
from routes.replies import AnswerRoute
from services.caller import Caller

MayCheckIn = Annotated[Caller, needs(Permission.CHECK_IN)]
MayMark = Annotated[
    Caller, needs(Permission.MARK, Permission.BOOK_EMERGENCY, Permission.BOOK_PRIORITY)
]
MayCall = Annotated[Caller, needs(Permission.CALL)]

router = APIRouter(
    prefix="/api/tokens",
    tags=["tokens"],
    dependencies=[NO_UNKNOWN_QUERY],
    route_class=AnswerRoute,
)


def _problems(*refusals: type[Refusal]) -> Responses:
    return problems(UnknownToken, BadTransition, *refusals, OutcomeUnknown)


@router.post(
    "/{token_id}/check-in",
    summary="Check a patient in",
    responses=_problems(WrongDay, DayOver, AlreadyBooked, SlotFull),
)
async def check_in(
    token_id: KnownId,
    tokens: TheTokens,
    caller: MayCheckIn,
    sight: TheSight,
    body: WhyIn | None = None,
) -> TokenOut:
    """From now on the patient stands in line: as of the due time, or as of now if late."""
    note = None if body is None else body.reason
    return show_token(
        await tokens.change_status(caller, token_id, Status.CHECKED_IN, note=note), sight
    )


@router.post(
    "/{token_id}/call", summary="Call a patient out of turn", responses=_problems(WrongDay)
)
async def call(
    token_id: KnownId,
    tokens: TheTokens,
    caller: MayCall,
    sight: TheSight,
    body: CallIn | None = None,
) -> TokenOut:
    """Whoever's turn it is: `POST /api/queue/{doctorId}/next` calls by the line."""
    room = None if body is None else body.room
    return show_token(await tokens.change_status(caller, token_id, Status.CALLED, room=room), sight)


@router.post("/{token_id}/recall", summary="Call a patient again", responses=_problems())
async def recall(
    token_id: KnownId,
    tokens: TheTokens,
    caller: MayCall,
    sight: TheSight,
) -> TokenOut:
    """Three times; once more, and the token is MISSED."""
    return show_token(await tokens.recall(caller, token_id), sight)


@router.post("/{token_id}/start", summary="Begin a consultation", responses=_problems(WrongDay))
async def start(
    token_id: KnownId,
    tokens: TheTokens,
    caller: MayCall,
    sight: TheSight,
    body: CallIn | None = None,
) -> TokenOut:
    """Of one who was called or is here."""
    room = None if body is None else body.room
    return show_token(
        await tokens.change_status(caller, token_id, Status.IN_CONSULTATION, room=room), sight
    )


@router.post("/{token_id}/complete", summary="End a consultation", responses=_problems())
async def complete(
    token_id: KnownId,
    tokens: TheTokens,
    caller: MayCall,
    sight: TheSight,
) -> TokenOut:
    """The patient has been seen."""
    return show_token(await tokens.change_status(caller, token_id, Status.COMPLETED), sight)


@router.post("/{token_id}/no-show", summary="Mark a patient absent", responses=_problems())
async def mark_absent(
    token_id: KnownId,
    tokens: TheTokens,
    caller: MayCall,
    sight: TheSight,
    body: WhyIn | None = None,
) -> TokenOut:
    """The seat falls free; who comes after all may be checked in again."""
    note = None if body is None else body.reason
    return show_token(
        await tokens.change_status(caller, token_id, Status.NO_SHOW, note=note), sight
    )


@router.post("/{token_id}/park", summary="Send a patient for tests", responses=_problems())
async def park(
    token_id: KnownId,
    tokens: TheTokens,
    caller: MayCall,
    sight: TheSight,
    body: WhyIn | None = None,
) -> TokenOut:
    """The token keeps its seat and stands in no line until the patient is back."""
    note = None if body is None else body.reason
    return show_token(await tokens.change_status(caller, token_id, Status.PARKED, note=note), sight)


@router.post(
    "/{token_id}/return", summary="Take a patient back into line", responses=_problems(WrongDay)
)
async def take_back(
    token_id: KnownId,
    tokens: TheTokens,
    caller: MayCall,
    sight: TheSight,
    body: ReturnIn | None = None,
) -> TokenOut:
    """From tests, or after being called in vain; without a body to the same place as before."""
    asked = body or ReturnIn()
    return show_token(
        await tokens.change_status(
            caller, token_id, Status.CHECKED_IN, note=asked.reason, to=asked.to
        ),
        sight,
    )


@router.post(
    "/{token_id}/undo",
    summary="Take back the last step",
    responses=problems(UnknownToken, UndoExpired, SeatGone, AlreadyBooked, OutcomeUnknown),
)
async def undo(
    token_id: KnownId,
    tokens: TheTokens,
    caller: Annotated[Caller, needs(Permission.CHECK_IN, Permission.CALL, Permission.CANCEL)],
    sight: TheSight,
) -> TokenOut:
    """A check-in, call, start, end, sending away, no-show or cancellation, within two minutes.

    By whoever may do that step, as long as nothing newer happened to the token.
    """
    return show_token(await tokens.undo(caller, token_id), sight)


@router.post(
    "/{token_id}/mark",
    summary="Mark a patient, so that they are called earlier",
    responses=problems(UnknownToken, BadTransition, SlotFull, OutcomeUnknown, missing_field=422),
)
async def mark(
    token_id: KnownId,
    body: MarkIn,
    tokens: TheTokens,
    caller: MayMark,
    sight: TheSight,
) -> TokenOut:
    """`VIP` is worth 15 minutes of earlier arrival, `URGENT` 30; null takes it back.

    `EMERGENCY` and `PRIORITY` make the token one of that source, with its number: who waits gets the
    seat that a newcomer of the source would, if need be that of another. They need the permission of
    such a booking. Taken back, the token is again what it was booked as.
    """
    return show_token(await tokens.mark(caller, token_id, body.mark, body.reason), sight)


@router.get(
    "/{token_id}/encounter",
    summary="Show the visit that a token was for",
    responses=problems(UnknownToken, UnknownEncounter),
)
async def get_encounter(
    token_id: KnownId,
    encounters: TheEncounters,
    caller: Annotated[Caller, needs(Permission.READ_PATIENT)],
) -> EncounterOut:
    """There is none before the check-in; one that was undone leaves it `entered-in-error`."""
    return show_encounter(await encounters.get(caller, token_id))
