"""What a day brings: who wants a token when, and what goes wrong. Times count from its opening."""

from collections.abc import Sequence
from enum import Enum, auto
from fractions import Fraction

from msgspec import Struct

from models.source import Source
from services.wording.catalogue import message

HOURS = tuple((f"{hour:02d}:00", f"{hour + 1:02d}:00") for hour in (9, 10, 11, 12, 14, 15, 16))
"""Each doctor's slots; 13:00 to 14:00 is lunch."""

AT_KIOSK = (Source.ONLINE, Source.FOLLOWUP)
"""Who books from home, and so has a number to check in with."""
LIVE_DOCTORS, LIVE_LOAD = 5, Fraction(20, 21)
"""Of a day that passes: of five doctors' 210 seats, 200 patients."""
SPEED, FASTEST = 60, 3600
"""How many times as fast as life a day passes."""

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
    ABSENT = auto()
    """Never comes."""


class Visit(Struct, frozen=True):
    """A patient who wants a token `at` a minute, and may cancel it at another.

    `key` is what the plan calls them by. `tested`: is sent for tests in the consultation.
    """

    key: str
    source: Source
    doctor: int
    slot: int
    at: int
    manner: Manner = Manner.PUNCTUAL
    cancels: int | None = None
    tested: bool = False


class Mishap(Struct, frozen=True):
    """A slot starts `late` minutes late; None: it can't be held, so its patients are moved."""

    at: int
    doctor: int
    slot: int
    why: str
    late: int | None = None


class Plan(Struct, frozen=True):
    """One day. `seats` are those of each slot; `rests`: the doctor who takes a break."""

    doctors: int
    seats: int
    visits: Sequence[Visit]
    mishaps: Sequence[Mishap]
    rests: int | None = None


def doctor_names(count: int) -> list[tuple[str, str]]:
    """Names and specializations; from the eleventh on they come again with a numeral."""
    names = []
    for index in range(count):
        turn, place = divmod(index, len(DOCTORS))
        name, specialization = DOCTORS[place]
        names.append((f"{name} {turn + 1}" if turn else name, specialization))
    return names


def clock(text: str) -> int:
    """Minutes from the opening at 09:00 to this time of day."""
    hours, minutes = text.split(":")
    return (int(hours) - 9) * 60 + int(minutes)


def _evening(text: str) -> int:
    """The evening before."""
    return clock(text) - 24 * 60


REST_AT = clock("11:00")
"""When a doctor who takes a break does."""

_RAO, _NAIR, _KHAN = range(3)

STORY = Plan(
    doctors=3,
    seats=2,
    visits=(
        # The evening before, people book from home.
        Visit("O1", Source.ONLINE, _RAO, 0, _evening("18:05")),
        Visit("O2", Source.ONLINE, _RAO, 0, _evening("18:12")),
        # Is called at ten and gone by then.
        Visit("O3", Source.ONLINE, _RAO, 1, _evening("18:20"), Manner.LEAVES),
        Visit("O4", Source.ONLINE, _RAO, 1, _evening("18:31")),
        # Full, and nobody there scores lower: the waitlist.
        Visit("O5", Source.ONLINE, _RAO, 1, _evening("18:44")),
        # Cancels, which frees a seat for W1.
        Visit("O6", Source.ONLINE, _NAIR, 6, _evening("19:02"), cancels=clock("08:40")),
        Visit("O7", Source.ONLINE, _NAIR, 0, _evening("19:10")),
        Visit("O8", Source.ONLINE, _NAIR, 0, _evening("19:25")),
        Visit("O9", Source.ONLINE, _KHAN, 4, _evening("19:40")),
        Visit("O10", Source.ONLINE, _KHAN, 4, _evening("20:05")),
        # Bumps O2 past the full 10:00 to 11:00.
        Visit("P1", Source.PRIORITY, _RAO, 0, _evening("20:30")),
        # The morning.
        Visit("W1", Source.WALKIN, _NAIR, 6, clock("08:05")),
        # Bumps W1 out of the day's last slot: the waitlist.
        Visit("P2", Source.PRIORITY, _NAIR, 6, clock("08:15")),
        # Bumps O10 to 15:00.
        Visit("F1", Source.FOLLOWUP, _KHAN, 4, clock("08:20")),
        Visit("W2", Source.WALKIN, _RAO, 2, clock("08:30")),
        Visit("F2", Source.FOLLOWUP, _NAIR, 1, clock("08:35"), Manner.LATE),
        Visit("W3", Source.WALKIN, _NAIR, 1, clock("08:45")),
        # Beyond the seats of a full slot.
        Visit("E1", Source.EMERGENCY, _RAO, 0, clock("09:06")),
        Visit("W4", Source.WALKIN, _RAO, 3, clock("09:10")),
        # Bumps W2 to 12:00.
        Visit("P3", Source.PRIORITY, _RAO, 2, clock("10:30")),
        Visit("W5", Source.WALKIN, _KHAN, 5, clock("11:30")),
        Visit("E2", Source.EMERGENCY, _NAIR, 4, clock("14:10")),
    ),
    mishaps=(
        Mishap(clock("08:50"), _NAIR, 0, message("{doctor} is still on the ward round"), late=30),
        Mishap(clock("13:15"), _KHAN, 4, message("{doctor} is called to the theatre")),
    ),
)
"""The default day: 22 patients who crowd into a few slots, so that every rule shows.

Slot 0 is 09:00, 3 is 12:00, 4 is 14:00 after lunch, 6 is 16:00.
"""
