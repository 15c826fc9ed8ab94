"""The clinic on one day: who is there, what is to happen next, and what has happened."""

import heapq
import itertools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from answers.doctors import DoctorOut
from answers.slots import SlotOut
from answers.tokens import BumpedOut, TokenOut
from models.patient import Patient
from models.policy import Policy
from models.token import SEATED, Status
from simulator.client import ServiceClient
from simulator.invariants import Fault
from simulator.plan import Visit


class Kind(StrEnum):
    """What happened, as the desk would call it."""

    BOOKED = "BOOKED"
    EXTRA_SEAT = "EXTRA SEAT"
    BUMPED = "BUMPED"
    WAITLISTED = "WAITLISTED"
    PROMOTED = "PROMOTED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"
    DELAYED = "DELAYED"
    CLOSED = "CLOSED"
    MOVED = "MOVED"
    STAYED = "STAYED"
    CHECKED_IN = "CHECKED IN"
    CALLED = "CALLED"
    NO_SHOW = "NO-SHOW"
    CAME_LATE = "CAME LATE"
    SEEN = "SEEN"
    UNSEEN = "NOT SEEN"
    BROKEN = "BROKEN"


class Entry(Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that happened. `why` is the service's own reason where it gave one."""

    at: datetime
    kind: Kind
    text: str
    why: str = ""
    doctor: str
    token_number: str | None = None
    patient: str | None = None
    source: str | None = None


class Agenda:
    """Runs actions in order of time; at one time, in the order in which they were entered."""

    def __init__(self, client: ServiceClient, now: datetime) -> None:
        self._client = client
        self._entries: list[tuple[datetime, int, Callable[[], Coroutine[None, None, None]]]] = []
        self._order = itertools.count()
        self.now = now

    def at(self, instant: datetime, action: Callable[[], Coroutine[None, None, None]]) -> None:
        """Enter an action; one that is due already comes next."""
        heapq.heappush(self._entries, (max(instant, self.now), next(self._order), action))

    async def run(self) -> None:
        """Run until nothing is left."""
        while self._entries:
            self.now, _, action = heapq.heappop(self._entries)
            self._client.at(self.now)
            await action()


@dataclass
class Room:
    """One doctor's day. `slots`, in order of time, are as last looked at; rooms may share an agenda."""

    doctor: DoctorOut
    slots: list[SlotOut]
    agenda: Agenda
    people: list["Person"] = field(default_factory=list)
    busy: bool = False

    @property
    def name(self) -> str:
        """The doctor as people say it: `Dr. Rao`."""
        title, _, rest = self.doctor.name.partition(" ")
        first, _, last = rest.partition(" ")
        return f"{title} {last or first}"

    def hour(self, slot_id: str) -> str:
        """The planned start of a slot: `09:00`."""
        return next((slot.start_time for slot in self.slots if slot.id == slot_id), "?")


@dataclass
class Person:
    """A patient through the day. What the service said last stands beside what was drawn."""

    visit: Visit
    room: Room
    patient: Patient
    consultation: timedelta
    early: timedelta
    """How long before the estimated time a punctual one comes."""
    late: timedelta
    """How long after the grace a late one comes."""

    token: TokenOut | None = None
    first_number: str = ""
    held_seat: bool = False
    waited_for_seat: bool = False
    bumps: list[BumpedOut] = field(default_factory=list)
    """The times that the token gave way."""
    refused: bool = False
    trip: int = 0
    """Grows with each new time that the patient is told, so that the older ones are void."""
    checked_in_at: datetime | None = None
    started_at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.patient.name} ({self.visit.source.row.words})"

    @property
    def status(self) -> Status | None:
        """The status that the service told last; None without a token."""
        return None if self.token is None else self.token.status

    @property
    def hour(self) -> str:
        """The planned start of the token's slot."""
        return "?" if self.token is None else self.room.hour(self.token.slot_id)

    @property
    def wait(self) -> timedelta | None:
        """From check-in to the doctor's door."""
        if self.checked_in_at is None or self.started_at is None:
            return None
        return self.started_at - self.checked_in_at

    def follow(self, token: TokenOut) -> None:
        """Take in what the service says of the token now."""
        self.token = token
        self.first_number = self.first_number or token.token_number
        self.held_seat |= token.status in SEATED
        self.waited_for_seat |= token.status is Status.WAITLISTED


@dataclass
class Clinic:
    """One day, while it is played and afterwards.

    `grace`: how long the desk waits after the estimated time; `timeout`: after a call. `at_once`:
    all patients book together, then the doctors work side by side; else everything happens in
    order of time. Each entry goes to `reader` as it is written; without `reasons` the service
    isn't asked for them: a question less for each entry. `faults` are those found in all `checks`;
    `booking_seconds` is how long bookings at once took together.
    """

    client: ServiceClient
    rooms: list[Room]
    grace: timedelta
    timeout: timedelta
    policy: Policy
    at_once: bool
    reader: Callable[[Entry], None] = lambda _: None
    reasons: bool = True
    entries: list[Entry] = field(default_factory=list)
    by_token: dict[str, Person] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    checks: int = 0
    booking_seconds: float = 0.0

    def at(self, minutes: int) -> datetime:
        """So many minutes after the opening."""
        return self.rooms[0].slots[0].start + timedelta(minutes=minutes)

    @property
    def date(self) -> date:
        """The day."""
        return self.rooms[0].slots[0].date

    @property
    def people(self) -> list[Person]:
        """All patients, doctor by doctor."""
        return [person for room in self.rooms for person in room.people]

    async def refresh(self, person: Person) -> None:
        """Read a patient's token anew."""
        if person.token is not None:
            person.follow(await self.client.token(person.token.id))

    async def set_status(self, person: Person, status: Status) -> None:
        """Tell the service where a patient stands."""
        assert person.token is not None  # noqa: S101  # who comes or is awaited has a token
        person.follow(await self.client.set_status(person.token.id, status))

    async def tell(self, kind: Kind, person: Person, text: str) -> None:
        """Write an entry with the service's own reason for what happened last to the token."""
        why = await self.client.reason(person.token.id) if self.reasons and person.token else ""
        self.note(kind, person.room, text, why, person)

    def note(
        self, kind: Kind, room: Room, text: str, why: str = "", person: Person | None = None
    ) -> None:
        """Write an entry of this moment."""
        entry = Entry(
            at=room.agenda.now,
            kind=kind,
            text=text,
            why=why,
            doctor=room.name,
            token_number=None if person is None else person.first_number or None,
            patient=None if person is None else person.patient.name,
            source=None if person is None else person.visit.source.value,
        )
        self.entries.append(entry)
        self.reader(entry)
