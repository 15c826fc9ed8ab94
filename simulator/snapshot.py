"""What the service says of one doctor's day at one moment, and what of it can't be so."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from answers.slots import SlotOut, StatsOut
from answers.tokens import QueueOut, TokenOut
from models.policy import Policy
from models.slot import SlotStatus
from models.source import Source
from models.token import QUEUED, SEATED, Status
from simulator import invariants
from simulator.client import seen
from simulator.clinic import Person, Room
from simulator.happenings import Kind
from simulator.invariants import Fault, HeldDay, HeldSlot, HeldToken


class Snapshot(Struct, frozen=True, kw_only=True):
    """One doctor's day; queues and stats by slot, tokens by id.

    `people`: those of the doctor's patients who have a token, with what the service told of it
    earlier. All its tokens are theirs: nobody else books with this doctor.
    """

    doctor: str
    now: datetime
    slots: Sequence[SlotOut]
    queues: Mapping[str, QueueOut]
    stats: Mapping[str, StatsOut]
    tokens: Mapping[str, TokenOut]
    people: Mapping[str, Person]

    def of(self, slot: SlotOut) -> list[TokenOut]:
        """The tokens that stand in a slot, by rank."""
        here = (token for token in self.tokens.values() if token.slot_id == slot.id)
        return sorted(here, key=lambda token: (-token.priority, _number(token)))


async def look(room: Room) -> Snapshot:
    """Read a doctor's day, and tell what is wrong with it, where nobody else changes it.

    Time may have changed it between two reads, so what is wrong is read twice.
    """
    shot, clinic = await take_snapshot(room), room.clinic
    if clinic.alone:
        faults = find_faults(shot, clinic.policy)
        if faults:
            shot = await take_snapshot(room)
            faults = [one for one in find_faults(shot, clinic.policy) if one in faults]
        clinic.checks += 1
        for fault in faults:
            tell_fault(room, fault)
    room.slots = list(shot.slots)
    return shot


def tell_fault(room: Room, fault: Fault) -> None:
    """What is wrong is told once."""
    if fault not in room.clinic.faults:
        room.clinic.faults.append(fault)
        room.note(Kind.BROKEN, fault.invariant, where=fault.where)


async def take_snapshot(room: Room) -> Snapshot:
    """Read a doctor's day. Nobody may change it meanwhile."""
    get, ids = room.clinic.client.get, [slot.id for slot in room.slots]
    people = {seen(person.token.id): person for person in room.people if person.told}
    tokens = await asyncio.gather(*(get(TokenOut, f"/api/tokens/{id_}") for id_ in people))
    queues = await asyncio.gather(*(get(QueueOut, f"/api/tokens/queue/{id_}") for id_ in ids))
    stats = await asyncio.gather(*(get(StatsOut, f"/api/slots/{id_}/stats") for id_ in ids))
    return Snapshot(
        doctor=room.doctor.name,
        now=room.clinic.client.now(),
        slots=await get(list[SlotOut], room.path("/api/slots/doctor")),
        queues=dict(zip(ids, queues, strict=True)),
        stats=dict(zip(ids, stats, strict=True)),
        tokens=dict(zip(people, tokens, strict=True)),
        people=people,
    )


def find_faults(shot: Snapshot, policy: Policy) -> list[Fault]:
    """What of the invariants does not hold in one doctor's day; empty when all is well."""
    told = [Fault(name, where) for name, check in _OF_ANSWERS for where in check(shot, policy)]
    return [
        Fault(fault.invariant, f"{shot.doctor}: {fault.where}")
        for fault in [*invariants.find_faults(_held(shot, policy)), *told]
    ]


def _held(shot: Snapshot, policy: Policy) -> HeldDay:
    slots = []
    for slot in shot.slots:
        ends = slot.expected_start + (slot.end - slot.start)
        gives_seats = slot.status is SlotStatus.OPEN and shot.now < ends
        slots.append(HeldSlot(slot.id, slot.start, slot.max_capacity, gives_seats))
    tokens = []
    for id_, one in shot.tokens.items():
        held_seat, bumps = shot.people[id_].held_seat, len(shot.people[id_].bumps)
        patient, source, score = seen(one.patient_id), one.source, one.priority
        tokens.append(
            HeldToken(
                _number(one), one.slot_id, patient, source, score, one.status, held_seat, bumps
            )
        )
    return HeldDay(shot.now, slots, tokens, policy.emergency_overflow, policy.max_bumps)


def _numbers_as_they_were_told(shot: Snapshot, _: Policy) -> Iterator[str]:
    for token_id, person in shot.people.items():
        first, token = person.told[0].token_number, shot.tokens.get(token_id)
        if token is None:
            yield f"{first} is gone"
        elif token.token_number != first:
            yield f"{first} became {token.token_number}"


def _queues_in_order(shot: Snapshot, _: Policy) -> Iterator[str]:
    for slot in shot.slots:
        told, tokens = shot.queues[slot.id], shot.of(slot)
        queued = [token for token in tokens if token.status in QUEUED]
        queued.sort(key=lambda token: token.status is not Status.CALLED)
        waiting = [token for token in tokens if token.status is Status.WAITLISTED]
        for name, is_, places, should in (
            ("queue", told.queue, [token.position for token in told.queue], queued),
            (
                "waitlist",
                told.waitlist,
                [token.waitlist_position for token in told.waitlist],
                waiting,
            ),
        ):
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
        gives_seats = slot.status is SlotStatus.OPEN and not slot.over
        for name, told, true in (
            ("taken seats", slot.taken, taken),
            ("available seats", slot.available, max(0, seats - taken) if gives_seats else 0),
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
    scores = {source: set[int]() for source in Source}
    for id_, token in shot.tokens.items():
        person = shot.people[id_]
        source, patient = person.visit.source, person.patient
        scores[source].add(token.priority)
        told = (token.source, token.patient_id, token.patient_name, token.phone_number)
        if told != (source, patient.id, patient.name, patient.phone_number):
            yield f"{token.token_number} has another source, patient, name or phone than was booked"
    for source, given in scores.items():
        if len(given) > 1:
            yield f"{source} tokens have several scores: {sorted(given)}"


_NUMBERS = "Token numbers count from 1 without gaps and never change"
_OF_ANSWERS: Sequence[tuple[str, Callable[[Snapshot, Policy], Iterator[str]]]] = (
    (_NUMBERS, _numbers_as_they_were_told),
    ("Queues and waitlists stand in order of rank", _queues_in_order),
    ("Seats, slots' figures and tokens agree", _counts_agree),
    ("Nobody was bumped who may not be, nor to an earlier slot", _bumps_by_the_rules),
    ("Every token given is there, as it was booked", _nothing_told_is_lost),
)
INVARIANTS = tuple(dict.fromkeys([*invariants.INVARIANTS, *(name for name, _ in _OF_ANSWERS)]))
"""All that is checked, in words."""


def _number(token: TokenOut) -> int:
    return int(token.token_number.removeprefix("T"))


def _labels(tokens: Sequence[TokenOut]) -> str:
    return ", ".join(token.token_number for token in tokens) or "empty"
