"""What the desk's pages show: the doctors' days, one of them whole, and the form of a booking."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import Depends, Request, Response
from msgspec import Struct

from answers.sight import Sight
from models.access import Permission
from models.doctor import Doctor
from models.errors import Refusal
from models.source import Source
from routes.access import TheSight, needs
from routes.deps import TheDoctors, TheQueues
from routes.fields import Body, LocalDate, SomeId
from services.caller import Caller
from services.day_views import Glance
from services.doctor_service import DoctorService
from services.queue_service import QueueService
from services.store.register import RegisteredPatient
from services.wording.statuses import word_status
from web.forms import Faults, Form
from web.languages import words_of
from web.pages import page, raise_if_told_elsewhere

MayDesk = Annotated[Caller, needs(Permission.BOOK_WALKIN, Permission.CALL)]
"""Who looks at the desk: who gives out tokens there, or runs a line."""
MOST_SHOWN = 30
"""Of those who wait, and of each other group, the first ones; unless all are asked for."""
AT_THE_DESK = (Source.WALKIN, Source.FOLLOWUP, Source.ONLINE, Source.PRIORITY, Source.EMERGENCY)


class Place(Struct, frozen=True):
    """Which of the desk's pages it is: one doctor's on a date, or that of all."""

    doctor: str | None = None
    on: date | None = None

    @property
    def path(self) -> str:
        """Where it stands."""
        if self.doctor is None:
            return "/desk"
        return f"/desk/{self.doctor}" + (f"?date={self.on}" if self.on else "")


class PlaceIn(Body):
    """The same, as each form of the page has it."""

    doctor: SomeId | None = None
    date: LocalDate | None = None

    @property
    def place(self) -> Place:
        """Which page the form is on."""
        return Place(self.doctor, self.date)


class Shown(Struct, frozen=True, kw_only=True):
    """What a page shows besides the days: a form that was refused, patients who were found."""

    form: Form | None = None
    refused: Faults | Refusal | None = None
    fields: Mapping[str, str] = {}
    found: Sequence[RegisteredPatient] | None = None
    token_id: str | None = None
    whole: bool = False


class Desk:
    """Shows the desk to whoever may see it."""

    def __init__(
        self, request: Request, doctors: DoctorService, queues: QueueService, sight: Sight
    ) -> None:
        self._request = request
        self._doctors = doctors
        self._queues = queues
        self._sight = sight

    async def show(self, caller: Caller, place: Place, shown: Shown) -> Response:
        """The page. Raises UnknownDoctor, Forbidden."""
        raise_if_told_elsewhere(self._request, shown.refused)
        if place.doctor is None:
            doctors = await self._doctors.at_work(caller, Permission.READ_QUEUE, None)
        else:
            doctors = [await self._doctors.get(caller, place.doctor)]
        glances = await self._queues.at_a_glance(caller, [each.id for each in doctors], place.on)
        days = list(zip(doctors, glances, strict=True))
        whole, colleagues = None, doctors
        if place.doctor is not None:
            if glances[0].pool:
                specialization = doctors[0].specialization
                colleagues = await self._doctors.at_work(
                    caller, Permission.READ_QUEUE, specialization
                )
            whole = await self._queues.whole_day(caller, place.doctor, place.on)
        words = words_of(self._request)
        form = shown.form
        return page(
            self._request,
            "desk.html",
            {
                "place": place,
                "days": days,
                "names": {each.id: each.name for each in colleagues},
                "doctor": doctors[0] if place.doctor is not None else None,
                "whole": whole,
                "most_shown": None if shown.whole else MOST_SHOWN,
                "slot_id": _earliest(days),
                "sources": [(each.value, words.say(each.row.words)) for each in AT_THE_DESK],
                "found": shown.found,
                "token_id": shown.token_id,
                "sight": self._sight,
                "word_status": lambda status: word_status(status, words),
                "fields": {**(form.fields if form is not None else {}), **shown.fields},
            },
            refused=shown.refused,
            form=form,
        )


async def _desk(request: Request, doctors: TheDoctors, queues: TheQueues, sight: TheSight) -> Desk:
    return Desk(request, doctors, queues, sight)


TheDesk = Annotated[Desk, Depends(_desk)]


def _earliest(days: Sequence[tuple[Doctor, Glance]]) -> str:
    """The slot in which a walk-in is seated first; where none has a seat, the first that goes on."""
    slots = [slot for _, glance in days for slot in glance.slots if not slot.over]
    slots.sort(key=lambda slot: (slot.available == 0, slot.timed.expected_start))
    return slots[0].timed.slot.id if slots else ""
