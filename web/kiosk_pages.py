"""The kiosk at the entrance: patients check in by number and phone, or have their slip's code read.

A reader types what it reads, so the link comes in a form's field and travels in a body alone. All
that the screen ever tells is a number and a place, and it forgets them after ten seconds.
"""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from models.access import Permission
from models.errors import GoToDesk, RateLimited, Refusal, UnknownDoctor
from routes.access import needs
from routes.deps import TheDoctors, TheKiosks
from routes.fields import Body, SomeId
from routes.line_fields import PhoneDigits, TokenLink, TokenNumber
from routes.line_requests import TicketIn
from services.caller import Caller
from services.doctor_service import DoctorService
from services.kiosk_service import KioskService
from services.views import TokenView
from services.wording.refusals import word_refusal
from web.device_pages import DeviceRoute
from web.forms import Faults, Form, sent
from web.languages import words_of
from web.pages import Told, page, raise_if_told_elsewhere

router = APIRouter(include_in_schema=False, route_class=DeviceRoute)

SECONDS = 10
"""For so long an answer is shown."""


_TOLD_BY_ITSELF: Told = {"refused": None}
"""What went wrong stands in the part of the page that clears itself, and not above it."""


class NumberedIn(Body):
    """What stands on paper, and the end of the phone number."""

    doctor_id: SomeId
    token_number: TokenNumber
    phone_digits: PhoneDigits


class ScannedIn(Body):
    """What a reader has typed."""

    link: TokenLink


@router.get("/kiosk")
async def kiosk(
    request: Request,
    caller: Annotated[Caller, needs(Permission.CHECK_IN)],
    doctors: TheDoctors,
    kiosks: TheKiosks,
) -> Response:
    """The doctors of today, two fields and a keypad, and a field that a reader types into."""
    return await _form(request, caller, doctors, kiosks)


@router.post("/kiosk")
async def check_in(
    request: Request,
    form: Annotated[Form, sent(Permission.CHECK_IN)],
    doctors: TheDoctors,
    kiosks: TheKiosks,
) -> Response:
    """Number and place, or the desk. Checking in twice tells the same again, so this is no 303."""
    try:
        view = await _checked_in(form, kiosks)
    except Faults as faults:
        return await _form(request, form.caller, doctors, kiosks, faults, form)
    except Refusal as refused:
        raise_if_told_elsewhere(request, refused)
        if isinstance(refused, RateLimited | UnknownDoctor):  # which is nobody's business here
            refused = GoToDesk()
        return _answer(request, None, refused)
    return _answer(request, view, None)


async def _checked_in(form: Form, kiosks: KioskService) -> TokenView:
    if form.fields.get("link"):
        link = form.read(ScannedIn).link
        return await kiosks.check_in_by_link(form.caller, link.rpartition("/")[2])
    asked = form.read(NumberedIn)
    ticket = TicketIn.model_validate(asked.model_dump()).ticket()
    return await kiosks.check_in(form.caller, asked.doctor_id, ticket)


def _answer(request: Request, view: TokenView | None, refused: Refusal | None) -> Response:
    sentence = None if refused is None else word_refusal(refused, words_of(request))
    told = {"seconds": SECONDS, "view": view, "refusal": sentence, **_TOLD_BY_ITSELF}
    return page(request, "kiosk_answer.html", told, refused=refused)


async def _form(
    request: Request,
    caller: Caller,
    doctors: DoctorService,
    kiosks: KioskService,
    faults: Faults | None = None,
    form: Form | None = None,
) -> Response:
    at_work = await doctors.at_work(caller, Permission.CHECK_IN, None)
    today = await kiosks.seen_today(caller, [doctor.id for doctor in at_work])
    shown = [doctor for doctor in at_work if doctor.id in today]
    return page(
        request, "kiosk.html", {"doctors": shown, **_TOLD_BY_ITSELF}, refused=faults, form=form
    )
