"""What a kiosk asks for."""

from typing import Annotated

from fastapi import APIRouter

from answers.lines import KioskOut, show_at_kiosk
from models.access import Permission
from models.errors import (
    AlreadyBooked,
    BadTransition,
    DayOver,
    GoToDesk,
    OutcomeUnknown,
    SlotFull,
    TooEarly,
    UnknownDoctor,
    WrongDay,
)
from routes.access import needs
from routes.deps import NO_UNKNOWN_QUERY, TheKiosks
from routes.line_requests import TicketIn
from routes.problems import problems
from routes.replies import AnswerRoute
from services.caller import Caller

router = APIRouter(
    prefix="/api/check-in", tags=["queue"], dependencies=[NO_UNKNOWN_QUERY], route_class=AnswerRoute
)


@router.post(
    "",
    summary="Check in at a kiosk",
    responses=problems(
        UnknownDoctor,
        GoToDesk,
        TooEarly,
        BadTransition,
        AlreadyBooked,
        SlotFull,
        WrongDay,
        DayOver,
        OutcomeUnknown,
        missing_field=422,
    ),
)
async def check_in_at_kiosk(
    body: TicketIn,
    kiosks: TheKiosks,
    caller: Annotated[Caller, needs(Permission.CHECK_IN)],
) -> KioskOut:
    """By number and the last digits of the phone number, or by the patient's link; from an hour before.

    Unknown numbers, wrong digits and patients without a phone number are sent to the desk alike.
    """
    return show_at_kiosk(await kiosks.check_in(caller, body.doctor_id, body.ticket()))
