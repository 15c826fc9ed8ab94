"""A day as it passes: the service's clock runs, and what is due by time the service does itself.

Whoever plays reads the clock and waits, as people do; `attendance` tells what they do.
"""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from answers.doctors import DoctorOut
from config import Settings
from models.token import Status
from services.wording.catalogue import message
from simulator.accuracy import Pair
from simulator.attendance import AT_KIOSK, CALLED_ONCE, come, keep_desk, refresh, works
from simulator.chance import draw_people, draw_plan
from simulator.client import ServiceClient
from simulator.clinic import Agenda, Clinic, Room, Script
from simulator.day import open_clinic
from simulator.invariants import Fault
from simulator.mishaps import cancel, strike
from simulator.plan import Manner, Mishap, Plan, Visit, clock
from simulator.snapshot import look, tell_fault
from simulator.visits import visit

DOCTORS = 5
LOAD = Fraction(20, 21)
"""Of five doctors' 210 seats: 200 patients."""
_BEGINS = time(7, 45)
_STAYS_AWAY, _HAS_TESTS = 0.06, 0.08
"""Shares of the patients."""
_FINAL = (Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED)
_SECONDS = 20.0
"""For the service to end a day that is over."""

_ALL_SEEN = "Nobody who is there and stays is forgotten"
_ALL_END = "In the end every token is completed, cancelled or a no-show"
INVARIANTS = (CALLED_ONCE, _ALL_SEEN, _ALL_END)
"""What must hold of a live day, besides what holds of every day."""

LATE = message("{doctor} is still on the ward round")


async def open_live_day(
    client: ServiceClient,
    settings: Settings,
    doctors: Sequence[DoctorOut],
    *,
    seed: int,
    speed: float,
    load: Fraction = LOAD,
    begins: time = _BEGINS,
    alone: bool = True,
) -> tuple[Clinic, Plan]:
    """The next day, early in the morning, with all who will come; from here on its time passes.

    `alone`: nobody else has a hand in it, so that it must come out as the rules say.
    """
    zone = ZoneInfo(settings.facility_timezone)
    now = (await client.set_clock(1)).astimezone(zone)
    day = now.date() + timedelta(days=now.time() >= begins)
    plan = _live_plan(seed, len(doctors), settings.default_max_capacity, load)
    await client.set_clock(speed, datetime.combine(day, begins, zone))
    clinic = await open_clinic(client, plan, day, doctors, settings, arrive=come, alone=alone)
    draw_people(
        random.Random(f"people {seed}"),
        plan.visits,
        clinic.rooms,
        prefix=f"SIM-{client.run}-{day:%Y%m%d}",
        consultation_minutes=settings.default_slot_duration,
    )
    return clinic, plan


def _live_plan(seed: int, doctors: int, seats: int, load: Fraction) -> Plan:
    """A drawn day on which some stay away, and the first doctor begins late."""
    chance = random.Random(f"live {seed}")
    plan = draw_plan(chance, doctors=doctors, seats=seats, load=load)
    late = Mishap(clock("08:50"), 0, 0, LATE, late=30)
    others = [one for one in plan.mishaps if one.doctor != late.doctor]
    return replace(
        plan,
        visits=[_or_away(visit, chance) for visit in plan.visits],
        mishaps=[late, *others],
    )


def _or_away(visit: Visit, chance: random.Random) -> Visit:
    away = chance.random() < _STAYS_AWAY and visit.source in AT_KIOSK
    return replace(visit, manner=Manner.ABSENT) if away else visit


async def play_live(
    clinic: Clinic, plan: Plan, seed: int, begun: Callable[[], None] = lambda: None
) -> None:
    """Let the day pass to its midnight, and see that everybody came to an end.

    `begun` is called as soon as all have booked who book before it begins.
    """
    agenda, chance = clinic.rooms[0].agenda, random.Random(f"tests {seed}")
    for person in clinic.people:
        agenda.add(visit(person))
        agenda.add(cancel(person))
    for mishap in plan.mishaps:
        agenda.add(strike(clinic.rooms[mishap.doctor], mishap))
    for room in clinic.rooms:
        has_tests = {id(one) for one in room.people if chance.random() < _HAS_TESTS}
        agenda.add(works(room, has_tests, pauses=room is clinic.rooms[-1]))
        agenda.add(keep_desk(room))
    agenda.add(_tell(agenda, begun))
    await agenda.run()
    await _end(clinic)


async def _tell(agenda: Agenda, begun: Callable[[], None]) -> Script:
    yield agenda.now  # after whatever else is due by then
    begun()


async def _end(clinic: Clinic) -> None:
    """Midnight passes, and everybody has come to an end."""
    client, holders = clinic.client, [one for one in clinic.people if one.told]
    morning = clinic.at(0) + timedelta(days=1)
    midnight = morning.replace(hour=0, minute=0)
    await client.set_clock(1, midnight if client.now() < midnight else None)
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            while [one for one in holders if one.status not in _FINAL]:
                await asyncio.gather(*map(refresh, holders))
    for room in clinic.rooms:
        await look(room)
        for fault in not_ended(room) if clinic.alone else ():
            tell_fault(room, fault)


def not_ended(room: Room) -> Iterator[Fault]:
    """Who of a day that is over was forgotten, or has come to no end."""
    for person in room.people:
        where = f"{room.doctor.name}: {person.told[0].token_number}" if person.told else ""
        if person.told and person.status not in _FINAL:
            yield Fault(_ALL_END, f"{where} is {person.status}")
        stays = person.visit.manner is not Manner.LEAVES and person.visit.cancels is None
        if person.checked_in_at and stays and person.status is not Status.COMPLETED:
            yield Fault(_ALL_SEEN, f"{where} came and is {person.status}")


def pair_estimates(clinic: Clinic) -> list[Pair]:
    """What was told at each check-in, with what came."""
    pairs = []
    for person in clinic.people:
        told, came = person.foreseen, person.checked_in_at
        if told is not None and told.estimated_time and came and person.wait is not None:
            started, span = came + person.wait, told.estimated_range
            in_range = None if span is None else span.earliest <= started <= span.latest
            pairs.append(Pair(told.queue_position or 0, told.estimated_time - started, in_range))
    return pairs
