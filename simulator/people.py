"""The patients: who they are, when they come, and how long they stay with the doctor."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answers.tokens import TokenOut
from models.source import Source
from models.token import SEATED, Status
from simulator.plan import Visit

_FIRST = (
    "Aarav", "Ananya", "Arjun", "Bhavna", "Chirag", "Deepa", "Divya", "Farhan", "Gauri", "Harish",
    "Imran", "Ishita", "Jaya", "Kabir", "Kavya", "Lakshmi", "Manoj", "Meena", "Mohan", "Nandini",
    "Neha", "Pooja", "Prakash", "Rahul", "Rekha", "Rohan", "Salma", "Sanjay", "Sunita", "Tara",
    "Usha", "Varun", "Vidya", "Yusuf", "Zoya",
)  # fmt: skip
_LAST = (
    "Ahmed", "Bhat", "Chauhan", "Das", "Fernandes", "Ghosh", "Gupta", "Hegde", "Iyer", "Jain",
    "Joshi", "Kamath", "Kaur", "Kulkarni", "Mehta", "Mishra", "Naidu", "Patel", "Pinto", "Reddy",
    "Saxena", "Shah", "Sharma", "Shetty", "Singh", "Thomas", "Verma", "Yadav",
)  # fmt: skip
_SHORTEST, _LONGEST = 0.4, 2.5


@dataclass
class Person:
    """A patient through the day. What the service said last stands beside what was drawn."""

    visit: Visit
    id: str
    name: str
    phone: str
    consultation: timedelta
    early: timedelta
    """How long before the estimated time a punctual one comes."""
    late: timedelta
    """How long after the grace a late one comes."""

    token: TokenOut | None = None
    first_number: str = ""
    held_seat: bool = False
    waited_for_seat: bool = False
    refused: str = ""
    trip: int = 0
    """Grows with each new time that the patient is told, so that the older ones are void."""
    checked_in_at: datetime | None = None
    started_at: datetime | None = None

    @property
    def source(self) -> Source:
        return self.visit.source

    @property
    def status(self) -> Status | None:
        """The status that the service told last; None without a token."""
        return None if self.token is None else self.token.status

    def follow(self, token: TokenOut) -> None:
        """Take in what the service says of the token now."""
        self.token = token
        self.first_number = self.first_number or token.token_number
        self.held_seat |= token.status in SEATED
        self.waited_for_seat |= token.status is Status.WAITLISTED

    @property
    def wait(self) -> timedelta | None:
        """From check-in to the doctor's door."""
        if self.checked_in_at is None or self.started_at is None:
            return None
        return self.started_at - self.checked_in_at


def draw_people(
    visits: Sequence[Visit], chance: random.Random, *, prefix: str, consultation_minutes: int
) -> list[Person]:
    """A person for each visit, all drawn at once, so that no later event shifts the draws.

    Consultations are log-normal about the planned length, as measured ones are; emergencies take
    half as long again.
    """
    first, last = list(_FIRST), list(_LAST)
    chance.shuffle(first)
    chance.shuffle(last)
    people = []
    for number, visit in enumerate(visits):
        turn, place = divmod(number, len(first))
        name = f"{first[place]} {last[(place + turn) % len(last)]}"
        people.append(
            _draw(visit, chance, f"{prefix}-{number + 1:04d}", name, consultation_minutes)
        )
    return people


def _draw(
    visit: Visit, chance: random.Random, id_: str, name: str, consultation_minutes: int
) -> Person:
    spread = min(max(chance.lognormvariate(0.0, 0.4), _SHORTEST), _LONGEST)
    urgency = 1.5 if visit.source is Source.EMERGENCY else 1.0
    return Person(
        visit=visit,
        id=id_,
        name=name,
        phone=f"+91 98{chance.randrange(1000):03d} {chance.randrange(100000):05d}",
        consultation=timedelta(seconds=round(consultation_minutes * spread * urgency * 60)),
        early=timedelta(minutes=chance.randint(4, 18)),
        late=timedelta(minutes=chance.randint(4, 12)),
    )
