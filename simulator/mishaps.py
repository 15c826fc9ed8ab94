"""What goes wrong in a day: patients cancel, doctors are late, slots can't be held."""

from models.token import LIVE, Status
from simulator.clinic import Clinic, Kind, Person, Room
from simulator.plan import Absence, Cancel, Delay, Incident
from simulator.visits import notice_promotions, plan_arrival, tell_promoted


def room_of(clinic: Clinic, incident: Incident) -> Room:
    """Where an incident strikes."""
    if isinstance(incident, Cancel):
        return _person(clinic, incident).room
    return clinic.rooms[incident.doctor]


async def strike(clinic: Clinic, incident: Incident) -> None:
    """Tell the service of an incident, and the patients what it means to them."""
    room = room_of(clinic, incident)
    match incident:
        case Cancel():
            await _cancel(clinic, _person(clinic, incident), incident.why)
        case Delay():
            await _delay(clinic, room, incident)
        case Absence():
            await _close(clinic, room, incident)
    await notice_promotions(clinic, room)


def _person(clinic: Clinic, incident: Cancel) -> Person:
    return next(person for person in clinic.people if person.visit.key == incident.key)


async def _cancel(clinic: Clinic, person: Person, why: str) -> None:
    """A patient cancels, if they still can."""
    cancellable = (Status.BOOKED, Status.CHECKED_IN, Status.WAITLISTED)
    if person.token is None or person.status not in cancellable:
        return
    done = await clinic.client.cancel(person.token.id, why)
    person.follow(done.token)
    person.trip += 1
    text = f"{person} cancels {person.hour} with {person.room.name}"
    clinic.note(Kind.CANCELLED, person.room, text, f"{why}.", person)
    for promoted in done.promoted:
        await tell_promoted(clinic, clinic.by_token[promoted.id], promoted)


async def _delay(clinic: Clinic, room: Room, incident: Delay) -> None:
    """A slot starts late; those of the slots that it pushes back are told the new time."""
    slot = room.slots[incident.slot]
    before = await clinic.client.slots(room.doctor.id, slot.date)
    await clinic.client.delay(slot.id, incident.minutes)
    after = await clinic.client.slots(room.doctor.id, slot.date)
    pairs = zip(before, after, strict=True)
    pushed = [new for old, new in pairs if old.expected_start != new.expected_start]
    starts = ", ".join(f"{new.start_time} now {new.expected_start:%H:%M}" for new in pushed)
    text = f"{room.name} {incident.why}: {slot.start_time} is {incident.minutes} minutes late"
    why = f"Expected starts: {starts or 'as they were'}. All other slots keep their time."
    clinic.note(Kind.DELAYED, room, text, why)
    ids = {new.id for new in pushed}
    for person in room.people:
        if person.status is Status.BOOKED and person.token and person.token.slot_id in ids:
            await clinic.refresh(person)
            plan_arrival(clinic, person)


async def _close(clinic: Clinic, room: Room, incident: Absence) -> None:
    """A slot can't be held; its patients take other places of the day."""
    slot = room.slots[incident.slot]
    done = await clinic.client.reallocate(slot.id)
    text = f"{room.name} {incident.why}: {slot.start_time} can't be held"
    why = f"{len(done.moved)} moved, {len(done.stayed)} stayed."
    clinic.note(Kind.CLOSED, room, text, why)
    for moved in done.moved:
        person = clinic.by_token[moved.token.id]
        was_booked = person.status is Status.BOOKED
        person.follow(moved.token)
        text = f"{person} goes from {slot.start_time} to {person.hour} with {room.name}"
        await clinic.tell(Kind.MOVED, person, text)
        if was_booked or person.status is Status.BOOKED:
            plan_arrival(clinic, person)
    for stayed in done.stayed:
        person = clinic.by_token[stayed.token.id]
        person.follow(stayed.token)
        clinic.note(Kind.STAYED, room, f"{person} stays", stayed.why, person)
    if not done.moved and not done.stayed:
        # The answer that told of the moves may have been lost, and its repeat tells of none.
        for person in room.people:
            if person.token and person.token.slot_id == slot.id and person.status in LIVE:
                await clinic.refresh(person)
                plan_arrival(clinic, person)
