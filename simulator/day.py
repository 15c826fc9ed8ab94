"""One day through a client: open the clinic, let everything happen, check the invariants."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

from answers.doctors import DoctorOut
from config import Settings
from models.token import Status
from services.clock import stopwatch
from services.opd import policy_from
from simulator.client import ServiceClient
from simulator.clinic import Agenda, Clinic, Kind, Room
from simulator.mishaps import room_of, strike
from simulator.plan import HOURS, Incident, Plan, clock
from simulator.snapshot import Snapshot, find_faults, take_snapshot
from simulator.visits import ask_for_token, book, plan_arrival, tell_booking

_LOOKS_AT = (clock("09:00"), clock("14:00"))
"""When all queues are read: at the opening and after lunch."""

Show = Callable[[Sequence[Snapshot]], None]


async def open_clinic(
    client: ServiceClient,
    plan: Plan,
    day: date,
    doctors: Sequence[DoctorOut],
    settings: Settings,
    *,
    at_once: bool,
) -> Clinic:
    """The doctors with their slots of a day, before anybody has asked for a token."""
    rooms: list[Room] = []
    dawn = timedelta(minutes=min([-60, *(visit.at for visit in plan.visits)]))
    for doctor in doctors:
        slots = [await client.add_slot(doctor.id, day, *hours, plan.seats) for hours in HOURS]
        shared = rooms and not at_once
        agenda = rooms[0].agenda if shared else Agenda(client, slots[0].start + dawn)
        rooms.append(Room(doctor, slots, agenda))
    return Clinic(
        client=client,
        rooms=rooms,
        grace=timedelta(minutes=settings.late_arrival_grace),
        timeout=timedelta(minutes=settings.no_show_timeout),
        policy=policy_from(settings),
        at_once=at_once,
    )


async def play(clinic: Clinic, plan: Plan, show: Show | None) -> None:
    """Let the plan happen to those in the rooms; `show` is given the queues at each look."""
    if clinic.at_once:
        await _book_at_once(clinic)
    for person in clinic.people:
        if clinic.at_once:
            plan_arrival(clinic, person)
        else:
            person.room.agenda.at(clinic.at(person.visit.at), partial(book, clinic, person))
    for incident in plan.incidents:
        agenda = room_of(clinic, incident).agenda
        agenda.at(clinic.at(incident.at), partial(_strike, clinic, incident))
    await asyncio.gather(*(_run(clinic, rooms, show) for rooms in _groups(clinic)))
    await _look(clinic, clinic.rooms, None)


def _groups(clinic: Clinic) -> list[list[Room]]:
    """The rooms, those of one agenda together."""
    return [[room] for room in clinic.rooms] if clinic.at_once else [clinic.rooms]


async def _book_at_once(clinic: Clinic) -> None:
    """All patients ask together; afterwards each is told what the service says by then."""
    people = clinic.people
    since = stopwatch()
    bookings = await asyncio.gather(*(ask_for_token(clinic, person) for person in people))
    clinic.booking_seconds = stopwatch() - since
    for person, booking in zip(people, bookings, strict=True):
        if booking is not None:
            await tell_booking(clinic, person, booking)
    await asyncio.gather(*map(clinic.refresh, people))
    await _look(clinic, clinic.rooms, None)


async def _run(clinic: Clinic, rooms: Sequence[Room], show: Show | None) -> None:
    agenda = rooms[0].agenda
    for minutes in _LOOKS_AT:
        agenda.at(clinic.at(minutes), partial(_look, clinic, rooms, show))
    await agenda.run()
    for room in rooms:
        for person in room.people:
            if person.status is Status.WAITLISTED:
                text = f"{person.patient.name} goes home unseen"
                why = "No seat fell free until the slot was over."
                clinic.note(Kind.UNSEEN, room, text, why, person)


async def _strike(clinic: Clinic, incident: Incident) -> None:
    await strike(clinic, incident)
    await _look(clinic, [room_of(clinic, incident)], None)


async def _look(clinic: Clinic, rooms: Sequence[Room], show: Show | None) -> None:
    """Read the queues of some rooms, and check them."""
    shots = [await take_snapshot(clinic, room) for room in rooms]
    for room, shot in zip(rooms, shots, strict=True):
        room.slots = list(shot.slots)
        clinic.checks += 1
        for fault in find_faults(shot, clinic.policy):
            if fault not in clinic.faults:
                clinic.faults.append(fault)
                clinic.note(Kind.BROKEN, room, fault.where, fault.invariant)
    if show is not None:
        show(shots)
