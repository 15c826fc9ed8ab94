"""What goes wrong in a day: patients cancel, doctors are late, slots can't be held."""

from models.token import LIVE, Status
from simulator.clinic import Clinic, Room
from simulator.desk import Desk
from simulator.front_desk import FrontDesk, who
from simulator.journal import Kind
from simulator.people import Person
from simulator.plan import Absence, Cancel, Delay


class Mishaps:
    """Tells the service, and has the front desk tell the patients."""

    def __init__(self, desk: Desk, clinic: Clinic, front_desk: FrontDesk) -> None:
        self._desk = desk
        self._clinic = clinic
        self._front = front_desk

    async def cancel(self, room: Room, person: Person, incident: Cancel) -> None:
        """A patient cancels, if they still can."""
        if person.token is None or person.status not in (
            Status.BOOKED,
            Status.CHECKED_IN,
            Status.WAITLISTED,
        ):
            return
        done = await self._desk.cancel(person.token.id, incident.why)
        person.follow(done.token)
        person.trip += 1
        hour = room.hour(done.token.slot_id)
        self._front.note(
            Kind.CANCELLED,
            room,
            f"{who(person)} cancels {hour} with {room.name}",
            f"{incident.why}.",
            person,
        )
        for promoted in done.promoted:
            await self._front.tell_promoted(room, self._clinic.by_token[promoted.id], promoted)
        await self._front.notice_promotions(room)

    async def delay(self, room: Room, incident: Delay) -> None:
        """A slot starts late; those of the slots that it pushes back are told the new time."""
        slot = room.slots[incident.slot]
        before = await self._desk.slots(room.doctor.id, slot.date)
        await self._desk.delay(slot.id, incident.minutes)
        after = await self._desk.slots(room.doctor.id, slot.date)
        pushed = {
            new.id: new
            for old, new in zip(before, after, strict=True)
            if old.expected_start != new.expected_start
        }
        starts = ", ".join(
            f"{new.start_time} now {new.expected_start.astimezone(new.start.tzinfo):%H:%M}"
            for new in pushed.values()
        )
        self._front.note(
            Kind.DELAYED,
            room,
            f"{room.name} {incident.why}: {slot.start_time} is {incident.minutes} minutes late",
            f"Expected starts: {starts or 'as they were'}. All other slots keep their time.",
        )
        await self._front.notice_promotions(room)
        for person in room.people:
            if person.status is Status.BOOKED and person.token and person.token.slot_id in pushed:
                await self._front.catch_up(room, person)

    async def close(self, room: Room, incident: Absence) -> None:
        """A slot can't be held; its patients take other places of the day."""
        slot = room.slots[incident.slot]
        done = await self._desk.reallocate(slot.id)
        self._front.note(
            Kind.CLOSED,
            room,
            f"{room.name} {incident.why}: {slot.start_time} can't be held",
            f"{len(done.moved)} moved, {len(done.stayed)} stayed.",
        )
        for moved in done.moved:
            person = self._clinic.by_token[moved.token.id]
            waiting = person.status is Status.BOOKED
            person.follow(moved.token)
            text = f"{who(person)} goes from {slot.start_time} to {room.hour(moved.token.slot_id)} with {room.name}"
            self._front.note(Kind.MOVED, room, text, await self._front.why(moved.token.id), person)
            if waiting or person.status is Status.BOOKED:
                self._front.plan_arrival(room, person)
        for stayed in done.stayed:
            person = self._clinic.by_token[stayed.token.id]
            person.follow(stayed.token)
            self._front.note(Kind.STAYED, room, f"{who(person)} stays", stayed.why, person)
        if not done.moved and not done.stayed:
            await self._read_again(room, slot.id)
        await self._front.notice_promotions(room)

    async def _read_again(self, room: Room, slot_id: str) -> None:
        """The answer that told of the moves may have been lost, and its repeat tells of none."""
        for person in room.people:
            if person.token and person.token.slot_id == slot_id and person.status in LIVE:
                await self._front.catch_up(room, person)
