"""The numbers of days past and present: how long patients waited, how many were seen."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from engine.accuracy import Accuracy, together
from engine.hours import Hour
from engine.numbers import Numbers, numbers_of
from models.access import Permission
from services.access.guard import Guard
from services.caller import Caller
from services.days import DayOpener
from services.store.experiences import LATELY, Experiences
from services.store.facilities import Facilities
from services.store.hours import DayHours, HourStore
from services.store.tally import Tally

Reach = Mapping[str, frozenset[str]]
"""By facility, which doctors; none named: all."""


class HourNumbers(Struct, frozen=True):
    """What one hour came to; `start` in the zone of its day."""

    start: datetime
    numbers: Numbers


class DayNumbers(Struct, frozen=True):
    """What one local date came to, and how often the times told on it came true."""

    day: date
    numbers: Numbers
    accuracy: Accuracy


class SpanNumbers(Struct, frozen=True, kw_only=True):
    """What some days came to, together, day by day, and hour by hour."""

    first: date
    last: date
    doctor_id: str | None
    target_minutes: int
    total: Numbers
    days: Sequence[DayNumbers]
    hours: Sequence[HourNumbers]


class SpanAccuracy(Struct, frozen=True, kw_only=True):
    """How often what a doctor's patients were told at check-in came true, on some days and lately."""

    doctor_id: str
    first: date
    last: date
    accuracy: Accuracy
    lately: Accuracy


class NumbersService:
    """Tells the numbers. `target_minutes`: how long a patient should wait at most."""

    def __init__(
        self,
        *,
        guard: Guard,
        hours: HourStore,
        tally: Tally,
        experiences: Experiences,
        facilities: Facilities,
        days: DayOpener,
        target_minutes: int,
    ) -> None:
        self._guard = guard
        self._hours = hours
        self._tally = tally
        self._experiences = experiences
        self._facilities = facilities
        self._days = days
        self._target = target_minutes

    async def of_days(
        self, caller: Caller, first: date | None, last: date | None, doctor_id: str | None
    ) -> SpanNumbers:
        """From one local date to another, of one doctor or of all whom the caller may see.

        Without dates, of today. Raises UnknownDoctor, Forbidden.
        """
        needed = Permission.READ_NUMBERS
        if doctor_id is not None:
            facility = await self._guard.doctor(caller.principal, needed, doctor_id)
            reach: Reach = {facility.id: frozenset({doctor_id})}
        else:
            reach = self._guard.reach(caller.principal, needed)
            home = self._facilities.home.id
            facility = await self._facilities.get(home if home in reach else min(reach))
        first = first or last or self._days.today(facility)
        last = last or first
        await self._tally.catch_up()
        days = await self._hours.find(first, last, doctor_id)
        seen = [day for day in days if _may_be_told(day, reach)]
        by_start: dict[datetime, list[Hour]] = {}
        by_date: dict[date, list[DayHours]] = {}
        for day in seen:
            by_date.setdefault(date.fromisoformat(day.date), []).append(day)
            for hour in day.hours:
                start = hour.start.astimezone(ZoneInfo(day.timezone))
                by_start.setdefault(start, []).append(hour)
        target = self._target * 60
        return SpanNumbers(
            first=first,
            last=last,
            doctor_id=doctor_id,
            target_minutes=self._target,
            total=numbers_of([hour for day in seen for hour in day.hours], target),
            days=[
                DayNumbers(
                    on,
                    numbers_of([hour for day in those for hour in day.hours], target),
                    together(day.accuracy for day in those),
                )
                for on, those in sorted(by_date.items())
            ],
            hours=[
                HourNumbers(start, numbers_of(by_start[start], target))
                for start in sorted(by_start)
            ],
        )

    async def accuracy(
        self, caller: Caller, doctor_id: str, first: date | None, last: date | None
    ) -> SpanAccuracy:
        """From one local date to another; without dates, of the last four weeks and today.

        Raises UnknownDoctor, Forbidden.
        """
        facility = await self._guard.doctor(caller.principal, Permission.READ_NUMBERS, doctor_id)
        today = self._days.today(facility)
        if first is None and last is None:
            first, last = today - LATELY, today
        first = first or last or today
        last = last or first
        await self._tally.catch_up()
        days = await self._hours.find(first, last, doctor_id)
        return SpanAccuracy(
            doctor_id=doctor_id,
            first=first,
            last=last,
            accuracy=together(day.accuracy for day in days),
            lately=self._experiences.lately(doctor_id, today),
        )


def _may_be_told(day: DayHours, reach: Reach) -> bool:
    doctors = reach.get(day.facility_id)
    return doctors is not None and (not doctors or day.doctor_id in doctors)
