"""The front desk: patients get tokens, come, come late, cancel; slots are delayed and closed."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from models.token import Source, Status
from simulator.agenda import Agenda
from simulator.answers import Booking, Bumped, Refused, Token
from simulator.clinic import Clinic, Room
from simulator.desk import Desk, NewToken
from simulator.journal import Journal, Kind
from simulator.people import Person
from simulator.plan import Absence, Cancel, Delay, Manner

_STAYS_IF_WITHIN = timedelta(minutes=45)
"""A walk-in whose turn comes within this does not leave the house."""

SOURCE_WORDS = {
    Source.EMERGENCY: "emergency",
    Source.PRIORITY: "priority",
    Source.FOLLOWUP: "follow-up",
    Source.ONLINE: "online",
    Source.WALKIN: "walk-in",
}


class Patience(Struct, frozen=True):
    """How long the desk waits: after a call, and after the estimated time."""

    after_call: timedelta
    after_estimate: timedelta


class FrontDesk:
    """Asks the service, keeps each patient's newest answer, and writes the journal."""

    def __init__(
        self, desk: Desk, agenda: Agenda, journal: Journal, clinic: Clinic, patience: Patience
    ) -> None:
        self._desk = desk
        self._agenda = agenda
        self._journal = journal
        self._clinic = clinic
        self._patience = patience
        self.on_arrival: Callable[[Room], Awaitable[None]] | None = None

    # Booking

    async def book(self, room: Room, person: Person) -> None:
        """Ask for a token; who gives way is told where to go now."""
        await self.ask_for_token(room, person)
        token = person.token
        if token is None:
            return
        self._plan_arrival(room, person)

    async def ask_for_token(self, room: Room, person: Person) -> Booking | None:
        """Ask for a token and note the answer, and nothing else."""
        slot = room.slots[person.visit.slot]
        wanted = NewToken(slot.id, person.source, person.id, person.name, person.phone)
        try:
            booking = await self._desk.book(wanted)
        except Refused as refusal:
            person.refused = refusal.code
            self._note(
                Kind.REFUSED,
                room,
                f"{_who(person)}: no token for {slot.hour} with {room.name}",
                str(refusal),
                person,
            )
            return None
        person.follow(booking.token)
        self._clinic.by_token[booking.token.id] = person
        await self._note_booking(room, person, booking)
        if booking.bumped is not None:
            self._clinic.bumps[booking.bumped.token_id].append(booking.bumped)
            await self._tell_bumped(room, booking.bumped)
        return booking

    async def _note_booking(self, room: Room, person: Person, booking: Booking) -> None:
        token, hour = booking.token, room.hour(booking.token.slot_id)
        if token.status is Status.WAITLISTED:
            kind, text = (
                Kind.WAITLISTED,
                f"{_who(person)} waits for {hour} with {room.name}",
            )
        elif token.source is Source.EMERGENCY and await self._beyond_capacity(token):
            kind, text = (
                Kind.EXTRA_SEAT,
                f"{_who(person)} gets an extra seat, {hour} with {room.name}",
            )
        else:
            kind, text = Kind.BOOKED, f"{_who(person)} gets {hour} with {room.name}"
        self._note(kind, room, text, await self._why(token.id), person)

    async def _beyond_capacity(self, token: Token) -> bool:
        slot = (await self._desk.queue(token.slot_id)).slot
        return slot.taken > slot.max_capacity

    async def _tell_bumped(self, room: Room, bumped: Bumped) -> None:
        person = self._clinic.by_token.get(bumped.token_id)
        if person is None:
            return  # booked at the same moment; its own answer is on the way
        person.follow(await self._desk.token(bumped.token_id))
        person.held_seat = True
        hour = room.hour(bumped.from_slot_id)
        if bumped.to_slot_id is None:
            text = f"{_who(person)} loses {hour} with {room.name} and waits"
        else:
            text = f"{_who(person)} moves from {hour} to {room.hour(bumped.to_slot_id)} with {room.name}"
        self._note(Kind.BUMPED, room, text, await self._why(bumped.token_id), person)
        self._plan_arrival(room, person)

    # Coming

    async def catch_up(self, room: Room, person: Person) -> None:
        """Read a patient's token anew, and tell them the time that it says."""
        if person.token is not None:
            person.follow(await self._desk.token(person.token.id))
            self._plan_arrival(room, person)

    def _plan_arrival(self, room: Room, person: Person) -> None:
        """The patient is told a time, and comes as their manner is; earlier plans are void."""
        person.trip += 1
        token = person.token
        if token is None or token.status is not Status.BOOKED or token.estimated_time is None:
            return
        told_at = max(self._agenda.now, self._clinic.opening + _minutes(person.visit.at))
        told = token.estimated_time
        gives_up = told + self._patience.after_estimate
        if person.visit.manner is Manner.LATE:
            comes = max(gives_up, told_at) + person.late
        elif person.source is Source.EMERGENCY or _is_in_the_house(person, told - told_at):
            comes = told_at
        else:
            comes = told - person.early
        trip = person.trip
        self._agenda.at(max(comes, told_at), partial(self._arrive, room, person, trip))
        self._agenda.at(max(gives_up, told_at), partial(self._give_up, room, person, trip))

    async def _arrive(self, room: Room, person: Person, trip: int) -> None:
        if person.trip != trip or person.status not in (Status.BOOKED, Status.NO_SHOW):
            return
        assert person.token is not None  # noqa: S101  # it has a status
        late = person.status is Status.NO_SHOW
        try:
            person.follow(await self._desk.set_status(person.token.id, Status.CHECKED_IN))
        except Refused as refusal:
            self._note(
                Kind.REFUSED,
                room,
                f"{_who(person)} comes too late for {room.name}",
                str(refusal),
                person,
            )
            return
        person.checked_in_at = self._agenda.now
        if late:
            self._note(
                Kind.CAME_LATE,
                room,
                f"{_who(person)} comes late for {room.name} and is let in",
                await self._why(person.token.id),
                person,
            )
        else:
            self._note(Kind.CHECKED_IN, room, f"{_who(person)} is here", "", person)
        if self.on_arrival is not None:
            await self.on_arrival(room)

    async def _give_up(self, room: Room, person: Person, trip: int) -> None:
        """The grace is over, and the patient has not come."""
        if person.trip == trip and person.status is Status.BOOKED:
            grace = _span(self._patience.after_estimate)
            await self.mark_absent(room, person, f"Not here {grace} after the time they were told.")

    async def mark_absent(self, room: Room, person: Person, why: str) -> None:
        """A no-show; the seat goes to who waits for it."""
        assert person.token is not None  # noqa: S101  # whoever is awaited has a token
        person.follow(await self._desk.set_status(person.token.id, Status.NO_SHOW))
        self._note(Kind.NO_SHOW, room, f"{_who(person)} is not here for {room.name}", why, person)
        await self.notice_promotions(room)

    async def notice_promotions(self, room: Room) -> None:
        """Tell those who wait for a seat that they have one now."""
        for person in room.people:
            if person.token is not None and person.status is Status.WAITLISTED:
                fresh = await self._desk.token(person.token.id)
                if fresh.status is not Status.WAITLISTED:
                    await self._tell_promoted(room, person, fresh)

    async def _tell_promoted(self, room: Room, person: Person, token: Token) -> None:
        person.follow(token)
        text = f"{_who(person)} gets {room.hour(token.slot_id)} with {room.name}"
        self._note(Kind.PROMOTED, room, text, await self._why(token.id), person)
        self._plan_arrival(room, person)

    # What goes wrong

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
        self._note(
            Kind.CANCELLED,
            room,
            f"{_who(person)} cancels {hour} with {room.name}",
            f"{incident.why}.",
            person,
        )
        for promoted in done.promoted:
            await self._tell_promoted(room, self._clinic.by_token[promoted.id], promoted)

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
            f"{new.hour} now {new.expected_start.astimezone(new.start.tzinfo):%H:%M}"
            for new in pushed.values()
        )
        self._note(
            Kind.DELAYED,
            room,
            f"{room.name} {incident.why}: {slot.hour} is {incident.minutes} minutes late",
            f"Expected starts: {starts or 'as they were'}. All other slots keep their time.",
        )
        await self.notice_promotions(room)
        for person in room.people:
            if person.status is Status.BOOKED and person.token and person.token.slot_id in pushed:
                await self.catch_up(room, person)

    async def close(self, room: Room, incident: Absence) -> None:
        """A slot can't be held; its patients take other places of the day."""
        slot = room.slots[incident.slot]
        done = await self._desk.reallocate(slot.id)
        self._note(
            Kind.CLOSED,
            room,
            f"{room.name} {incident.why}: {slot.hour} can't be held",
            f"{len(done.moved)} moved, {len(done.stayed)} stayed.",
        )
        for moved in done.moved:
            person = self._clinic.by_token[moved.token.id]
            waiting = person.status is Status.BOOKED
            person.follow(moved.token)
            text = f"{_who(person)} goes from {slot.hour} to {room.hour(moved.token.slot_id)} with {room.name}"
            self._note(Kind.MOVED, room, text, await self._why(moved.token.id), person)
            if waiting or person.status is Status.BOOKED:
                self._plan_arrival(room, person)
        for stayed in done.stayed:
            person = self._clinic.by_token[stayed.token.id]
            person.follow(stayed.token)
            self._note(Kind.STAYED, room, f"{_who(person)} stays", stayed.why, person)
        await self.notice_promotions(room)

    async def _why(self, token_id: str) -> str:
        return await self._desk.reason(token_id) if self._journal.reasons else ""

    def _note(
        self, kind: Kind, room: Room, text: str, why: str = "", person: Person | None = None
    ) -> None:
        at: datetime = self._agenda.now
        self._journal.note(at, kind, room.name, text, why=why, person=person)


def _who(person: Person) -> str:
    return f"{person.name} ({SOURCE_WORDS[person.source]})"


def _is_in_the_house(person: Person, left: timedelta) -> bool:
    """Walk-ins stand at the desk; who waited for a seat today has not gone far."""
    return person.source is Source.WALKIN and left <= _STAYS_IF_WITHIN


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def _span(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} minutes"
