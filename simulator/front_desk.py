"""The front desk: patients get tokens, come, come late, or don't come."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from msgspec import Struct

from answers.tokens import BookingOut, BumpedOut, TokenOut
from models.source import Source
from models.token import Status
from simulator.agenda import Agenda
from simulator.clinic import Clinic, Room
from simulator.desk import Desk, NewToken, Refused
from simulator.journal import Journal, Kind
from simulator.people import Person
from simulator.plan import Manner

_STAYS_IF_WITHIN = timedelta(minutes=45)
"""A walk-in whose turn comes within this does not leave the house."""


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

    # BookingOut

    async def book(self, room: Room, person: Person) -> None:
        """Ask for a token; patient and who gives way are told when to come."""
        booking = await self.ask_for_token(room, person)
        if booking is not None:
            await self.tell_booking(room, person, booking)
            self.plan_arrival(room, person)

    async def ask_for_token(self, room: Room, person: Person) -> BookingOut | None:
        """Ask for a token, and nothing else; None if it is refused."""
        slot = room.slots[person.visit.slot]
        wanted = NewToken(slot.id, person.source, person.id, person.name, person.phone)
        try:
            booking = await self._desk.book(wanted)
        except Refused as refusal:
            person.refused = refusal.code
            text = f"{who(person)}: no token for {slot.start_time} with {room.name}"
            self.note(Kind.REFUSED, room, text, str(refusal), person)
            return None
        person.follow(booking)
        self._clinic.by_token[booking.id] = person
        if booking.bumped is not None:
            self._clinic.bumps[booking.bumped.token_id].append(booking.bumped)
        return booking

    async def tell_booking(self, room: Room, person: Person, booking: BookingOut) -> None:
        """Note what a booking came to, and tell who gave way."""
        await self._note_booking(room, person, booking)
        if booking.bumped is not None:
            await self._tell_bumped(room, booking.bumped)

    async def _note_booking(self, room: Room, person: Person, booking: BookingOut) -> None:
        token, hour = booking, room.hour(booking.slot_id)
        if token.status is Status.WAITLISTED:
            kind, text = (
                Kind.WAITLISTED,
                f"{who(person)} waits for {hour} with {room.name}",
            )
        elif token.source is Source.EMERGENCY and await self._beyond_capacity(token):
            kind, text = (
                Kind.EXTRA_SEAT,
                f"{who(person)} gets an extra seat, {hour} with {room.name}",
            )
        else:
            kind, text = Kind.BOOKED, f"{who(person)} gets {hour} with {room.name}"
        self.note(kind, room, text, await self.why(token.id), person)

    async def _beyond_capacity(self, token: TokenOut) -> bool:
        slot = (await self._desk.queue(token.slot_id)).slot
        return slot.taken > slot.max_capacity

    async def _tell_bumped(self, room: Room, bumped: BumpedOut) -> None:
        person = self._clinic.by_token[bumped.token_id]
        person.follow(await self._desk.token(bumped.token_id))
        person.held_seat = True
        hour = room.hour(bumped.from_slot_id)
        if bumped.to_slot_id is None:
            text = f"{who(person)} loses {hour} with {room.name} and waits"
        else:
            text = f"{who(person)} moves from {hour} to {room.hour(bumped.to_slot_id)} with {room.name}"
        self.note(Kind.BUMPED, room, text, await self.why(bumped.token_id), person)
        self.plan_arrival(room, person)

    # Coming

    async def catch_up(self, room: Room, person: Person) -> None:
        """Read a patient's token anew, and tell them the time that it says."""
        if person.token is not None:
            person.follow(await self._desk.token(person.token.id))
            self.plan_arrival(room, person)

    def plan_arrival(self, room: Room, person: Person) -> None:
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
            self.note(
                Kind.REFUSED,
                room,
                f"{who(person)} comes too late for {room.name}",
                str(refusal),
                person,
            )
            return
        person.checked_in_at = self._agenda.now
        if late:
            self.note(
                Kind.CAME_LATE,
                room,
                f"{who(person)} comes late for {room.name} and is let in",
                await self.why(person.token.id),
                person,
            )
        else:
            self.note(Kind.CHECKED_IN, room, f"{who(person)} is here", "", person)
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
        self.note(Kind.NO_SHOW, room, f"{who(person)} is not here for {room.name}", why, person)
        await self.notice_promotions(room)

    async def notice_promotions(self, room: Room) -> None:
        """Tell those who wait for a seat that they have one now."""
        for person in room.people:
            if person.token is not None and person.status is Status.WAITLISTED:
                fresh = await self._desk.token(person.token.id)
                if fresh.status is not Status.WAITLISTED:
                    await self.tell_promoted(room, person, fresh)

    async def tell_promoted(self, room: Room, person: Person, token: TokenOut) -> None:
        """Tell one who waited for a seat that they have one."""
        person.follow(token)
        text = f"{who(person)} gets {room.hour(token.slot_id)} with {room.name}"
        self.note(Kind.PROMOTED, room, text, await self.why(token.id), person)
        self.plan_arrival(room, person)

    async def why(self, token_id: str) -> str:
        """The service's reason for what happened to a token last, if reasons are wanted."""
        return await self._desk.reason(token_id) if self._journal.reasons else ""

    def note(
        self, kind: Kind, room: Room, text: str, why: str = "", person: Person | None = None
    ) -> None:
        """Write an entry of this moment."""
        self._journal.note(self._agenda.now, kind, room.name, text, why=why, person=person)


def who(person: Person) -> str:
    """A patient as the journal names them."""
    return f"{person.name} ({person.source.row.words})"


def _is_in_the_house(person: Person, left: timedelta) -> bool:
    """Walk-ins stand at the desk, and who waited for a seat has not gone far."""
    stays = person.source is Source.WALKIN or person.waited_for_seat
    return stays and left <= _STAYS_IF_WITHIN


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def _span(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} minutes"
