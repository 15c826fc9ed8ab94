"""The clinic on one day: who is there, what is to happen next, and what has happened."""

import heapq
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from answers.doctors import DoctorOut
from answers.slots import SlotOut
from answers.tokens import BumpedOut, TokenOut
from models.patient import Patient
from models.policy import Policy
from models.token import SEATED, Status
from services.wording.catalogue import Catalogue
from simulator.client import Refused, ServiceClient
from simulator.happenings import Entry, Kind
from simulator.invariants import Fault
from simulator.plan import Plan, Visit

FINAL = (Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED)
"""How a token ends."""
Script = AsyncGenerator[datetime, None]
"""What somebody does: it yields the time at which it goes on."""


class Agenda:
    """Lets scripts go on in order of time; at one time, in the order in which they said so.

    `live`: time, or somebody else, may have been there first, so a script that is refused ends.
    """

    def __init__(self, client: ServiceClient, now: datetime, *, live: bool = False) -> None:
        self._client = client
        self._live = live
        self._due: list[tuple[datetime, int, Script]] = []
        self._order = itertools.count()
        self.now = now

    def add(self, script: Script) -> None:
        """Enter a script; it begins next."""
        heapq.heappush(self._due, (self.now, next(self._order), script))

    async def run(self) -> None:
        """Run until all scripts have ended. A time that has passed is now."""
        while self._due:
            due, _, script = heapq.heappop(self._due)
            await self._client.reach(due)
            self.now = max(due, self._client.now())
            try:
                async for instant in script:
                    heapq.heappush(self._due, (max(instant, self.now), next(self._order), script))
                    break
            except Refused:
                if not self._live:
                    raise


@dataclass(kw_only=True)
class Clinic:
    """One day, while it is played and afterwards.

    `live`: its time passes at the service, which does by itself what is due by time; else the desk
    here does. `at_once`: all patients book together, then the doctors work side by side. Each entry goes
    to `reader` as it is written. `faults` are those found in all `checks` of the `invariants`; `booking_seconds` is
    how long bookings at once took together.
    """

    client: ServiceClient
    plan: Plan
    policy: Policy
    invariants: Sequence[str]
    live: bool
    at_once: bool
    words: Catalogue = field(default_factory=Catalogue)
    reader: Callable[[Entry], None] = lambda _: None
    rooms: list["Room"] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
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
    def people(self) -> list["Person"]:
        """All patients, doctor by doctor."""
        return [person for room in self.rooms for person in room.people]


@dataclass
class Room:
    """One doctor's day. `slots`, in order of time, are as last looked at; rooms may share an agenda.

    `door`: what stands on it. `rests`: the doctor takes a break. `bumps`: the times that a token gave way, as bookings told.
    """

    clinic: Clinic
    doctor: DoctorOut
    slots: list[SlotOut]
    agenda: Agenda
    door: str
    rests: bool
    people: list["Person"] = field(default_factory=list)
    bumps: list[BumpedOut] = field(default_factory=list)
    finished: bool = False

    @property
    def name(self) -> str:
        """The doctor as people say it: `Dr. Rao`."""
        title, *names = self.doctor.name.split(" ", maxsplit=2)
        return f"{title} {names[-1]}"

    @property
    def ends(self) -> datetime:
        """When the last slot is over, as expected."""
        return max(slot.expected_start + (slot.end - slot.start) for slot in self.slots)

    def hour(self, slot_id: str) -> str:
        """The planned start of a slot: `09:00`."""
        return next((slot.start_time for slot in self.slots if slot.id == slot_id), "?")

    def path(self, under: str) -> str:
        """Where the service tells of this day."""
        return f"{under.format(self.doctor.id)}?date={self.clinic.date}"

    def note(self, kind: Kind, text: str, why: str = "", person: "Person | None" = None) -> None:
        """Write an entry of this moment."""
        entry = Entry(
            at=self.agenda.now,
            kind=kind,
            text=text,
            why=why,
            doctor=self.name,
            token_number=person.told[0].token_number if person and person.told else None,
            patient=person.patient.name if person else None,
            source=person.visit.source.value if person else None,
        )
        self.clinic.entries.append(entry)
        self.clinic.reader(entry)

    def broken(self, fault: Fault) -> None:
        """What is wrong is told once."""
        if fault not in self.clinic.faults:
            self.clinic.faults.append(fault)
            self.note(Kind.BROKEN, fault.where, fault.invariant)


@dataclass
class Person:
    """A patient through the day."""

    visit: Visit
    room: Room
    patient: Patient
    consultation: timedelta
    early: timedelta
    """How long before the estimated time a punctual one comes."""
    late: timedelta
    """How long after the grace a late one comes."""

    told: list[TokenOut] = field(default_factory=list)
    """What the service said of the token, from the booking on; the last is how it stands."""
    trip: int = 0
    """Grows with each new time that the patient is told, so that the older ones are void."""
    on_the_way: bool = False
    checked_in_at: datetime | None = None
    foreseen: TokenOut | None = None
    """What was told at the check-in."""
    tested: bool = False
    """Was sent for tests already."""
    wait: timedelta | None = None
    """From check-in to the doctor's door."""

    @property
    def token(self) -> TokenOut:
        """The token, as the service told last."""
        return self.told[-1]

    @property
    def token_id(self) -> str:
        """The token's; empty without one."""
        return self.told[0].id or "" if self.told else ""

    @property
    def status(self) -> Status | None:
        """The status that the service told last; None without a token."""
        return self.told[-1].status if self.told else None

    @property
    def held_seat(self) -> bool:
        """Had a seat at some time."""
        return any(token.status in SEATED for token in self.told)

    @property
    def waited_for_seat(self) -> bool:
        """Was on a waitlist at some time."""
        return any(token.status is Status.WAITLISTED for token in self.told)

    @property
    def bumps(self) -> list[BumpedOut]:
        """The times that the token gave way."""
        return [one for one in self.room.bumps if one.token_id == self.token_id]

    async def hear(self) -> None:
        """Ask how the token stands."""
        self.told.append(await self.room.clinic.client.get(TokenOut, self._path))

    async def step(self, verb: str, **body: object) -> bool:
        """Take a step of a visit on the day itself; see `stands`."""
        client = self.room.clinic.client
        return await self._take(client.ask(TokenOut, "POST", f"{self._path}/{verb}", **body))

    async def stands(self, status: Status, why: str = "") -> bool:
        """Tell where the patient stands; False where time, or somebody else, was there before."""
        return await self._take(self.room.clinic.client.set_status(self.token_id, status, why))

    async def _take(self, step: Awaitable[TokenOut]) -> bool:
        try:
            self.told.append(await step)
        except Refused:
            if not self.room.clinic.live:
                raise
            await self.hear()
            return False
        return True

    @property
    def _path(self) -> str:
        return f"/api/tokens/{self.token_id}"

    def note(self, kind: Kind, what: str | None = None, why: str = "") -> None:
        """Write an entry about this patient; `what`: the hour of the slot, if not said otherwise."""
        source = self.room.clinic.words.say(self.visit.source.row.words)
        slot_id = self.token.slot_id if self.told else self.room.slots[self.visit.slot].id
        what = self.room.hour(slot_id) if what is None else what
        text = f"{self.patient.name} ({source}), {self.room.name}: {what}"
        self.room.note(kind, text, why, self)
