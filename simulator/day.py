"""One day through a client: open the clinic, let everything happen, check the invariants."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from answers.doctors import DoctorOut
from answers.lines import LineOut
from answers.slots import SlotOut
from config import Settings
from models.policy import Policy
from models.token import Status
from services.clock import stopwatch
from services.home import policy_from
from simulator import snapshot
from simulator.chance import draw_live_plan, draw_people
from simulator.client import ServiceClient
from simulator.clinic import FINAL, Agenda, Clinic, Room, Script
from simulator.doctors import CALLED_ONCE, strike, works
from simulator.happenings import Kind
from simulator.invariants import Fault
from simulator.patients import ask_for_token, cancel, tell_booking, tell_changes, visit
from simulator.plan import HOURS, LIVE_LOAD, Manner, Plan, clock, doctor_names
from simulator.snapshot import Snapshot, look

_BEGINS = time(7, 45)
"""A day that passes, at its place."""
_LOOKS_AT = (clock("09:00"), clock("14:00"))
"""When all queues are read: at the opening and after lunch."""
_HOURLY = tuple(60 * hour for hour in range(10))
"""The same where the day passes."""
_TELLS = timedelta(minutes=10)
"""How often the desk tells whose place or time has changed by itself."""
_SECONDS = 20.0
"""For the service to end a day that is over."""

_ALL_SEEN = "Nobody who is there and stays is forgotten"
_ALL_END = "In the end every token is completed, cancelled or a no-show"
LIVE_INVARIANTS = (CALLED_ONCE, _ALL_SEEN, _ALL_END)
"""What must hold of a day that passes, besides what holds of every day."""

Show = Callable[[Room, Snapshot], None]


async def add_doctors(client: ServiceClient, count: int) -> list[DoctorOut]:
    """Whom the patients come to see."""
    return [
        await client.ask(DoctorOut, "POST", "/api/doctors", name=name, specialization=trade)
        for name, trade in doctor_names(count)
    ]


async def open_clinic(
    client: ServiceClient,
    policy: Policy,
    plan: Plan,
    day: date,
    doctors: Sequence[DoctorOut],
    *,
    seed: str,
    live: bool = False,
    at_once: bool = False,
) -> Clinic:
    """The doctors with their slots of a day and all who will come, before anybody has a token."""
    clinic = Clinic(
        client=client,
        plan=plan,
        policy=policy,
        invariants=(*snapshot.INVARIANTS, *(LIVE_INVARIANTS if live else ())),
        live=live,
        at_once=at_once,
    )
    dawn = timedelta(minutes=min([-60, *(each.at for each in plan.visits)]))
    for number, doctor in enumerate(doctors):
        fields = {"doctorId": doctor.id, "date": day.isoformat(), "maxCapacity": plan.seats}
        slots = [
            await client.ask(SlotOut, "POST", "/api/slots", startTime=start, endTime=end, **fields)
            for start, end in HOURS
        ]
        agenda = (
            clinic.rooms[0].agenda
            if clinic.rooms and not at_once
            else Agenda(client, slots[0].start + dawn, live=live)
        )
        room = Room(clinic, doctor, slots, agenda, str(number + 1), rests=plan.rests == number)
        clinic.rooms.append(room)
    draw_people(
        random.Random(f"people {seed}"),
        plan.visits,
        clinic.rooms,
        prefix=f"SIM-{client.run}-{day:%Y%m%d}",
        consultation_minutes=policy.consultation_minutes,
    )
    return clinic


async def open_live_clinic(
    client: ServiceClient,
    settings: Settings,
    doctors: Sequence[DoctorOut],
    *,
    seed: int,
    speed: float,
    load: Fraction = LIVE_LOAD,
    begins: time = _BEGINS,
) -> Clinic:
    """The next day, early in the morning, with all who will come; from here on its time passes at
    the service, whose clock is set.
    """
    zone, seats = ZoneInfo(settings.facility_timezone), settings.default_max_capacity
    now = (await client.set_clock(1)).astimezone(zone)
    day = now.date() + timedelta(days=now.time() >= begins)
    await client.set_clock(speed, datetime.combine(day, begins, zone))
    plan = draw_live_plan(seed, doctors=len(doctors), seats=seats, load=load)
    policy = policy_from(settings)
    return await open_clinic(client, policy, plan, day, doctors, seed=str(seed), live=True)


async def play(clinic: Clinic, show: Show = lambda *_: None) -> None:
    """Let the plan happen to those in the rooms; `show` is given the queues at the opening and
    after lunch.
    """
    if clinic.at_once:
        await _book_at_once(clinic)
    for person in clinic.people:
        person.room.agenda.add(visit(person))
        person.room.agenda.add(cancel(person))
    for mishap in clinic.plan.mishaps:
        room = clinic.rooms[mishap.doctor]
        room.agenda.add(strike(room, mishap))
    for room in clinic.rooms:
        room.agenda.add(_looks(room, show))
        if clinic.live:
            room.agenda.add(_tells(room))
        room.agenda.add(works(room))
    agendas = {id(room.agenda): room.agenda for room in clinic.rooms}
    await asyncio.gather(*(agenda.run() for agenda in agendas.values()))
    for person in clinic.people:
        if person.status is Status.WAITLISTED:
            why = clinic.words.say("No seat fell free until the slot was over.")
            person.note(Kind.UNSEEN, why=why)
    if clinic.live:
        await _end(clinic)
    for room in clinic.rooms:
        await look(room)


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


async def _looks(room: Room, show: Show) -> Script:
    """The desk looks whether all is well; where the day passes, it says how it goes."""
    clinic, say = room.clinic, room.clinic.words.say
    for at in _HOURLY if clinic.live else _LOOKS_AT:
        yield clinic.at(at)
        if room.finished:
            return
        shot = await look(room)
        if clinic.live:
            line = await clinic.client.get(LineOut, room.path("/api/queue/{}"))
            waited = round(line.mean_wait_minutes or 0)
            told = say("{n} wait for {doctor}, {waited} min so far",
                       n=line.size, doctor=room.name, waited=waited)  # fmt: skip
            room.note(Kind.LINE, told)
        else:
            show(room, shot)


async def _tells(room: Room) -> Script:
    """The desk tells patients what the service has changed by itself."""
    while not room.finished:
        yield max(room.agenda.now, room.clinic.at(-60)) + _TELLS
        await tell_changes(room)


# The end of a day that passes


async def _end(clinic: Clinic) -> None:
    """Midnight passes, and everybody has come to an end."""
    client, holders = clinic.client, [one for one in clinic.people if one.told]
    midnight = (clinic.at(0) + timedelta(days=1)).replace(hour=0, minute=0)
    await client.set_clock(1, midnight if client.now() < midnight else None)
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            while [one for one in holders if one.status not in FINAL]:
                await asyncio.gather(*(one.hear() for one in holders))
    for room in clinic.rooms:
        for fault in not_ended(room):
            room.broken(fault)


def not_ended(room: Room) -> Iterator[Fault]:
    """Who of a day that is over was forgotten, or has come to no end."""
    for person in room.people:
        where = f"{room.doctor.name}: {person.told[0].token_number}" if person.told else ""
        if person.told and person.status not in FINAL:
            yield Fault(_ALL_END, f"{where} is {person.status}")
        stays = person.visit.manner is not Manner.LEAVES and person.visit.cancels is None
        if person.checked_in_at and stays and person.status is not Status.COMPLETED:
            yield Fault(_ALL_SEEN, f"{where} came and is {person.status}")
