"""What a day brings: who wants a token when, and what goes wrong. Times count from its opening."""

from enum import Enum, auto

from msgspec import Struct

from models.source import Source

HOURS = (
    ("09:00", "10:00"),
    ("10:00", "11:00"),
    ("11:00", "12:00"),
    ("12:00", "13:00"),
    ("14:00", "15:00"),
    ("15:00", "16:00"),
    ("16:00", "17:00"),
)
"""Each doctor's slots; 13:00 to 14:00 is lunch."""

DOCTORS = (
    ("Dr. Meera Rao", "General Medicine"),
    ("Dr. Arjun Nair", "Cardiology"),
    ("Dr. Sana Khan", "Orthopaedics"),
    ("Dr. Vikram Bose", "Dermatology"),
    ("Dr. Leela Menon", "Paediatrics"),
    ("Dr. Omar Farooqui", "Neurology"),
    ("Dr. Anjali Desai", "Gynaecology"),
    ("Dr. Tenzin Dorje", "Ophthalmology"),
    ("Dr. Ritu Malhotra", "ENT"),
    ("Dr. Suresh Pillai", "Gastroenterology"),
)


class Manner(Enum):
    """How a patient keeps the time that they were told."""

    PUNCTUAL = auto()
    LATE = auto()
    LEAVES = auto()
    """Checks in, and is gone when called."""


class Visit(Struct, frozen=True, kw_only=True):
    """A patient who wants a token. `key` is what the script calls them by; `at` is in minutes."""

    key: str
    source: Source
    doctor: int
    slot: int
    at: int
    manner: Manner = Manner.PUNCTUAL


class Delay(Struct, frozen=True, kw_only=True):
    """A slot starts `minutes` late."""

    at: int
    doctor: int
    slot: int
    minutes: int
    why: str


class Cancel(Struct, frozen=True, kw_only=True):
    """A patient cancels."""

    at: int
    key: str
    why: str


class Absence(Struct, frozen=True, kw_only=True):
    """A slot can't be held, so its patients are reallocated."""

    at: int
    doctor: int
    slot: int
    why: str


Incident = Delay | Cancel | Absence


class Plan(Struct, frozen=True, kw_only=True):
    """One day. `capacity` is the seats of each slot; None: the facility's default."""

    doctors: int
    capacity: int | None
    visits: tuple[Visit, ...]
    incidents: tuple[Incident, ...]


def doctor_names(count: int) -> list[tuple[str, str]]:
    """Names and specializations; from the eleventh on they come again with a numeral."""
    names = []
    for index in range(count):
        name, specialization = DOCTORS[index % len(DOCTORS)]
        turn = index // len(DOCTORS)
        names.append((f"{name} {turn + 1}" if turn else name, specialization))
    return names
