"""Which doctor and slot suit a newcomer best, when the caller leaves the choice to us."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from engine.day import Day
from engine.seating import FreeSeat, find_seating
from engine.walk_ins import Obstacle, obstacle
from models.errors import DayOverruns, NoSlot, NoSlotCause, SheetFull
from models.source import Source
from models.timeline import TimedSlot


class Choice(Struct, frozen=True):
    """A slot, and whether it was chosen for a free seat, which may be gone on arrival."""

    slot_id: str
    for_free_seat: bool


class _Candidate(Struct, frozen=True):
    day: Day
    timed: TimedSlot
    free: bool
    seated: bool
    overruns: bool
    taken: int  # seats of the doctor's day
    load: float  # taken seats over all seats of the doctor's open slots

    @property
    def _tie(self) -> tuple[int, str]:
        return (self.taken, self.timed.slot.id)

    def earliest_first(self) -> tuple[datetime, int, str]:
        return (self.timed.slot.start, *self._tie)

    def least_loaded_first(self) -> tuple[float, datetime, int, str]:
        return (self.load, *self.earliest_first())

    def best_when_full(self) -> tuple[bool, int, datetime, int, str]:
        waiting = 0 if self.seated else len(self.day.roster(self.timed.slot.id).waiting)
        return (not self.seated, waiting, *self.earliest_first())


def choose_slot(days: Sequence[Day], source: Source, patient_id: str | None) -> Choice | None:
    """The slot that suits a newcomer of this source best; None when none can take them.

    Ordinary sources: the earliest slot with a free seat, ties to the doctor with fewer seats
    taken. Those whose row says so: the least loaded doctor's earliest slot with a free seat. All
    full: the slot where rules 3 to 6 do best for the newcomer: seated now, else the shortest
    waitlist, then the earliest. Left out are full sheets, and slots where the patient has a token
    already; `patient_id` None is a patient who has none. A free seat of a day that would rather
    offer a walk-in another doctor comes after those of others.
    """
    candidates = [candidate for day in days for candidate in _candidates(day, source, patient_id)]
    free = [candidate for candidate in candidates if candidate.free]
    if free:
        free = [candidate for candidate in free if not candidate.overruns] or free
        if source.row.least_loaded:
            best = min(free, key=_Candidate.least_loaded_first)
        else:
            best = min(free, key=_Candidate.earliest_first)
        return Choice(best.timed.slot.id, for_free_seat=True)
    if candidates:
        best = min(candidates, key=_Candidate.best_when_full)
        return Choice(best.timed.slot.id, for_free_seat=False)
    return None


def why_none(days: Sequence[Day], source: Source, on: date) -> NoSlot | SheetFull | Obstacle:
    """Why these days of one date have no slot for a newcomer.

    Where no line takes walk-ins, what the first has against it.
    """
    open_days = [day for day in days if any(map(day.takes, day.timed_slots))]
    against = [
        _forbidding(day, timed, source)
        for day in open_days
        for timed in day.timed_slots
        if day.takes(timed)
    ]
    if None not in against and (first := next(iter(against), None)) is not None:
        return first
    if any(not day.is_full for day in open_days):
        return NoSlot(NoSlotCause.HAS_TOKENS, on)
    if open_days:
        return SheetFull()
    planned = any(day.timed_slots for day in days)
    return NoSlot(NoSlotCause.NONE_OPEN if planned else NoSlotCause.NONE_PLANNED, on)


def _candidates(day: Day, source: Source, patient_id: str | None) -> list[_Candidate]:
    if day.is_full:
        return []
    open_slots = [timed for timed in day.timed_slots if day.takes(timed)]
    taken = sum(len(day.roster(timed.slot.id).seated) for timed in day.timed_slots)
    open_taken = sum(len(day.roster(timed.slot.id).seated) for timed in open_slots)
    seats = sum(timed.slot.max_capacity for timed in open_slots)
    candidates = []
    for timed in open_slots:
        if _forbidding(day, timed, source) is not None:
            continue
        if patient_id is None or day.live_token_of(patient_id, timed.slot.id) is None:
            seating = find_seating(day, timed, source)
            candidates.append(
                _Candidate(
                    day=day,
                    timed=timed,
                    free=isinstance(seating, FreeSeat),
                    seated=seating is not None,
                    overruns=obstacle(day, timed, source) is not None,
                    taken=taken,
                    load=open_taken / seats,
                )
            )
    return candidates


def _forbidding(day: Day, timed: TimedSlot, source: Source) -> Obstacle | None:
    """What forbids a newcomer of this source; who insists is taken for all others."""
    against = obstacle(day, timed, source)
    return None if isinstance(against, DayOverruns) else against
