"""What patients do: ask for a token, come as they are told, in time or late, cancel."""

import asyncio
from datetime import timedelta

from answers.events import EntryOut, HistoryOut
from answers.lines import KioskOut
from answers.tokens import BookingOut, CancellationOut, QueueOut, TokenOut
from models.source import Source
from models.token import Status
from simulator.client import Refused
from simulator.clinic import Person, Room, Script
from simulator.happenings import OF_EVENTS, Kind
from simulator.plan import AT_KIOSK, Manner
from simulator.snapshot import look

_STAYS_IF_WITHIN = timedelta(minutes=45)
"""A walk-in whose turn comes within this does not leave the house."""
_CANCELLABLE = (Status.BOOKED, Status.CHECKED_IN, Status.WAITLISTED)

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
        person.note(Kind.REFUSED, why=str(refusal))
        return None
    person.told.append(booking)
    if booking.bumped is not None:
        room.bumps.append(booking.bumped)
    return booking


async def tell_booking(person: Person) -> None:
    """Tell a patient what the booking came to."""
    if person.told:
        first = (await _history(person))[0]
        person.note(OF_EVENTS[first.type], why=first.reason)
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
        if (now := live.get(person.token_id)) is not None:
            was = person.token
            if (was.slot_id, was.status) != (now.slot_id, now.status):
                await _tell_change(person, was, now)
            elif now.slot_id in pushed:
                person.told.append(now)
                plan_arrival(person)


async def _tell_change(person: Person, was: TokenOut, now: TokenOut) -> None:
    person.told.append(now)
    last, room = (await _history(person))[-1], person.room
    kind = OF_EVENTS.get(last.type)
    if kind is not None:  # else it concerns no place, and somebody else did it
        waits = now.status is Status.WAITLISTED
        to = room.clinic.words.say("waitlist") if waits else room.hour(now.slot_id)
        before = room.hour(was.slot_id)
        person.note(kind, to if to == before else f"{before} → {to}", last.reason)
    plan_arrival(person)


async def _history(person: Person) -> list[EntryOut]:
    path = f"/api/tokens/{person.token_id}/history"
    return (await person.room.clinic.client.get(HistoryOut, path)).entries


# Coming


def plan_arrival(person: Person) -> None:
    """The patient is told a time, and comes as their manner is; earlier plans are void."""
    person.trip += 1
    person.on_the_way = False
    if person.status is Status.BOOKED:
        person.room.agenda.add(_come(person, person.trip))


async def _come(person: Person, trip: int) -> Script:
    """In time, late, or never. In a slot that is closed nobody has a time."""
    room, clinic, due = person.room, person.room.clinic, person.token.estimated_time
    manner = person.visit.manner
    if due is None or manner is Manner.ABSENT:
        return
    person.on_the_way = True
    if manner is Manner.LATE:
        grace = clinic.policy.late_grace_minutes
        given_up = max(due + timedelta(minutes=grace), room.agenda.now)
        yield given_up
        if person.trip == trip and person.status is Status.BOOKED and not clinic.live:
            why = clinic.words.say("Not here {n} minutes after the time they were told.", n=grace)
            await mark_absent(person, why)
        yield given_up + person.late
    else:
        asked_at = max(clinic.at(person.visit.at), room.agenda.now)
        stays = _stays(person, due - asked_at)
        yield asked_at if stays else max(due - person.early, asked_at)
    if person.trip == trip:
        person.on_the_way = False
        if person.status in (Status.BOOKED, Status.NO_SHOW) and not room.finished:
            await _check_in(person, late=manner is Manner.LATE)


def _stays(person: Person, left: timedelta) -> bool:
    """Emergencies are there; walk-ins stand at the desk, and who waited for a seat is not far."""
    near = person.visit.source is Source.WALKIN or person.waited_for_seat
    return person.visit.source is Source.EMERGENCY or (near and left <= _STAYS_IF_WITHIN)


async def _check_in(person: Person, *, late: bool) -> None:
    """At the desk; where the day passes, at the kiosk, if the patient can."""
    clinic, why = person.room.clinic, ""
    try:
        if clinic.live and person.visit.source in AT_KIOSK and not late:
            await clinic.client.ask(
                KioskOut,
                "POST",
                "/api/check-in",
                doctorId=person.room.doctor.id,
                tokenNumber=person.token.token_number,
                phoneDigits=(person.patient.phone_number or "")[-4:],
            )
            await person.hear()
            why = clinic.words.say("At the kiosk.")
        else:
            there = await clinic.client.set_status(person.token_id, Status.CHECKED_IN)
            person.told.append(there)
    except Refused as refusal:
        await person.hear()
        person.note(Kind.TOO_LATE, why=str(refusal))
        return
    person.checked_in_at, person.foreseen = person.room.agenda.now, person.token
    person.note(Kind.CAME_LATE if late else Kind.CHECKED_IN, why=why)


# Not coming


async def mark_absent(person: Person, why: str) -> None:
    """A no-show; the seat goes to who waits for it."""
    if await person.stands(Status.NO_SHOW, why):
        person.note(Kind.NO_SHOW, why=why)
        await tell_changes(person.room)


async def cancel(person: Person) -> Script:
    """A patient who means to cancels, if they still can."""
    room, clinic = person.room, person.room.clinic
    if person.visit.cancels is None:
        return
    yield clinic.at(person.visit.cancels)
    if person.status in _CANCELLABLE:
        path, why = f"/api/tokens/{person.token_id}/cancel", clinic.words.say("Feels better.")
        done = await clinic.client.ask(CancellationOut, "DELETE", path, reason=why)
        person.told.append(done.token)
        person.note(Kind.CANCELLED, why=why)
        await tell_changes(room)
    await look(room)
