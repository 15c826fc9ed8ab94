"""The desk: how the doctors' days go, booking and walking in, checking in, cancelling, moving.

What a form changes stands in its route; what the pages show stands in web/desk.py.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from models.access import Permission
from models.commands import IfFull
from models.errors import BadTransition, Refusal
from models.source import Asked, Source
from models.token import Status
from routes.deps import TheBookings, ThePatients, TheQueues, TheTokens
from routes.fields import Body, KnownId, LocalDate, PatientId, PhoneNumber, SomeId, any_spelling
from routes.requests import AtTheDeskIn, DeskBookingIn, EmergencyIn, ReallocateIn, WalkInIn
from services.caller import Caller
from services.requests import NewBooking
from services.store.register import RegisteredPatient
from services.token_service import TokenService
from services.views import TokenView
from services.wording.catalogue import Catalogue, message
from web.desk import AT_THE_DESK, MayDesk, Place, PlaceIn, Shown, TheDesk
from web.desk_words import word_booking, word_cancelling, word_reallocation, word_step
from web.forms import Faults, Form, sent
from web.languages import words_of
from web.pages import redirect
from web.routing import PageRoute

router = APIRouter(include_in_schema=False, route_class=PageRoute)


class DeskQuery(BaseModel):
    """Which day, and which token something was done to."""

    model_config = ConfigDict(extra="ignore")

    date: LocalDate | None = None
    token: SomeId | None = None
    all: bool = False


# Looking


@router.get("/desk")
async def desk(desk: TheDesk, query: Annotated[DeskQuery, Query()], caller: MayDesk) -> Response:
    """All doctors' days at a glance, and the form."""
    return await desk.show(caller, Place(), Shown(token_id=query.token))


@router.get("/desk/{doctor_id}")
async def desk_of_doctor(
    doctor_id: KnownId, desk: TheDesk, query: Annotated[DeskQuery, Query()], caller: MayDesk
) -> Response:
    """One doctor's day: who waits, who is to come, who waits for a seat."""
    place = Place(doctor_id, query.date)
    return await desk.show(caller, place, Shown(token_id=query.token, whole=query.all))


class FindIn(Body):
    """Whom to look for: a phone number, or an id; `patientId` is the one who was chosen."""

    who: str = ""
    patient_id: PatientId | None = None


class _Phone(Body):
    who: PhoneNumber


class _Id(Body):
    who: PatientId


@router.post("/desk/find")
async def find(
    form: Annotated[Form, sent(Permission.BOOK_WALKIN)], desk: TheDesk, patients: ThePatients
) -> Response:
    """The form filled in for one who came before; of several the desk chooses. Changes nothing."""
    place = form.read(PlaceIn).place
    try:
        asked = form.read(FindIn)
        if asked.patient_id is not None:
            found = await patients.find(form.caller, patient_id=asked.patient_id)
        else:
            found = await _by_phone_or_id(form, patients)
    except (Faults, Refusal) as refused:
        return await desk.show(form.caller, place, Shown(form=form, refused=refused))
    fields = {"who": asked.who}
    if len(found) == 1:
        fields |= _filled(found[0])
    return await desk.show(form.caller, place, Shown(fields=fields, found=found))


async def _by_phone_or_id(form: Form, patients: ThePatients) -> list[RegisteredPatient]:
    asked = form.read(_Id).who
    found = list(await patients.find(form.caller, patient_id=asked))
    if not found:
        try:
            number = form.read(_Phone).who
        except Faults:
            return []
        found = list(await patients.find(form.caller, phone_number=number))
    return found


def _filled(found: RegisteredPatient) -> dict[str, str]:
    return {
        "patientId": found.patient_id,
        "patientName": found.name,
        "phoneNumber": found.phone_number or "",
        "language": found.language or "",
    }


# Booking


class SourceIn(Body):
    """Where the token comes from."""

    source: Annotated[Source, *any_spelling(Source, "invalid_source")] = Source.WALKIN


@router.post("/desk/book")
async def book(
    request: Request,
    form: Annotated[Form, sent(*(source.row.permission for source in AT_THE_DESK))],
    desk: TheDesk,
    bookings: TheBookings,
) -> Response:
    """A token, and what the rules did for it, in words. The same form sent twice books once."""
    place, words = form.read(PlaceIn).place, words_of(request)
    try:
        source = form.read(SourceIn).source
        asked = form.read(_body_of(source))
        view = await bookings.book(
            form.caller,
            NewBooking(
                slot_id=asked.slot_id,
                source=source,
                patient=asked.newcomer(),
                if_full=IfFull(asked.if_full),
                check_in=asked.is_here,
                despite_overrun=asked.is_content,
            ),
        )
    except (Faults, Refusal) as refused:
        return await desk.show(form.caller, place, Shown(form=form, refused=refused))
    return _back(request, place, view.token.token.id, word_booking(view, words))


def _body_of(source: Source) -> type[AtTheDeskIn]:
    """What the desk must know; who calls to book a seat needs no id of the portal's."""
    if source.row.walk_in:
        return WalkInIn
    return EmergencyIn if source.row.asked is Asked.NOTHING else DeskBookingIn


# A token's way


class WhichIn(Body):
    """A token, by its id or by its number in the doctor's day."""

    token: SomeId | None = None
    number: str = ""


async def _token_of(form: Form, place: Place, queues: TheQueues) -> str:
    """Raises Faults, UnknownToken."""
    asked = form.read(WhichIn)
    if asked.token is not None:
        return asked.token
    digits = asked.number.upper().removeprefix("T")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 6) or place.doctor is None:
        raise Faults({"number": message("Type the number of a token of this day, as 12 or T012.")})
    return await queues.token_of(form.caller, place.doctor, place.on, int(digits))


@router.post("/desk/check-in")
async def check_in(
    request: Request,
    form: Annotated[Form, sent(Permission.CHECK_IN)],
    desk: TheDesk,
    tokens: TheTokens,
    queues: TheQueues,
) -> Response:
    """Sent twice it is done once."""
    place, words = form.read(PlaceIn).place, words_of(request)
    try:
        token_id = await _token_of(form, place, queues)
        view = await _take_step(tokens, form.caller, token_id, Status.CHECKED_IN)
    except (Faults, Refusal) as refused:
        return await desk.show(form.caller, place, Shown(form=form, refused=refused))
    return _back(request, place, token_id, word_step(view, words))


async def _take_step(
    tokens: TokenService, caller: Caller, token_id: str, status: Status
) -> TokenView:
    try:
        return await tokens.change_status(caller, token_id, status)
    except BadTransition as refusal:
        if refusal.present is not status:
            raise
        return await tokens.get(caller, token_id)  # a second click


@router.post("/desk/cancel")
async def cancel(
    request: Request,
    form: Annotated[Form, sent(Permission.CANCEL)],
    desk: TheDesk,
    tokens: TheTokens,
    queues: TheQueues,
) -> Response:
    """Its seat goes to whoever waits for one; it can be taken back for two minutes."""
    place, words = form.read(PlaceIn).place, words_of(request)
    try:
        token_id = await _token_of(form, place, queues)
        told = await _cancel(tokens, form.caller, token_id, words)
    except (Faults, Refusal) as refused:
        return await desk.show(form.caller, place, Shown(form=form, refused=refused))
    return _back(request, place, token_id, told)


async def _cancel(tokens: TokenService, caller: Caller, token_id: str, words: Catalogue) -> str:
    try:
        return word_cancelling(await tokens.cancel(caller, token_id, None), words)
    except BadTransition as refusal:
        if refusal.present is not Status.CANCELLED:
            raise
        return word_step(await tokens.get(caller, token_id), words)  # a second click


@router.post("/desk/undo")
async def undo(
    request: Request,
    form: Annotated[Form, sent(Permission.CHECK_IN, Permission.CALL, Permission.CANCEL)],
    desk: TheDesk,
    tokens: TheTokens,
    queues: TheQueues,
) -> Response:
    """The token's last step is taken back."""
    place, words = form.read(PlaceIn).place, words_of(request)
    try:
        token_id = await _token_of(form, place, queues)
        view = await tokens.undo(form.caller, token_id)
    except (Faults, Refusal) as refused:
        return await desk.show(form.caller, place, Shown(form=form, refused=refused))
    return _back(request, place, token_id, word_step(view, words))


# Moving a slot


class MoveIn(ReallocateIn):
    """Whose tokens move, and where; they move on their own slot's day."""

    slot_id: SomeId
    close: bool = False


@router.post("/desk/move")
async def move(
    request: Request,
    form: Annotated[Form, sent(Permission.MOVE)],
    desk: TheDesk,
    tokens: TheTokens,
) -> Response:
    """Who waits for a seat, or, if the slot closes, all of it."""
    place, words = form.read(PlaceIn).place, words_of(request)
    try:
        asked = form.read(MoveIn)
        view = await tokens.reallocate(
            form.caller,
            asked.slot_id,
            target_slot_id=asked.target_slot_id,
            close=asked.close,
            note=asked.reason,
        )
    except (Faults, Refusal) as refused:
        return await desk.show(form.caller, place, Shown(form=form, refused=refused))
    return _back(request, place, None, word_reallocation(view, words))


def _back(request: Request, place: Place, token_id: str | None, told: str | None) -> Response:
    query = {} if token_id is None else {"token": token_id}
    joint = "&" if "?" in place.path else "?"
    return redirect(request, place.path + (joint + urlencode(query) if query else ""), told)
