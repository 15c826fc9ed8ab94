"""The clinic on one day: its doctors with their slots and patients, and who gave way to whom."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from answers.doctors import DoctorOut
from answers.slots import SlotOut
from answers.tokens import BumpedOut
from simulator.people import Person


def expected_end(slot: SlotOut) -> datetime:
    """When a slot should end, delays included; from then on it is over."""
    return slot.expected_start + (slot.end - slot.start)


@dataclass
class Room:
    """One doctor's day. `slots` are as planned, in order of time."""

    doctor: DoctorOut
    slots: list[SlotOut]
    people: list[Person]
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
class Clinic:
    """All rooms of one day. `bumps` holds, for each token, the times that it gave way."""

    opening: datetime
    rooms: list[Room]
    bumps: dict[str, list[BumpedOut]] = field(default_factory=lambda: defaultdict(list))
    by_token: dict[str, Person] = field(default_factory=dict)

    @property
    def people(self) -> list[Person]:
        """All patients, doctor by doctor."""
        return [person for room in self.rooms for person in room.people]
