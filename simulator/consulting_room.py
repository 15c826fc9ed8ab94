"""The consulting room: the doctor calls, sees, and goes on to the next."""

from datetime import timedelta
from functools import partial

from models.token import Status
from simulator.agenda import Agenda
from simulator.clinic import Clinic, Room
from simulator.desk import Desk
from simulator.front_desk import FrontDesk, Patience
from simulator.journal import Journal, Kind
from simulator.people import Person
from simulator.plan import Manner

_WALK = timedelta(minutes=1)
"""From the waiting room to the doctor."""
_NOBODY_COMES = timedelta(minutes=2)
"""After this the doctor asks for the next, while the desk goes on calling."""


class ConsultingRoom:
    """Doctors see who is here, as the service's line says, and nobody before their slot begins."""

    def __init__(
        self,
        desk: Desk,
        agenda: Agenda,
        journal: Journal,
        clinic: Clinic,
        front_desk: FrontDesk,
        patience: Patience,
    ) -> None:
        self._desk = desk
        self._agenda = agenda
        self._journal = journal
        self._clinic = clinic
        self._front_desk = front_desk
        self._patience = patience

    async def next_patient(self, room: Room) -> None:
        """Call the next patient, if the doctor is free and anybody's slot has begun."""
        if room.busy or not any(one.status is Status.CHECKED_IN for one in room.people):
            return
        day = room.slots[0].date
        slots = {slot.id: slot for slot in await self._desk.slots(room.doctor.id, day)}
        for entry in (await self._desk.line(room.doctor.id, day)).line:
            if entry.token.status is Status.CHECKED_IN:
                begins = slots[entry.token.slot_id].expected_start
                if begins <= self._agenda.now:
                    await self._call(room, self._clinic.by_token[entry.token.id])
                    return
                self._agenda.at(begins, partial(self.next_patient, room))

    async def _call(self, room: Room, person: Person) -> None:
        await self._set(person, Status.CALLED)
        room.busy = True
        self._note(Kind.CALLED, room, f"{person.name} is called", person)
        if person.visit.manner is Manner.LEAVES:
            timeout = self._patience.after_call
            self._agenda.at(self._agenda.now + _NOBODY_COMES, partial(self._go_on, room))
            self._agenda.at(self._agenda.now + timeout, partial(self._give_up, room, person))
        else:
            self._agenda.at(self._agenda.now + _WALK, partial(self._begin, room, person))

    async def _begin(self, room: Room, person: Person) -> None:
        await self._set(person, Status.IN_CONSULTATION)
        person.started_at = self._agenda.now
        self._agenda.at(self._agenda.now + person.consultation, partial(self._finish, room, person))

    async def _finish(self, room: Room, person: Person) -> None:
        await self._set(person, Status.COMPLETED)
        waited = _minutes(person.wait or timedelta())
        text = (
            f"{person.name}: waited {waited}, then {_minutes(person.consultation)} with {room.name}"
        )
        self._note(Kind.SEEN, room, text, person)
        await self._go_on(room)

    async def _go_on(self, room: Room) -> None:
        room.busy = False
        await self.next_patient(room)

    async def _give_up(self, room: Room, person: Person) -> None:
        """The patient was called, and has not come for NO_SHOW_TIMEOUT minutes."""
        timeout = _minutes(self._patience.after_call)
        await self._front_desk.mark_absent(room, person, f"Called {timeout} ago, and nobody came.")

    async def _set(self, person: Person, status: Status) -> None:
        assert person.token is not None  # noqa: S101  # who is present has a token
        person.follow(await self._desk.set_status(person.token.id, status))

    def _note(self, kind: Kind, room: Room, text: str, person: Person) -> None:
        self._journal.note(self._agenda.now, kind, room.name, text, person=person)


def _minutes(span: timedelta) -> str:
    return f"{round(span.total_seconds() / 60)} min"
