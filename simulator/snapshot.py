"""What the service says of one doctor's day at one moment, read through its API."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from models.token import Source
from simulator.answers import Bumped, Queue, Slot, Stats, Token
from simulator.clinic import Clinic, Room
from simulator.desk import Desk


class Known(Struct, frozen=True, kw_only=True):
    """What the service told about a token earlier, and what it was told."""

    token_id: str
    number: str
    source: Source
    patient_id: str
    name: str
    phone: str
    held_seat: bool
    bumps: tuple[Bumped, ...] = ()


class Snapshot(Struct, frozen=True, kw_only=True):
    """One doctor's day. All its tokens are known: nobody else books with this doctor."""

    doctor: str
    now: datetime
    slots: Sequence[Slot]
    queues: Mapping[str, Queue]
    stats: Mapping[str, Stats]
    tokens: Mapping[str, Token]
    known: Sequence[Known]


async def take_snapshot(desk: Desk, clinic: Clinic, room: Room) -> Snapshot:
    """Read a doctor's day. Nobody may change it meanwhile."""
    ids = [slot.id for slot in room.slots]
    people = [(person, person.token) for person in room.people]
    known = [
        Known(
            token_id=token.id,
            number=person.first_number,
            source=person.source,
            patient_id=person.id,
            name=person.name,
            phone=person.phone,
            held_seat=person.held_seat,
            bumps=tuple(clinic.bumps.get(token.id, ())),
        )
        for person, token in people
        if token is not None
    ]
    now = desk.now()
    slots = await desk.slots(room.doctor.id, room.slots[0].date)
    queues = await asyncio.gather(*(desk.queue(id_) for id_ in ids))
    stats = await asyncio.gather(*(desk.stats(id_) for id_ in ids))
    tokens = await asyncio.gather(*(desk.token(each.token_id) for each in known))
    return Snapshot(
        doctor=room.doctor.name,
        now=now,
        slots=slots,
        queues=dict(zip(ids, queues, strict=True)),
        stats=dict(zip(ids, stats, strict=True)),
        tokens={token.id: token for token in tokens},
        known=known,
    )
