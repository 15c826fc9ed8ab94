"""What the service says of one doctor's day at one moment, and what of it can't be so."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from answers.slots import SlotOut, StatsOut
from answers.tokens import QueueOut, TokenOut
from models.policy import Policy
from models.slot import SlotStatus
from models.source import Source
from models.token import QUEUED, SEATED, Status
from simulator import invariants
from simulator.clinic import Person, Room
from simulator.invariants import Fault, HeldDay, HeldSlot, HeldToken

Told = TypeVar("Told")


class Snapshot(Struct, frozen=True, kw_only=True):
    """One doctor's day; queues and stats by slot, in order of time, tokens by id.

    `people`: those of the doctor's patients who have a token, with what the service told of it
    earlier. All its tokens are theirs: nobody else books with this doctor.
    """

    doctor: str
    now: datetime
    queues: Mapping[str, QueueOut]
    stats: Mapping[str, StatsOut]
    tokens: Mapping[str, TokenOut]
    people: Mapping[str, Person]

    @property
    def slots(self) -> list[SlotOut]:
        """In order of time."""
        return [queue.slot for queue in self.queues.values()]

    def of(self, slot: SlotOut) -> list[TokenOut]:
        """The tokens that stand in a slot, by rank."""
        here = (token for token in self.tokens.values() if token.slot_id == slot.id)
        return sorted(here, key=lambda token: (-token.priority, _number(token)))


async def look(room: Room) -> Snapshot:
    """Read a doctor's day, and tell what is wrong with it.

    Time may have changed it between two reads, so what is wrong is read twice.
    """
    shot, clinic = await take_snapshot(room), room.clinic
    if faults := find_faults(shot, clinic.policy):
        shot = await take_snapshot(room)
        faults = [one for one in find_faults(shot, clinic.policy) if one in faults]
    clinic.checks += 1
    for fault in faults:
        room.broken(fault)
    room.slots = shot.slots
    return shot


async def take_snapshot(room: Room) -> Snapshot:
    """Read a doctor's day. Nobody may change it meanwhile."""
    people = {person.token_id: person for person in room.people if person.told}
    slots = [slot.id for slot in room.slots]

    async def read(kind: type[Told], path: str, ids: Iterable[str]) -> dict[str, Told]:
        get = room.clinic.client.get
        told = await asyncio.gather(*(get(kind, path.format(id_)) for id_ in ids))
        return dict(zip(ids, told, strict=True))

    return Snapshot(
        doctor=room.doctor.name,
        now=room.clinic.client.now(),
        queues=await read(QueueOut, "/api/tokens/queue/{}", slots),
        stats=await read(StatsOut, "/api/slots/{}/stats", slots),
        tokens=await read(TokenOut, "/api/tokens/{}", people),
        people=people,
    )


def find_faults(shot: Snapshot, policy: Policy) -> list[Fault]:
    """What of the invariants does not hold in one doctor's day; empty when all is well."""
    told = [
        Fault(name, where) for name, check in _OF_ANSWERS.items() for where in check(shot, policy)
    ]
    return [
        Fault(fault.invariant, f"{shot.doctor}: {fault.where}")
        for fault in [*invariants.find_faults(_held(shot, policy)), *told]
    ]


def _held(shot: Snapshot, policy: Policy) -> HeldDay:
    slots = [
        HeldSlot(slot.id, slot.start, slot.max_capacity, _gives_seats(slot)) for slot in shot.slots
    ]
    tokens = [
        HeldToken(
            _number(token),
            token.slot_id,
            token.patient_id or "",
            token.source,
            token.priority,
            token.status,
            shot.people[id_].held_seat,
            len(shot.people[id_].bumps),
        )
        for id_, token in shot.tokens.items()
    ]
    return HeldDay(shot.now, slots, tokens, policy.emergency_overflow, policy.max_bumps)


def _gives_seats(slot: SlotOut) -> bool:
    return slot.status is SlotStatus.OPEN and not slot.over


def _queues_in_order(shot: Snapshot, _: Policy) -> Iterator[str]:
    for slot in shot.slots:
        told, tokens = shot.queues[slot.id], shot.of(slot)
        queued = [token for token in tokens if token.status in QUEUED]
        queued.sort(key=lambda token: token.status is not Status.CALLED)
        waiting = [token for token in tokens if token.status is Status.WAITLISTED]
        for name, is_, should in (
            ("queue", told.queue, queued),
            ("waitlist", told.waitlist, waiting),
        ):
            places = [one.position or one.waitlist_position for one in is_]
            if [token.id for token in is_] != [token.id for token in should]:
                yield f"the {name} of {slot.start_time} is {_labels(is_)}, not {_labels(should)}"
            if places != list(range(1, len(is_) + 1)):
                yield f"the positions in the {name} of {slot.start_time} don't count from 1"


def _counts_agree(shot: Snapshot, _: Policy) -> Iterator[str]:
    bumps = [bump.from_slot_id for person in shot.people.values() for bump in person.bumps]
    for slot in shot.slots:
        tokens, stats = shot.of(slot), shot.stats[slot.id]
        seats, taken = slot.max_capacity, sum(token.status in SEATED for token in tokens)
        statuses = Counter(token.status for token in tokens)
        sources = Counter(token.source for token in tokens)
        waiting = statuses[Status.WAITLISTED]
        for name, told, true in (
            ("taken seats", slot.taken, taken),
            ("available seats", slot.available, max(0, seats - taken) if _gives_seats(slot) else 0),
            ("capacity", slot.capacity, max(seats, taken)),
            ("waitlisted", slot.waitlisted, waiting),
            ("taken seats in its stats", stats.taken, taken),
            ("waitlisted in its stats", stats.waitlisted, waiting),
            ("bumped", stats.bumped, bumps.count(slot.id)),
            ("fill rate", stats.fill_rate, round(taken / seats, 4)),
            ("seats beyond capacity", stats.overflow, max(0, taken - seats)),
            ("statuses", Counter(stats.by_status), statuses),
            ("sources", Counter(stats.by_source), sources),
        ):
            if told != true:
                yield f"{slot.start_time} says {told} for its {name}, not {true}"


def _bumps_by_the_rules(shot: Snapshot, policy: Policy) -> Iterator[str]:
    starts = {slot.id: slot.start for slot in shot.slots}
    for person in shot.people.values():
        number = person.told[0].token_number
        if person.bumps and person.visit.source is Source.EMERGENCY:
            yield f"{number} is an emergency and gave way"
        if len(person.bumps) > policy.max_bumps:
            yield f"{number} gave way {len(person.bumps)} times"
        for bump in person.bumps:
            if bump.to_slot_id and starts[bump.to_slot_id] <= starts[bump.from_slot_id]:
                yield f"{number} was bumped to a slot that is not later"


def _nothing_told_is_lost(shot: Snapshot, _: Policy) -> Iterator[str]:
    for id_, person in shot.people.items():
        first, token, patient = person.told[0], shot.tokens.get(id_), person.patient
        if token is None:
            yield f"{first.token_number} is gone"
            continue
        who = (patient.id, patient.name, patient.phone_number)
        booked = (first.token_number, person.visit.source, first.priority, *who)
        is_ = (token.token_number, token.source, token.priority, token.patient_id)
        if (*is_, token.patient_name, token.phone_number) != booked:
            yield f"{first.token_number} has another number, source, score or patient than was told"


_OF_ANSWERS: Mapping[str, Callable[[Snapshot, Policy], Iterator[str]]] = {
    "Queues and waitlists stand in order of rank": _queues_in_order,
    "Seats, slots' figures and tokens agree": _counts_agree,
    "Nobody was bumped who may not be, nor to an earlier slot": _bumps_by_the_rules,
    "Every token given is there, as it was booked": _nothing_told_is_lost,
}
INVARIANTS = (*invariants.INVARIANTS, *_OF_ANSWERS)
"""All that is checked, in words."""


def _number(token: TokenOut) -> int:
    return int(token.token_number.removeprefix("T"))


def _labels(tokens: Sequence[TokenOut]) -> str:
    return ", ".join(token.token_number for token in tokens) or "empty"
