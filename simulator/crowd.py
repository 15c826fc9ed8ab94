"""A drawn day: any number of doctors and as many patients as the load asks for."""

import random
from fractions import Fraction

from models.source import Source
from simulator.plan import HOURS, Absence, Cancel, Delay, Incident, Manner, Plan, Visit

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
_OPENS = (0, 60, 120, 180, 300, 360, 420)
"""Minutes from the opening to each slot's start."""


def draw_crowd(chance: random.Random, *, doctors: int, seats: int, load: Fraction) -> Plan:
    """A day whose patients want `load` times its seats; each slot has `seats`.

    A patient in twenty comes late, one in twenty leaves before being called, one in twenty
    cancels; one doctor in three is delayed, one in five misses a slot.
    """
    count = round(load * doctors * len(HOURS) * seats)
    sources, weights = list(_MIX), list(_MIX.values())
    visits = []
    incidents: list[Incident] = []
    for number in range(1, count + 1):
        source = chance.choices(sources, weights)[0]
        slot = chance.choices(range(len(HOURS)), _POPULAR)[0]
        at = _asks_at(chance, source, _OPENS[slot])
        manner = chance.choices(list(Manner), (18, 1, 1))[0]
        visit = Visit(
            key=f"V{number}",
            source=source,
            doctor=chance.randrange(doctors),
            slot=slot,
            at=at,
            manner=Manner.PUNCTUAL if source is Source.EMERGENCY else manner,
        )
        visits.append(visit)
        if source is not Source.EMERGENCY and chance.random() < 0.05:
            hour = chance.randint(at, max(at, _OPENS[slot] - 30))
            incidents.append(Cancel(at=hour, key=visit.key, why="Can't come"))
    incidents += _mishaps(chance, doctors)
    visits.sort(key=lambda visit: visit.at)
    incidents.sort(key=lambda incident: incident.at)
    return Plan(doctors=doctors, capacity=seats, visits=tuple(visits), incidents=tuple(incidents))


def _asks_at(chance: random.Random, source: Source, opens: int) -> int:
    if source in (Source.ONLINE, Source.FOLLOWUP):
        return chance.randint(-15 * 60, -12 * 60)
    if source is Source.EMERGENCY:
        return opens + chance.randint(0, 40)
    return chance.randint(max(-60, opens - 180), opens - 1)


def _mishaps(chance: random.Random, doctors: int) -> list[Incident]:
    mishaps: list[Incident] = []
    for doctor in range(doctors):
        if chance.random() < 1 / 3:
            slot = chance.choice((0, 1, 4))
            mishaps.append(
                Delay(
                    at=_OPENS[slot] - 10,
                    doctor=doctor,
                    slot=slot,
                    minutes=chance.choice((15, 20, 30)),
                    why="is held up",
                )
            )
        if chance.random() < 1 / 5:
            slot = chance.choice((2, 5))
            mishaps.append(
                Absence(at=_OPENS[slot] - 45, doctor=doctor, slot=slot, why="is called away")
            )
    return mishaps
