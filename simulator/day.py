"""One day, played at a desk: set up the clinic, let everything happen, check the invariants."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from msgspec import Struct

from answers.doctors import DoctorOut
from answers.tokens import QueueOut
from models.policy import Policy
from models.token import Status
from services.clock import stopwatch
from simulator.agenda import Agenda
from simulator.clinic import Clinic, Room
from simulator.consulting_room import ConsultingRoom
from simulator.desk import Desk
from simulator.front_desk import FrontDesk, Patience
from simulator.invariants import Fault
from simulator.journal import Journal, Kind
from simulator.mishaps import Mishaps
from simulator.people import Person
from simulator.plan import HOURS, Absence, Cancel, Delay, Incident, Plan
from simulator.snapshot import find_faults, take_snapshot

BOARDS_AT = (timedelta(0), timedelta(hours=5))
"""When the queues are shown: at the opening and after lunch."""

Board = tuple[Room, list[QueueOut]]
ShowBoards = Callable[[datetime, list[Board]], None]


class Day(Struct, frozen=True, kw_only=True):
    """A day that was played. `booking_seconds` is how long all bookings took together."""

    date: date
    clinic: Clinic
    journal: Journal
    boards: list[Board]
    faults: list[Fault]
    checks: int
    booking_seconds: float = 0.0


class DayPlayer:
    """Plays a plan with its people at a desk."""

    def __init__(
        self,
        desk: Desk,
        plan: Plan,
        *,
        policy: Policy,
        patience: Patience,
        journal: Journal,
        show_boards: ShowBoards | None = None,
    ) -> None:
        self._desk = desk
        self._plan = plan
        self._policy = policy
        self._patience = patience
        self._journal = journal
        self._show_boards = show_boards
        self._faults: list[Fault] = []
        self._checks = 0

    async def play(
        self, day: date, doctors: Sequence[DoctorOut], people: Sequence[Person], *, at_once: bool
    ) -> Day:
        """One day of these doctors. With `at_once` all patients book together, then the doctors work side by side;
        else everything happens in order of time.
        """
        clinic = await self._set_up(day, doctors, people)
        seconds = await self._book_at_once(clinic) if at_once else 0.0
        groups = [[room] for room in clinic.rooms] if at_once else [clinic.rooms]
        await asyncio.gather(*(self._run(clinic, rooms, booked=at_once) for rooms in groups))
        await self._check(clinic, clinic.rooms)
        return Day(
            date=day,
            clinic=clinic,
            journal=self._journal,
            boards=await self._read_boards(clinic),
            faults=self._faults,
            checks=self._checks,
            booking_seconds=seconds,
        )

    async def _set_up(
        self, day: date, doctors: Sequence[DoctorOut], people: Sequence[Person]
    ) -> Clinic:
        rooms = []
        for index, doctor in enumerate(doctors):
            slots = [
                await self._desk.add_slot(doctor.id, day, start, end, self._plan.capacity)
                for start, end in HOURS
            ]
            own = [person for person in people if person.visit.doctor == index]
            rooms.append(Room(doctor, slots, own))
        return Clinic(rooms[0].slots[0].start, rooms)

    async def _book_at_once(self, clinic: Clinic) -> float:
        """All patients ask together; afterwards each is told what the service says by then."""
        front = self._front_desk(clinic, Agenda(self._desk, self._dawn(clinic)))
        everyone = [(room, person) for room in clinic.rooms for person in room.people]
        since = stopwatch()
        bookings = await asyncio.gather(*(front.ask_for_token(*each) for each in everyone))
        seconds = stopwatch() - since
        for (room, person), booking in zip(everyone, bookings, strict=True):
            if booking is not None:
                await front.tell_booking(room, person, booking)
        await asyncio.gather(*(front.catch_up(*each) for each in everyone))
        await self._check(clinic, clinic.rooms)
        return seconds

    async def _run(self, clinic: Clinic, rooms: Sequence[Room], *, booked: bool) -> None:
        agenda = Agenda(self._desk, self._dawn(clinic))
        front = self._front_desk(clinic, agenda)
        consulting = ConsultingRoom(
            self._desk, agenda, self._journal, clinic, front, self._patience
        )
        front.on_arrival = consulting.next_patient
        for room in rooms:
            for person in room.people:
                if booked:
                    await front.catch_up(room, person)
                else:
                    at = clinic.opening + timedelta(minutes=person.visit.at)
                    agenda.at(at, partial(front.book, room, person))
        mishaps = Mishaps(self._desk, clinic, front)
        for at, incident in self._incidents(clinic, rooms):
            agenda.at(at, partial(self._strike, clinic, rooms, mishaps, incident))
        if not booked and self._show_boards is not None:
            for offset in BOARDS_AT:
                at = clinic.opening + offset
                agenda.at(at, partial(self._show, self._show_boards, clinic, at))
        agenda.at(clinic.opening, partial(self._check, clinic, rooms))
        await agenda.run()
        for room in rooms:
            self._note_unseen(agenda.now, room)

    def _incidents(
        self, clinic: Clinic, rooms: Sequence[Room]
    ) -> Iterable[tuple[datetime, Incident]]:
        keys = {person.visit.key for room in rooms for person in room.people}
        for incident in self._plan.incidents:
            if isinstance(incident, Cancel):
                ours = incident.key in keys
            else:
                ours = clinic.rooms[incident.doctor] in rooms
            if ours:
                yield clinic.opening + timedelta(minutes=incident.at), incident

    async def _strike(
        self, clinic: Clinic, rooms: Sequence[Room], mishaps: Mishaps, incident: Incident
    ) -> None:
        struck: Awaitable[None]
        match incident:
            case Delay():
                room = clinic.rooms[incident.doctor]
                struck = mishaps.delay(room, incident)
            case Absence():
                room = clinic.rooms[incident.doctor]
                struck = mishaps.close(room, incident)
            case _:
                room, person = next(
                    (room, person)
                    for room in rooms
                    for person in room.people
                    if person.visit.key == incident.key
                )
                struck = mishaps.cancel(room, person, incident)
        await struck
        await self._check(clinic, [room])

    async def _check(self, clinic: Clinic, rooms: Sequence[Room]) -> None:
        for room in rooms:
            shot = await take_snapshot(self._desk, clinic, room)
            faults = find_faults(shot, self._policy)
            self._checks += 1
            for fault in faults:
                if fault not in self._faults:
                    self._faults.append(fault)
                    self._journal.note(
                        clinic.opening, Kind.BROKEN, room.name, fault.where, why=fault.invariant
                    )

    async def _show(self, show: ShowBoards, clinic: Clinic, at: datetime) -> None:
        show(at, await self._read_boards(clinic))

    async def _read_boards(self, clinic: Clinic) -> list[Board]:
        return [
            (room, [await self._desk.queue(slot.id) for slot in room.slots])
            for room in clinic.rooms
        ]

    def _note_unseen(self, now: datetime, room: Room) -> None:
        for person in room.people:
            if person.status is Status.WAITLISTED:
                self._journal.note(
                    now,
                    Kind.UNSEEN,
                    room.name,
                    f"{person.name} goes home unseen",
                    why="No seat fell free until the slot was over.",
                    person=person,
                )

    def _front_desk(self, clinic: Clinic, agenda: Agenda) -> FrontDesk:
        return FrontDesk(self._desk, agenda, self._journal, clinic, self._patience)

    def _dawn(self, clinic: Clinic) -> datetime:
        first = min((visit.at for visit in self._plan.visits), default=0)
        return clinic.opening + timedelta(minutes=min(first, -60))
