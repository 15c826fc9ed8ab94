"""What chance decides: who comes on a drawn day, and how each patient is."""

import random
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from msgspec.structs import replace

from models.patient import Patient
from models.source import Source
from services.wording.catalogue import message
from simulator.clinic import Person, Room
from simulator.plan import AT_KIOSK, HOURS, Manner, Mishap, Plan, Visit, clock

_MIX = {
    Source.ONLINE: 10,
    Source.WALKIN: 5,
    Source.PRIORITY: 3,
    Source.FOLLOWUP: 2,
    Source.EMERGENCY: 2,
}
"""How often each source comes: the proportions of the default day."""
_POPULAR = (4, 5, 4, 2, 3, 2, 2)
"""How often each slot is asked for: mornings are wanted, noon is not."""
_OPENS = [clock(start) for start, _ in HOURS]
_FIRST = (
    "Aarav", "Ananya", "Arjun", "Bhavna", "Chirag", "Deepa", "Divya", "Farhan", "Gauri", "Harish",
    "Imran", "Ishita", "Jaya", "Kabir", "Kavya", "Lakshmi", "Manoj", "Meena", "Mohan", "Nandini",
    "Neha", "Pooja", "Prakash", "Rahul", "Rekha", "Rohan", "Salma", "Sanjay", "Sunita", "Tara",
    "Usha", "Varun", "Vidya", "Yusuf", "Zoya",
)  # fmt: skip
_LAST = (
    "Ahmed", "Bhat", "Chauhan", "Das", "Fernandes", "Ghosh", "Gupta", "Hegde", "Iyer", "Jain",
    "Joshi", "Kamath", "Kaur", "Kulkarni", "Mehta", "Mishra", "Naidu", "Patel", "Pinto", "Reddy",
    "Saxena", "Shah", "Sharma", "Shetty", "Singh", "Thomas", "Verma", "Yadav",
)  # fmt: skip
_MANNERS = (Manner.PUNCTUAL, Manner.LATE, Manner.LEAVES)
_STAYS_AWAY, _HAS_TESTS = 0.06, 0.08
"""Shares of the patients of a day that passes."""
_SHORTEST, _LONGEST = 0.4, 2.5
"""Of the planned length of a consultation."""


def draw_plan(chance: random.Random, *, doctors: int, seats: int, load: Fraction) -> Plan:
    """A day whose patients want `load` times its seats; each slot has `seats`.

    A patient in twenty comes late, one in twenty leaves before being called, one in twenty
    cancels; one doctor in three is delayed, one in five misses a slot.
    """
    visits, mishaps = [], []
    for number in range(1, round(load * doctors * len(HOURS) * seats) + 1):
        source = chance.choices(list(_MIX), list(_MIX.values()))[0]
        slot = chance.choices(range(len(HOURS)), _POPULAR)[0]
        at, cancels = _asks_at(chance, source, _OPENS[slot]), None
        manner = chance.choices(_MANNERS, (18, 1, 1))[0]
        doctor = chance.randrange(doctors)
        if source is Source.EMERGENCY:
            manner = Manner.PUNCTUAL
        elif chance.random() < 0.05:
            cancels = chance.randint(at, max(at, _OPENS[slot] - 30))
        visits.append(Visit(f"V{number}", source, doctor, slot, at, manner, cancels))
    for doctor in range(doctors):
        if chance.random() < 1 / 3:
            slot, late = chance.choice((0, 1, 4)), chance.choice((15, 20, 30))
            why = message("{doctor} is held up")
            mishaps.append(Mishap(_OPENS[slot] - 10, doctor, slot, why, late))
        if chance.random() < 1 / 5:
            slot = chance.choice((2, 5))
            why = message("{doctor} is called away")
            mishaps.append(Mishap(_OPENS[slot] - 45, doctor, slot, why))
    return Plan(doctors, seats, sorted(visits, key=lambda visit: visit.at), mishaps)


def _asks_at(chance: random.Random, source: Source, opens: int) -> int:
    if source in AT_KIOSK:
        return chance.randint(-15 * 60, -12 * 60)
    if source is Source.EMERGENCY:
        return opens + chance.randint(0, 40)
    return chance.randint(max(-60, opens - 180), opens - 1)


def draw_live_plan(seed: int, *, doctors: int, seats: int, load: Fraction) -> Plan:
    """The same where the day passes: some stay away, some are sent for tests, the first doctor
    begins late and the last takes a break.
    """
    chance = random.Random(f"live {seed}")
    plan = draw_plan(chance, doctors=doctors, seats=seats, load=load)
    late = Mishap(clock("08:50"), 0, 0, message("{doctor} is still on the ward round"), late=30)
    return replace(
        plan,
        visits=[_of_life(visit, chance) for visit in plan.visits],
        mishaps=[late, *(one for one in plan.mishaps if one.doctor != late.doctor)],
        rests=doctors - 1,
    )


def _of_life(visit: Visit, chance: random.Random) -> Visit:
    away = chance.random() < _STAYS_AWAY and visit.source in AT_KIOSK
    manner = Manner.ABSENT if away else visit.manner
    return replace(visit, manner=manner, tested=chance.random() < _HAS_TESTS)


def draw_people(
    chance: random.Random,
    visits: Sequence[Visit],
    rooms: Sequence[Room],
    *,
    prefix: str,
    consultation_minutes: int,
) -> None:
    """A patient into a room for each visit, all drawn at once, so that no later event shifts the draws.

    Consultations are log-normal about the planned length, as measured ones are; emergencies take
    half as long again.
    """
    first, last = list(_FIRST), list(_LAST)
    chance.shuffle(first)
    chance.shuffle(last)
    for number, visit in enumerate(visits):
        turn, place = divmod(number, len(first))
        spread = min(max(chance.lognormvariate(0.0, 0.4), _SHORTEST), _LONGEST)
        urgency = 1.5 if visit.source is Source.EMERGENCY else 1.0
        patient = Patient(
            id=f"{prefix}-{number + 1:04d}",
            name=f"{first[place]} {last[(place + turn) % len(last)]}",
            phone_number=f"+91 98{chance.randrange(1000):03d} {chance.randrange(100000):05d}",
        )
        room = rooms[visit.doctor]
        person = Person(
            visit=visit,
            room=room,
            patient=patient,
            consultation=timedelta(seconds=round(consultation_minutes * spread * urgency * 60)),
            early=timedelta(minutes=chance.randint(4, 18)),
            late=timedelta(minutes=chance.randint(4, 12)),
        )
        room.people.append(person)
