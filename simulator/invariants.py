"""What holds of every day, whatever happened to it: DESIGN's rules as conditions on its tokens.

Read without the engine, by the simulation from answers and by the integration tests from the
database.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from models.source import Source
from models.token import LIVE, SEATED, Status


class Fault(Struct, frozen=True):
    """An invariant that does not hold, and where."""

    invariant: str
    where: str


class HeldSlot(Struct, frozen=True):
    """A slot; `gives_seats` when it is open and not over."""

    id: str
    start: datetime
    seats: int
    gives_seats: bool


class HeldToken(Struct, frozen=True):
    """A token; `held_seat`: had a seat once; `bumps`: how often it gave way."""

    number: int
    slot_id: str
    patient_id: str
    source: Source
    priority: int
    status: Status
    held_seat: bool
    bumps: int


class HeldDay(Struct, frozen=True):
    """A doctor's day at one moment, under a facility's rules. Slots are in order of time."""

    now: datetime
    slots: Sequence[HeldSlot]
    tokens: Sequence[HeldToken]
    overflow: int
    max_bumps: int

    def of(self, slot: HeldSlot, *statuses: Status) -> list[HeldToken]:
        """The tokens that stand in a slot, in these statuses."""
        return [one for one in self.tokens if one.slot_id == slot.id and one.status in statuses]


def find_faults(day: HeldDay) -> list[Fault]:
    """What of the invariants does not hold; empty when all is well."""
    return [Fault(name, where) for name, check in INVARIANTS.items() for where in check(day)]


def _seats_within_overflow(day: HeldDay) -> Iterator[str]:
    for slot in day.slots:
        taken, most = len(day.of(slot, *SEATED)), slot.seats + day.overflow
        if taken > most:
            yield f"{slot.start:%H:%M} has {taken} seats taken, {most} at most"


def _numbers_without_gaps(day: HeldDay) -> Iterator[str]:
    numbers = sorted(token.number for token in day.tokens)
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"the numbers are {numbers}"


def _one_live_token_per_slot(day: HeldDay) -> Iterator[str]:
    for slot in day.slots:
        for count in Counter(token.patient_id for token in day.of(slot, *LIVE)).values():
            if count > 1:
                yield f"a patient has {count} live tokens at {slot.start:%H:%M}"


def _nobody_waits_for_a_free_seat(day: HeldDay) -> Iterator[str]:
    displaced: list[HeldToken] = []
    for slot in day.slots:
        waiting = day.of(slot, Status.WAITLISTED)
        if slot.gives_seats and len(day.of(slot, *SEATED)) < slot.seats:
            here = {token.patient_id for token in day.of(slot, *LIVE)}
            for token in [*waiting, *(one for one in displaced if one.patient_id not in here)]:
                yield f"T{token.number:03d} waits though {slot.start:%H:%M} has a free seat"
        displaced += [token for token in waiting if token.held_seat]


def _nobody_waits_behind_a_lower_score(day: HeldDay) -> Iterator[str]:
    for slot in day.slots:
        waiting = [token.priority for token in day.of(slot, Status.WAITLISTED)]
        for token in day.of(slot, Status.BOOKED):
            bumpable = token.source is not Source.EMERGENCY and token.bumps < day.max_bumps
            higher = max(waiting, default=token.priority) > token.priority
            if day.now < slot.start and bumpable and higher:
                yield f"T{token.number:03d} sits at {slot.start:%H:%M} while a higher score waits"


def _emergencies_never_wait(day: HeldDay) -> Iterator[str]:
    for token in day.tokens:
        if token.source is Source.EMERGENCY and token.status is Status.WAITLISTED:
            yield f"T{token.number:03d} is an emergency on a waitlist"


INVARIANTS: Mapping[str, Callable[[HeldDay], Iterator[str]]] = {
    "No slot holds more than its seats and the overflow for emergencies": _seats_within_overflow,
    "Token numbers count from 1 without gaps": _numbers_without_gaps,
    "No patient has two live tokens in one slot": _one_live_token_per_slot,
    "Nobody waits for a seat that is free": _nobody_waits_for_a_free_seat,
    "Before a slot starts, nobody waits behind a lower score that could give way": (
        _nobody_waits_behind_a_lower_score
    ),
    "Emergencies are never waitlisted": _emergencies_never_wait,
}
"""Each invariant in words, with the check that names where it does not hold."""
