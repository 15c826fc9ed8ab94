"""One day through a client: open the clinic, let everything happen, check the invariants."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from answers.doctors import DoctorOut
from answers.slots import SlotOut
from config import Settings
from models.token import Status
from services.clock import stopwatch
from services.home import policy_from
from simulator.client import ServiceClient
from simulator.clinic import Agenda, Clinic, Person, Room, Script
from simulator.happenings import Kind
from simulator.mishaps import cancel, strike
from simulator.plan import HOURS, Plan, clock
from simulator.snapshot import Snapshot, look
from simulator.visits import ask_for_token, come, doctors_day, tell_booking, tell_changes, visit

_LOOKS_AT = (clock("09:00"), clock("14:00"))
"""When all queues are read: at the opening and after lunch."""

Arrive = Callable[[Person, int], Script]
Show = Callable[[Room, Snapshot], None]


async def open_clinic(
    client: ServiceClient,
    plan: Plan,
    day: date,
    doctors: Sequence[DoctorOut],
    settings: Settings,
    *,
    at_once: bool = False,
    arrive: Arrive = come,
    alone: bool = True,
) -> Clinic:
    """The doctors with their slots of a day, before anybody has asked for a token."""
    clinic = Clinic(
        client=client,
        grace=timedelta(minutes=settings.late_arrival_grace),
        timeout=timedelta(minutes=settings.no_show_timeout),
        policy=policy_from(settings),
        at_once=at_once,
        come=arrive,
        alone=alone,
    )
    dawn = timedelta(minutes=min([-60, *(each.at for each in plan.visits)]))
    for doctor in doctors:
        fields = {"doctorId": doctor.id, "date": day.isoformat(), "maxCapacity": plan.seats}
        slots = [
            await client.ask(SlotOut, "POST", "/api/slots", startTime=start, endTime=end, **fields)
            for start, end in HOURS
        ]
        shared = clinic.rooms and not at_once
        agenda = (
            clinic.rooms[0].agenda if shared else Agenda(client, slots[0].start + dawn, alone=alone)
        )
        clinic.rooms.append(Room(clinic, doctor, slots, agenda))
    return clinic


async def play(clinic: Clinic, plan: Plan, show: Show = lambda *_: None) -> None:
    """Let the plan happen to those in the rooms; `show` is given the queues at the opening and
    after lunch.
    """
    if clinic.at_once:
        await _book_at_once(clinic)
    for person in clinic.people:
        person.room.agenda.add(visit(person))
        person.room.agenda.add(cancel(person))
    for mishap in plan.mishaps:
        room = clinic.rooms[mishap.doctor]
        room.agenda.add(strike(room, mishap))
    for room in clinic.rooms:
        room.agenda.add(_looks(room, show))
    for room in clinic.rooms:
        room.agenda.add(doctors_day(room))
    agendas = {id(room.agenda): room.agenda for room in clinic.rooms}
    await asyncio.gather(*(agenda.run() for agenda in agendas.values()))
    for person in clinic.people:
        if person.status is Status.WAITLISTED:
            why = clinic.words.say("No seat fell free until the slot was over.")
            person.note(Kind.UNSEEN, why)
    for room in clinic.rooms:
        await look(room)


async def _looks(room: Room, show: Show) -> Script:
    for at in _LOOKS_AT:
        yield room.clinic.at(at)
        show(room, await look(room))


async def _book_at_once(clinic: Clinic) -> None:
    """All patients ask together; afterwards each is told what the service says by then."""
    since = stopwatch()
    await asyncio.gather(*map(ask_for_token, clinic.people))
    clinic.booking_seconds = stopwatch() - since
    for person in clinic.people:
        await tell_booking(person)
    for room in clinic.rooms:
        await tell_changes(room)
        await look(room)
