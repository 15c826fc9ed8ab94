"""Slots: stretches of a doctor's day, added, changed, delayed, listed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from engine.stats import SlotStats, stats_of
from models.access import Permission
from models.commands import AddSlot, ChangeSlot
from models.doctor import WEEK
from models.errors import NotAnOpdDay, Refusal, UnknownSlot
from models.ids import make_sheet_id, sheet_address, sheet_of_slot
from models.local_time import local_label, slot_span
from models.sheet import Sheet
from models.slot import SlotStatus
from services.access.guard import Guard
from services.caller import Caller
from services.days import DayOpener
from services.doctor_service import DoctorService
from services.protocols.doctors_days import DoctorsDays
from services.protocols.past_midnight import SlotAdder
from services.requests import NewSlot
from services.store.sheets import SheetStore
from services.views import DaySeats, RowMade, SlotMade, SlotView, view_seats, view_slot

_SHEETS_AT_ONCE = 50
MOST_COUNTED = 200
"""Doctors whose seats are counted in one question."""


class SlotService:
    """Every method raises Forbidden, and UnknownSlot or UnknownDoctor for an id that leads nowhere."""

    def __init__(
        self,
        guard: Guard,
        store: SheetStore,
        adder: SlotAdder,
        doctors: DoctorService,
        doctors_days: DoctorsDays,
        days: DayOpener,
        *,
        default_capacity: int,
    ) -> None:
        self._guard = guard
        self._store = store
        self._adder = adder
        self._doctors = doctors
        self._doctors_days = doctors_days
        self._days = days
        self._default_capacity = default_capacity

    async def add(self, caller: Caller, asked: NewSlot) -> SlotMade:
        """Plan a slot.

        Raises UnknownDoctor, DoctorRetired, InvalidTime, NotAnOpdDay, SlotOverlap, IdempotencyMismatch.
        """
        needed = Permission.PLAN_SLOT
        facility = await self._guard.doctor(caller.principal, needed, asked.doctor_id)
        doctor = await self._doctors.find(asked.doctor_id)
        sheet_id = make_sheet_id(doctor.id, asked.day)
        sheet = await self._store.read(sheet_id) or Sheet.new(sheet_id, facility)
        start, end = slot_span(asked.day, asked.start_time, asked.end_time, sheet.zone)
        weekday = WEEK[asked.day.weekday()]
        if doctor.opd_days and weekday not in doctor.opd_days:
            raise NotAnOpdDay(weekday, doctor.opd_days)
        command = AddSlot(
            **caller.signature,
            slot_id=f"{sheet_id}-{local_label(start, sheet.zone).replace(':', '')}",
            start=start,
            end=end,
            max_capacity=asked.max_capacity or self._default_capacity,
            request=caller.remember(asked),
        )
        if not sheet.slots:
            await self._doctors_days.announce(caller, doctor.id, asked.day)
        decision = await self._adder.add(sheet, command)
        return SlotMade(
            slot=self._view(decision.sheet, command.slot_id), replayed=decision.outcome.replayed
        )

    async def add_row(self, caller: Caller, asked: NewSlot, length: timedelta) -> RowMade:
        """Plan slots of this length, one after the other, until the hour asked for; each as `add`.

        The last is as long as time remains. What stands against one ends the row there: those
        before it are planned, and the repeat of the request goes on behind them.
        """
        needed = Permission.PLAN_SLOT
        facility = await self._guard.doctor(caller.principal, needed, asked.doctor_id)
        sheet_id = make_sheet_id(asked.doctor_id, asked.day)
        zone = (await self._store.read(sheet_id) or Sheet.new(sheet_id, facility)).zone
        start, end = slot_span(asked.day, asked.start_time, asked.end_time, zone)
        made: list[SlotMade] = []
        while start < end:
            until = min(start + length, end)
            hours = local_label(start, zone), local_label(until, zone)
            try:
                made.append(
                    await self.add(
                        caller.with_key_of(hours[0]),
                        replace(asked, start_time=hours[0], end_time=hours[1]),
                    )
                )
            except Refusal as refusal:
                return RowMade(slots=made, stopped_by=refusal, stopped_at=hours)
            start = until
        return RowMade(slots=made)

    async def get(self, caller: Caller, slot_id: str) -> SlotView:
        """The slot of that id."""
        return self._view(await self._sheet(caller, Permission.READ_QUEUE, slot_id), slot_id)

    async def of_doctor(
        self,
        caller: Caller,
        doctor_id: str,
        *,
        first: date,
        last: date,
        after: str | None,
        limit: int,
    ) -> tuple[list[SlotView], str | None]:
        """A page of a doctor's slots in order of time, and the id to go on after.

        `first` and `last` are local dates, both included; `after` is the last slot of the page
        before.
        """
        await self._guard.doctor(caller.principal, Permission.READ_QUEUE, doctor_id)
        seen = None
        if after is not None:
            shown = await self.get(caller, after)
            first = max(first, shown.sheet.date)
            seen = shown.timed.slot.start
        views: list[SlotView] = []
        while len(views) <= limit and first <= last:
            sheet_ids = await self._store.ids_of_doctor(
                doctor_id, first, last, limit=_SHEETS_AT_ONCE
            )
            for sheet in await self._store.read_many(sheet_ids):
                day = self._days.open(sheet)
                views += [
                    view_slot(day, timed)
                    for timed in day.timed_slots
                    if seen is None or timed.slot.start > seen
                ]
            if len(sheet_ids) < _SHEETS_AT_ONCE:
                break
            first = sheet_address(sheet_ids[-1])[1] + timedelta(days=1)
        page = views[:limit]
        return page, page[-1].timed.slot.id if len(views) > limit else None

    async def available(self, caller: Caller, doctor_id: str, day: date | None) -> list[SlotView]:
        """A doctor's slots of a local date (today without one) that have free seats now."""
        needed = Permission.READ_QUEUE
        facility = await self._guard.doctor(caller.principal, needed, doctor_id)
        sheet = await self._store.read(make_sheet_id(doctor_id, day or self._days.today(facility)))
        if sheet is None:
            return []
        at = self._days.open(sheet)
        return [view_slot(at, timed) for timed in at.timed_slots if at.has_free_seat(timed)]

    async def change(
        self,
        caller: Caller,
        slot_id: str,
        *,
        max_capacity: int | None = None,
        status: SlotStatus | None = None,
        delay_minutes: int | None = None,
        note: str | None = None,
    ) -> SlotView:
        """Change the seats, the status or the delay of a slot. Raises SeatsTaken."""
        sheet_id = sheet_of_slot(slot_id)
        for needed in _needed(max_capacity, status, delay_minutes):
            await self._guard.slot(caller.principal, needed, slot_id)
        command = ChangeSlot(
            **caller.signature,
            slot_id=slot_id,
            max_capacity=max_capacity,
            status=status,
            delay_minutes=delay_minutes,
            note=note,
        )
        decision = await self._store.submit(sheet_id, command)
        return self._view(decision.sheet, slot_id)

    async def delay(
        self, caller: Caller, slot_id: str, minutes: int
    ) -> tuple[SlotView, datetime | None]:
        """Say how late a slot runs in all; and when the day ends, if delayed past midnight."""
        view = await self.change(caller, slot_id, delay_minutes=minutes)
        return view, self._days.open(view.sheet).delayed_past_midnight

    async def stats(self, caller: Caller, slot_id: str) -> tuple[SlotView, SlotStats]:
        """A slot and its figures."""
        sheet = await self._sheet(caller, Permission.READ_NUMBERS, slot_id)
        day = self._days.open(sheet)
        return self._view(sheet, slot_id), stats_of(day, day.timed_slot(slot_id))

    async def seats_of_days(
        self, caller: Caller, doctor_id: str | None, first: date, last: date
    ) -> list[DaySeats]:
        """Of each local date on which there are slots, past or to come, both ends included.

        Of one doctor, or of all at work whom the caller may see, MOST_COUNTED at most.
        """
        needed = Permission.READ_NUMBERS
        if doctor_id is None:
            at_work = await self._doctors.at_work(caller, needed, None)
            doctor_ids = [doctor.id for doctor in at_work[:MOST_COUNTED]]
        else:
            await self._guard.doctor(caller.principal, needed, doctor_id)
            doctor_ids = [doctor_id]
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        ids = [make_sheet_id(each, day) for each in doctor_ids for day in days]
        by_date: dict[date, list[SlotView]] = {}
        for sheet in (await self._store.read_intact(ids))[0]:
            at = self._days.open(sheet)
            views = (view_slot(at, timed) for timed in at.timed_slots)
            by_date.setdefault(sheet.date, []).extend(views)
        return [view_seats(day, views) for day, views in sorted(by_date.items()) if views]

    # Reading

    async def _sheet(self, caller: Caller, needed: Permission, slot_id: str) -> Sheet:
        sheet = await self._store.read(await self._guard.slot(caller.principal, needed, slot_id))
        if sheet is None:
            raise UnknownSlot
        return sheet

    def _view(self, sheet: Sheet, slot_id: str) -> SlotView:
        day = self._days.open(sheet)
        return view_slot(day, day.timed_slot(slot_id))


def _needed(
    max_capacity: int | None, status: SlotStatus | None, delay_minutes: int | None
) -> Iterator[Permission]:
    """What it takes to change these of a slot."""
    if max_capacity is not None or status is SlotStatus.OPEN:
        yield Permission.PLAN_SLOT
    if status is SlotStatus.CLOSED:
        yield Permission.CLOSE_SLOT
    if delay_minutes is not None:
        yield Permission.DELAY_SLOT
