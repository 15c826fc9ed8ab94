"""What a day, or several, came to: by source and by doctor."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from msgspec import Struct

from models.slot import SlotStatus
from models.source import Source
from models.token import Status
from simulator.day import Day
from simulator.people import Person

Measure = TypeVar("Measure", float, timedelta)


class SourceFigures(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of one source. Waits run from check-in to the doctor's door; None when nobody was seen.

    `seated`: had a seat at some time; `waitlisted`: was on a waitlist at some time; `bumped`
    counts the times that a seat was given up to a higher priority.
    """

    source: str
    tokens: int
    seated: int
    bumped: int
    waitlisted: int
    seen: int
    no_shows: int
    cancelled: int
    refused: int
    mean_wait_minutes: float | None
    p95_wait_minutes: float | None


class DoctorFigures(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of one doctor. `seats` are those of the slots that were held; `fill_rate` 1.0 is full."""

    doctor: str
    specialization: str
    seats: int
    taken: int
    fill_rate: float | None
    seen: int
    consulting_minutes: float


def figures_by_source(days: Sequence[Day]) -> list[SourceFigures]:
    """A row for each source, and one for all of them."""
    people = [(day, person) for day in days for person in day.clinic.people]
    rows = [
        _of_source(source.value, [each for each in people if each[1].source is source])
        for source in Source
    ]
    return [*rows, _of_source("ALL", people)]


def _of_source(name: str, people: Sequence[tuple[Day, Person]]) -> SourceFigures:
    persons = [person for _, person in people]
    waits = sorted(person.wait for person in persons if person.wait is not None)
    status = [person.status for person in persons]
    return SourceFigures(
        source=name,
        tokens=sum(person.token is not None for person in persons),
        seated=sum(person.held_seat for person in persons),
        bumped=sum(
            len(day.clinic.bumps.get(person.token.id, ()))
            for day, person in people
            if person.token is not None
        ),
        waitlisted=sum(person.waited_for_seat for person in persons),
        seen=status.count(Status.COMPLETED),
        no_shows=status.count(Status.NO_SHOW),
        cancelled=status.count(Status.CANCELLED),
        refused=sum(bool(person.refused) for person in persons),
        mean_wait_minutes=_minutes(sum(waits, timedelta()) / len(waits)) if waits else None,
        p95_wait_minutes=_minutes(percentile(waits, 95)) if waits else None,
    )


def figures_by_doctor(days: Sequence[Day]) -> list[DoctorFigures]:
    """A row for each doctor, in the order of the rooms."""
    rows = []
    for index, room in enumerate(days[0].clinic.rooms):
        slots = [
            queue.slot
            for day in days
            for queue in day.boards[index][1]
            if queue.slot.status is SlotStatus.OPEN
        ]
        seats = sum(slot.max_capacity for slot in slots)
        taken = sum(slot.taken for slot in slots)
        people = [person for day in days for person in day.clinic.rooms[index].people]
        seen = [person for person in people if person.status is Status.COMPLETED]
        rows.append(
            DoctorFigures(
                doctor=room.doctor.name,
                specialization=room.doctor.specialization,
                seats=seats,
                taken=taken,
                fill_rate=round(taken / seats, 4) if seats else None,
                seen=len(seen),
                consulting_minutes=_minutes(
                    sum((person.consultation for person in seen), timedelta())
                ),
            )
        )
    return rows


def percentile(ordered: Sequence[Measure], percent: float) -> Measure:
    """The smallest value that at least `percent` of the values do not exceed."""
    place = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(place) - 1)]


def _minutes(span: timedelta) -> float:
    return round(span.total_seconds() / 60, 1)
