"""A patient's way through the day: asks for a token, comes, is called, is seen."""

import asyncio
from datetime import timedelta

from answers.events import EntryOut, HistoryOut
from answers.lines import LineOut
from answers.tokens import BookingOut, QueueOut, TokenOut
from models.source import Source
from models.token import Status
from simulator.client import Refused, seen
from simulator.clinic import Person, Room, Script
from simulator.happenings import OF_EVENTS, Kind
from simulator.plan import Manner

_STAYS_IF_WITHIN = timedelta(minutes=45)
"""A walk-in whose turn comes within this does not leave the house."""
WALK = timedelta(minutes=1)
"""From the waiting room to the doctor."""
NOBODY_COMES = timedelta(minutes=2)
"""After this the doctor asks for the next, while the desk goes on calling."""

# A token


async def visit(person: Person) -> Script:
    """Ask for a token in time, unless all have asked at once."""
    if not person.room.clinic.at_once:
        yield person.room.clinic.at(person.visit.at)
        await book(person)


async def book(person: Person) -> None:
    """Ask for a token; the patient and whoever gives way are told when to come."""
    booking = await ask_for_token(person)
    await tell_booking(person)
    if booking is not None and booking.bumped is not None:
        await tell_changes(person.room)


async def ask_for_token(person: Person) -> BookingOut | None:
    """Ask for a token, and nothing else; None if it is refused."""
    room, slot = person.room, person.room.slots[person.visit.slot]
    try:
        booking = await room.clinic.client.book(slot.id, person.visit.source, person.patient)
    except Refused as refusal:
        person.note(Kind.REFUSED, str(refusal))
        return None
    person.told.append(booking)
    if booking.bumped is not None:
        room.bumps.append(booking.bumped)
    return booking


async def tell_booking(person: Person) -> None:
    """Tell a patient what the booking came to."""
    if person.told:
        first = (await _history(person))[0]
        person.note(OF_EVENTS[first.type], first.reason)
        plan_arrival(person)


async def tell_changes(room: Room) -> None:
    """Tell each patient of a doctor whose place or hour is not as they were last told."""
    client, before = room.clinic.client, {slot.id: slot.expected_start for slot in room.slots}
    queues = await asyncio.gather(
        *(client.get(QueueOut, f"/api/tokens/queue/{slot.id}") for slot in room.slots)
    )
    room.slots = [queue.slot for queue in queues]
    pushed = {slot.id for slot in room.slots if slot.expected_start != before[slot.id]}
    live = {token.id: token for queue in queues for token in [*queue.queue, *queue.waitlist]}
    for person in room.people:
        now = live.get(person.token.id) if person.told else None
        if now is not None:
            was = person.token
            if (was.slot_id, was.status) != (now.slot_id, now.status):
                await _tell_change(person, was, now)
            elif now.slot_id in pushed:
                person.told.append(now)
                plan_arrival(person)


async def _tell_change(person: Person, was: TokenOut, now: TokenOut) -> None:
    person.told.append(now)
    last = (await _history(person))[-1]
    kind = OF_EVENTS.get(last.type)
    if kind is Kind.BUMPED and now.status is Status.WAITLISTED:
        kind = Kind.BUMPED_OUT
    if kind is not None:  # else it concerns no place, and somebody else did it
        person.note(kind, last.reason, was=person.room.hour(was.slot_id))
    plan_arrival(person)


async def _history(person: Person) -> list[EntryOut]:
    path = f"/api/tokens/{person.token.id}/history"
    return (await person.room.clinic.client.get(HistoryOut, path)).entries


# Coming


def plan_arrival(person: Person) -> None:
    """The patient is told a time, and comes as their manner is; earlier plans are void."""
    person.trip += 1
    person.comes_at = None
    if person.status is Status.BOOKED:
        person.room.agenda.add(person.room.clinic.come(person, person.trip))


async def come(person: Person, trip: int) -> Script:
    """Late ones only after the desk gave them up. In a slot that is closed nobody has a time."""
    room, clinic, due = person.room, person.room.clinic, person.token.estimated_time
    if due is None:
        return
    told_at = max(room.agenda.now, clinic.at(person.visit.at))
    if person.visit.manner is Manner.LATE:
        yield max(due + clinic.grace, told_at)
        if person.trip == trip and person.status is Status.BOOKED:
            n = minutes(clinic.grace)
            why = clinic.words.say("Not here {n} minutes after the time they were told.", n=n)
            await _mark_absent(person, why)
        yield room.agenda.now + person.late
    elif not will_stay(person, due - told_at):
        yield max(due - person.early, told_at)
    if person.trip == trip and person.status in (Status.BOOKED, Status.NO_SHOW):
        await _arrive(person, late=person.status is Status.NO_SHOW)


def will_stay(person: Person, left: timedelta) -> bool:
    """Emergencies are; walk-ins stand at the desk, and who waited for a seat has not gone far."""
    stays = person.visit.source is Source.WALKIN or person.waited_for_seat
    return person.visit.source is Source.EMERGENCY or (stays and left <= _STAYS_IF_WITHIN)


async def _arrive(person: Person, *, late: bool) -> None:
    try:
        await _set_status(person, Status.CHECKED_IN)
    except Refused as refusal:
        person.note(Kind.TOO_LATE, str(refusal))
        return
    person.checked_in_at = person.room.agenda.now
    if late:
        person.note(Kind.CAME_LATE, (await _history(person))[-1].reason)
    else:
        person.note(Kind.CHECKED_IN)
    await next_patient(person.room)


async def _mark_absent(person: Person, why: str) -> None:
    """A no-show; the seat goes to who waits for it."""
    await _set_status(person, Status.NO_SHOW)
    person.note(Kind.NO_SHOW, why)
    await tell_changes(person.room)


async def _set_status(person: Person, status: Status) -> None:
    client = person.room.clinic.client
    person.told.append(await client.set_status(seen(person.token.id), status))


# With the doctor


async def doctors_day(room: Room) -> Script:
    """Whenever a slot begins, delays included, the doctor asks for the next patient."""
    while begins := [s.expected_start for s in room.slots if s.expected_start > room.agenda.now]:
        yield min(begins)
        await next_patient(room)


async def next_patient(room: Room) -> None:
    """Call the next patient, if the doctor is free and anybody's slot has begun.

    Doctors see who is here, as the service's line says, and nobody before their slot begins.
    """
    now, client = room.agenda.now, room.clinic.client
    begun = {slot.id for slot in room.slots if slot.expected_start <= now}
    here = {one.token.id: one for one in room.people if one.status is Status.CHECKED_IN}
    if here and not room.busy:
        line = [entry.token for entry in (await client.get(LineOut, room.path("/api/queue"))).line]
        called = [one for one in line if one.id in here and one.slot_id in begun]
        if called:
            room.busy = True
            person = here[called[0].id]
            await _set_status(person, Status.CALLED)
            person.note(Kind.CALLED)
            gone = person.visit.manner is Manner.LEAVES
            room.agenda.add(_miss(person) if gone else _see(person))


async def _see(person: Person) -> Script:
    agenda = person.room.agenda
    yield agenda.now + WALK
    await _set_status(person, Status.IN_CONSULTATION)
    waited = agenda.now - (person.checked_in_at or agenda.now)
    person.wait = waited
    yield agenda.now + person.consultation
    await _set_status(person, Status.COMPLETED)
    tell_seen(person)
    await _go_on(person.room)


def tell_seen(person: Person) -> None:
    """That a patient has been seen, and how long it took."""
    waited = minutes(person.wait or timedelta())
    person.note(Kind.SEEN, waited=waited, took=minutes(person.consultation))


async def _miss(person: Person) -> Script:
    """Called, and gone: the doctor does not wait for as long as the desk calls."""
    clinic, called_at = person.room.clinic, person.room.agenda.now
    yield called_at + NOBODY_COMES
    await _go_on(person.room)
    yield called_at + clinic.timeout
    n = minutes(clinic.timeout)
    await _mark_absent(person, clinic.words.say("Called {n} min ago, and nobody came.", n=n))


async def _go_on(room: Room) -> None:
    room.busy = False
    await next_patient(room)


def minutes(span: timedelta) -> int:
    """In whole minutes, as they are told."""
    return round(span.total_seconds() / 60)
