"""A patient's way through the day: asks for a token, comes, is called, is seen."""

from datetime import timedelta
from functools import partial

from answers.tokens import BookingOut, BumpedOut, TokenOut
from models.source import Source
from models.token import Status
from simulator.client import Refused
from simulator.clinic import Clinic, Kind, Person, Room
from simulator.plan import Manner

_STAYS_IF_WITHIN = timedelta(minutes=45)
"""A walk-in whose turn comes within this does not leave the house."""
_WALK = timedelta(minutes=1)
"""From the waiting room to the doctor."""
_NOBODY_COMES = timedelta(minutes=2)
"""After this the doctor asks for the next, while the desk goes on calling."""

# A token


async def book(clinic: Clinic, person: Person) -> None:
    """Ask for a token; patient and who gives way are told when to come."""
    booking = await ask_for_token(clinic, person)
    if booking is not None:
        await tell_booking(clinic, person, booking)
        plan_arrival(clinic, person)


async def ask_for_token(clinic: Clinic, person: Person) -> BookingOut | None:
    """Ask for a token, and nothing else; None if it is refused."""
    room, slot = person.room, person.room.slots[person.visit.slot]
    try:
        booking = await clinic.client.book(slot.id, person.visit.source, person.patient)
    except Refused as refusal:
        person.refused = True
        text = f"{person}: no token for {slot.start_time} with {room.name}"
        clinic.note(Kind.REFUSED, room, text, str(refusal), person)
        return None
    person.follow(booking)
    clinic.by_token[booking.id] = person
    return booking


async def tell_booking(clinic: Clinic, person: Person, booking: BookingOut) -> None:
    """Tell what a booking came to, and who gave way."""
    kind, does = Kind.BOOKED, "gets"
    if booking.status is Status.WAITLISTED:
        kind, does = Kind.WAITLISTED, "waits for"
    elif booking.source is Source.EMERGENCY:
        slot = (await clinic.client.queue(booking.slot_id)).slot
        if slot.taken > slot.max_capacity:
            kind, does = Kind.EXTRA_SEAT, "gets an extra seat,"
    hour = person.room.hour(booking.slot_id)
    await clinic.tell(kind, person, f"{person} {does} {hour} with {person.room.name}")
    if booking.bumped is not None:
        await _tell_bumped(clinic, clinic.by_token[booking.bumped.token_id], booking.bumped)


async def _tell_bumped(clinic: Clinic, person: Person, bumped: BumpedOut) -> None:
    await clinic.refresh(person)
    person.held_seat = True
    person.bumps.append(bumped)
    room, hour = person.room, person.room.hour(bumped.from_slot_id)
    if bumped.to_slot_id is None:
        text = f"{person} loses {hour} with {room.name} and waits"
    else:
        text = f"{person} moves from {hour} to {room.hour(bumped.to_slot_id)} with {room.name}"
    await clinic.tell(Kind.BUMPED, person, text)
    plan_arrival(clinic, person)


async def notice_promotions(clinic: Clinic, room: Room) -> None:
    """Tell those who wait for a seat that they have one now."""
    for person in room.people:
        if person.token is not None and person.status is Status.WAITLISTED:
            fresh = await clinic.client.token(person.token.id)
            if fresh.status is not Status.WAITLISTED:
                await tell_promoted(clinic, person, fresh)


async def tell_promoted(clinic: Clinic, person: Person, token: TokenOut) -> None:
    """Tell one who waited for a seat that they have one."""
    person.follow(token)
    text = f"{person} gets {person.hour} with {person.room.name}"
    await clinic.tell(Kind.PROMOTED, person, text)
    plan_arrival(clinic, person)


# Coming


def plan_arrival(clinic: Clinic, person: Person) -> None:
    """The patient is told a time, and comes as their manner is; earlier plans are void."""
    person.trip += 1
    token, agenda = person.token, person.room.agenda
    if token is None or token.status is not Status.BOOKED or token.estimated_time is None:
        return
    told_at = max(agenda.now, clinic.at(person.visit.at))
    gives_up = max(token.estimated_time + clinic.grace, told_at)
    if person.visit.manner is Manner.LATE:
        comes = gives_up + person.late
    elif _is_in_the_house(person, token.estimated_time - told_at):
        comes = told_at
    else:
        comes = max(token.estimated_time - person.early, told_at)
    agenda.at(comes, partial(_arrive, clinic, person, person.trip))
    agenda.at(gives_up, partial(_give_up, clinic, person, person.trip))


def _is_in_the_house(person: Person, left: timedelta) -> bool:
    """Emergencies are; walk-ins stand at the desk, and who waited for a seat has not gone far."""
    stays = person.visit.source is Source.WALKIN or person.waited_for_seat
    return person.visit.source is Source.EMERGENCY or (stays and left <= _STAYS_IF_WITHIN)


async def _arrive(clinic: Clinic, person: Person, trip: int) -> None:
    if person.trip != trip or person.status not in (Status.BOOKED, Status.NO_SHOW):
        return
    room, late = person.room, person.status is Status.NO_SHOW
    try:
        await clinic.set_status(person, Status.CHECKED_IN)
    except Refused as refusal:
        text = f"{person} comes too late for {room.name}"
        clinic.note(Kind.REFUSED, room, text, str(refusal), person)
        return
    person.checked_in_at = room.agenda.now
    if late:
        text = f"{person} comes late for {room.name} and is let in"
        await clinic.tell(Kind.CAME_LATE, person, text)
    else:
        clinic.note(Kind.CHECKED_IN, room, f"{person} is here", person=person)
    await next_patient(clinic, room)


async def _give_up(clinic: Clinic, person: Person, trip: int) -> None:
    """The grace is over, and the patient has not come."""
    if person.trip == trip and person.status is Status.BOOKED:
        grace = f"{clinic.grace.total_seconds() / 60:.0f} minutes"
        await _mark_absent(clinic, person, f"Not here {grace} after the time they were told.")


async def _mark_absent(clinic: Clinic, person: Person, why: str) -> None:
    """A no-show; the seat goes to who waits for it."""
    await clinic.set_status(person, Status.NO_SHOW)
    text = f"{person} is not here for {person.room.name}"
    clinic.note(Kind.NO_SHOW, person.room, text, why, person)
    await notice_promotions(clinic, person.room)


# With the doctor


async def next_patient(clinic: Clinic, room: Room) -> None:
    """Call the next patient, if the doctor is free and anybody's slot has begun.

    Doctors see who is here, as the service's line says, and nobody before their slot begins.
    """
    if room.busy or not any(one.status is Status.CHECKED_IN for one in room.people):
        return
    day = room.slots[0].date
    begins = {
        slot.id: slot.expected_start for slot in await clinic.client.slots(room.doctor.id, day)
    }
    for entry in (await clinic.client.line(room.doctor.id, day)).line:
        if entry.token.status is Status.CHECKED_IN:
            if begins[entry.token.slot_id] <= room.agenda.now:
                await _call(clinic, clinic.by_token[entry.token.id])
                return
            room.agenda.at(begins[entry.token.slot_id], partial(next_patient, clinic, room))


async def _call(clinic: Clinic, person: Person) -> None:
    room, agenda = person.room, person.room.agenda
    await clinic.set_status(person, Status.CALLED)
    room.busy = True
    clinic.note(Kind.CALLED, room, f"{person.patient.name} is called", person=person)
    if person.visit.manner is Manner.LEAVES:
        why = f"Called {_minutes(clinic.timeout)} ago, and nobody came."
        agenda.at(agenda.now + _NOBODY_COMES, partial(_go_on, clinic, room))
        agenda.at(agenda.now + clinic.timeout, partial(_mark_absent, clinic, person, why))
    else:
        agenda.at(agenda.now + _WALK, partial(_begin, clinic, person))


async def _begin(clinic: Clinic, person: Person) -> None:
    agenda = person.room.agenda
    await clinic.set_status(person, Status.IN_CONSULTATION)
    person.started_at = agenda.now
    agenda.at(agenda.now + person.consultation, partial(_finish, clinic, person))


async def _finish(clinic: Clinic, person: Person) -> None:
    await clinic.set_status(person, Status.COMPLETED)
    waited, took = _minutes(person.wait or timedelta()), _minutes(person.consultation)
    text = f"{person.patient.name}: waited {waited}, then {took} with {person.room.name}"
    clinic.note(Kind.SEEN, person.room, text, person=person)
    await _go_on(clinic, person.room)


async def _go_on(clinic: Clinic, room: Room) -> None:
    room.busy = False
    await next_patient(clinic, room)


def _minutes(span: timedelta) -> str:
    return f"{round(span.total_seconds() / 60)} min"
