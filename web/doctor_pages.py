"""The doctor's page: who is in, who is next and why, and one big button that does what comes next."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from msgspec import Struct

from engine.calling import MOST_RECALLS
from engine.undo import undo_until
from models.access import Permission
from models.doctor import Doctor
from models.doctor_session import SessionState
from models.errors import Refusal, StillIn
from models.token import Status, Token
from routes.access import needs
from routes.deps import TheDoctors, TheQueues, TheTokens
from routes.fields import KnownId
from routes.line_requests import NextIn
from services.caller import Caller
from services.clock import Clock
from services.day_views import DoctorsDay
from services.requests import NextCall
from services.token_service import TokenService
from services.views import CalledView, TokenView
from services.wording.catalogue import Catalogue, message
from services.wording.explanation import word_why_next
from web.doctor_forms import RoomIn, StateIn, Step, StepIn
from web.forms import Faults, Form, sent
from web.languages import words_of
from web.own_room import own_room, remember_room
from web.pages import Told, page, redirect
from web.routing import PageRoute

router = APIRouter(include_in_schema=False, route_class=PageRoute)

MayCall = Annotated[Caller, needs(Permission.CALL)]
SentToCall = Annotated[Form, sent(Permission.CALL)]

_MOST_UNDOABLE = 3
_MOST_SHOWN = 30
"""Of those who wait here, the first ones by name."""
_STEPS: Mapping[Status, str] = {
    Status.CALLED: message("called"),
    Status.IN_CONSULTATION: message("consultation begun"),
    Status.PARKED: message("sent for tests"),
    Status.COMPLETED: message("consultation over"),
    Status.NO_SHOW: message("did not come"),
}
"""What brought a token where it stands."""
_STATUS = {
    Step.START: Status.IN_CONSULTATION,
    Step.COMPLETE: Status.COMPLETED,
    Step.PARK: Status.PARKED,
    Step.ABSENT: Status.NO_SHOW,
}


class InRoom(Struct, frozen=True):
    """Who is in the screen's own room, and who was called: what the big button is about."""

    room: str | None
    inside: Token | None
    called: Token | None


class DoctorsPage:
    """The page of one doctor, as each of its routes shows it."""

    def __init__(self, request: Request, doctors: TheDoctors, queues: TheQueues) -> None:
        self._request = request
        self._doctors = doctors
        self._queues = queues

    async def shown(
        self,
        caller: Caller,
        doctor_id: str,
        refused: Faults | Refusal | None = None,
        form: Form | None = None,
    ) -> Response:
        """The day that runs; after a form that was refused, why."""
        day = await self._queues.to_run(caller, doctor_id)
        doctor = await self._doctors.get(caller, doctor_id)
        sharing = [await self._doctors.get(caller, each) for each in day.pool]
        told = _told(self._request, doctor, day, own_room(self._request))
        still_in = refused.other if isinstance(refused, StillIn) else None
        names = {each.id: each.name for each in sharing}
        whole = {**told, "still_in": still_in, "sharing": names}
        return page(self._request, "doctor.html", whole, refused=refused, form=form)


ThePage = Annotated[DoctorsPage, Depends()]


@router.get("/doctor")
async def own_doctors(
    request: Request, caller: MayCall, doctors: TheDoctors, queues: TheQueues
) -> Response:
    """Whose line one may run; of one alone, that one's page."""
    at_work = await doctors.at_work(caller, Permission.CALL, None)
    if len(at_work) == 1:
        return redirect(request, f"/doctor/{at_work[0].id}")
    glances = await queues.at_a_glance(caller, (doctor.id for doctor in at_work))
    return page(request, "doctors.html", {"days": list(zip(at_work, glances, strict=True))})


@router.get("/doctor/{doctor_id}")
async def doctors_page(doctor_id: KnownId, caller: MayCall, own: ThePage) -> Response:
    """The day that runs."""
    return await own.shown(caller, doctor_id)


@router.post("/doctor/{doctor_id}/next")
async def call_next(
    request: Request, doctor_id: KnownId, form: SentToCall, own: ThePage, queues: TheQueues
) -> Response:
    """Complete who is to be finished, and call the next; once, however often it is pressed."""
    try:
        asked = form.read(NextIn)
        called = await queues.call_next(
            form.caller, doctor_id, None, NextCall(room=asked.room, finish=asked.finish)
        )
    except (Faults, Refusal) as refused:
        return await own.shown(form.caller, doctor_id, refused, form)
    return redirect(request, f"/doctor/{doctor_id}", told=_tell_called(called, words_of(request)))


@router.post("/doctor/{doctor_id}/tokens/{token_id}")
async def take_step(
    request: Request,
    doctor_id: KnownId,
    token_id: KnownId,
    form: SentToCall,
    own: ThePage,
    tokens: TheTokens,
) -> Response:
    """One step of one patient."""
    try:
        asked = form.read(StepIn)
        stepped = await _take(asked, form.caller, token_id, tokens)
    except (Faults, Refusal) as refused:
        return await own.shown(form.caller, doctor_id, refused, form)
    told = _tell_step(asked.step, stepped.token, words_of(request))
    return redirect(request, f"/doctor/{doctor_id}", told=told)


@router.post("/doctor/{doctor_id}/state")
async def set_state(
    request: Request, doctor_id: KnownId, form: SentToCall, own: ThePage, queues: TheQueues
) -> Response:
    """A break, back from it, the end of the day."""
    clock: Clock = request.state.opd.day_clock
    try:
        asked = form.read(StateIn)
        on_break = asked.state is SessionState.ON_BREAK
        until = clock.now() + timedelta(minutes=asked.minutes) if on_break else None
        await queues.set_session(
            form.caller, doctor_id, None, state=asked.state, until=until, note=None
        )
    except (Faults, Refusal) as refused:
        return await own.shown(form.caller, doctor_id, refused, form)
    return redirect(request, f"/doctor/{doctor_id}")


@router.post("/doctor/{doctor_id}/room")
async def set_room(
    request: Request, doctor_id: KnownId, form: SentToCall, own: ThePage, doctors: TheDoctors
) -> Response:
    """Where this screen stands."""
    await doctors.get(form.caller, doctor_id)
    try:
        asked = form.read(RoomIn)
    except Faults as refused:
        return await own.shown(form.caller, doctor_id, refused, form)
    answer = redirect(request, f"/doctor/{doctor_id}")
    remember_room(request, answer, asked.room)
    return answer


def _told(request: Request, doctor: Doctor, day: DoctorsDay, room: str | None) -> Told:
    words, upcoming, zone = words_of(request), day.next, day.sheet.zone
    return {
        "doctor": doctor,
        "day": day,
        "zone": zone,
        "own": _in_room(day, room),
        "why": None
        if upcoming is None
        else word_why_next(upcoming.why, upcoming.token.queued_from, zone, words),
        "undoable": _undoable(day),
        "steps": _STEPS,
        "most_recalls": MOST_RECALLS,
        "most_shown": _MOST_SHOWN,
    }


def _in_room(day: DoctorsDay, room: str | None) -> InRoom:
    """Where nothing was said, it is the room of the doctor's last call."""
    if room is None:
        calls = (token for token in day.mine if token.called_at is not None)
        last = max(calls, key=lambda token: token.called_at or day.line.at, default=None)
        room = None if last is None else last.room
    return InRoom(
        room,
        inside=next((each for each in day.inside if each.room == room), None),
        called=next((each for each in day.called if each.room in (room, None)), None),
    )


def _undoable(day: DoctorsDay) -> Sequence[tuple[Token, int]]:
    """Those whose last step may be taken back, and for how many seconds from now."""
    return [
        (token, int((until - day.line.at).total_seconds()) + 1)
        for token in day.undoable[:_MOST_UNDOABLE]
        if (until := undo_until(token)) is not None
    ]


async def _take(asked: StepIn, caller: Caller, token_id: str, tokens: TokenService) -> TokenView:
    match asked.step:
        case Step.UNDO:
            return await tokens.undo(caller, token_id)
        case Step.RECALL:
            return await tokens.recall(caller, token_id)
        case Step.BACK:
            return await tokens.change_status(caller, token_id, Status.CHECKED_IN, to=asked.to)
        case step:
            return await tokens.change_status(caller, token_id, _STATUS[step], room=asked.room)


def _tell_called(called: CalledView, words: Catalogue) -> str:
    if called.token is None:
        return words.say("Nobody is here to be called.")
    token = called.token.token
    if token.room is None:
        return words.say("{token} is called.", token=token.label)
    return words.say("{token} is called to room {room}.", token=token.label, room=token.room)


def _tell_step(step: Step, token: Token, words: Catalogue) -> str:
    label = token.label
    match step:
        case Step.START:
            return words.say("The consultation of {token} has begun.", token=label)
        case Step.COMPLETE:
            return words.say("The consultation of {token} is over.", token=label)
        case Step.PARK:
            return words.say("{token} was sent for tests, and keeps the seat.", token=label)
        case Step.ABSENT:
            return words.say("{token} did not come, and has no seat any more.", token=label)
        case Step.BACK:
            return words.say("{token} is back in line.", token=label)
        case Step.UNDO:
            return words.say("The last step of {token} was taken back.", token=label)
        case Step.RECALL if token.status is Status.MISSED:
            return words.say("{token} was called too often, and counts as missed.", token=label)
        case Step.RECALL:
            return words.say("{token} is called again.", token=label)
