"""The line of a doctor's day: who is next, all slots together, and whether the doctor is there."""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime

from models.access import Permission
from models.commands import SetSession
from models.doctor_session import SessionState
from models.errors import NoSlot, NoSlotCause, UnknownToken
from models.sheet import Sheet
from services.access.guard import Guard
from services.caller import Caller
from services.current_day import CurrentDay
from services.day_views import (
    DoctorsDay,
    Glance,
    WholeDay,
    view_doctors_day,
    view_glance,
    view_whole_day,
)
from services.days import DayOpener
from services.protocols.shared_line import SharedLines
from services.reads import Reads
from services.requests import NextCall
from services.shared_days import SharedDays
from services.store.sheets import SheetStore
from services.views import CalledView, DoctorsLine, view_line, view_token


class QueueService:
    """Tells who is next, and calls them. Every method raises UnknownDoctor, Forbidden.

    Without a date it is the day that runs; see CurrentDay.
    """

    def __init__(
        self,
        guard: Guard,
        store: SheetStore,
        days: DayOpener,
        current: CurrentDay,
        reads: Reads,
        *,
        shared: SharedDays,
        lines: SharedLines,
    ) -> None:
        self._shared = shared
        self._lines = lines
        self._guard = guard
        self._store = store
        self._days = days
        self._current = current
        self._reads = reads

    async def of_doctor(self, caller: Caller, doctor_id: str, on: date | None) -> DoctorsLine:
        """A doctor's line on a local date."""
        sheet = await self._sheet(caller, Permission.READ_QUEUE, doctor_id, on)
        view = view_line(await self._shared.open(sheet))
        await self._reads.of_line(caller, sheet, (each.token for each in view.line))
        return view

    async def to_run(self, caller: Caller, doctor_id: str) -> DoctorsDay:
        """A doctor's day that runs now, for who runs it and may read its names."""
        await self._guard.doctor(caller.principal, Permission.READ_NAMES, doctor_id)
        sheet = await self._sheet(caller, Permission.CALL, doctor_id, None)
        others = await self._lines.others_for(
            caller.principal,
            sheet,
            Permission.CALL,
            Permission.READ_NAMES,
            Permission.READ_QUEUE,
        )
        for each in (sheet, *(day.sheet for day in others)):
            await self._reads.of_line(caller, each, each.tokens)
        return view_doctors_day(self._days.open(sheet, others))

    async def at_a_glance(
        self, caller: Caller, doctor_ids: Iterable[str], on: date | None = None
    ) -> list[Glance]:
        """How the days of these doctors go; of nobody in person."""
        sheets = await asyncio.gather(
            *(self._sheet(caller, Permission.READ_QUEUE, each, on) for each in doctor_ids)
        )
        return [view_glance(day) for day in await asyncio.gather(*map(self._shared.open, sheets))]

    async def whole_day(self, caller: Caller, doctor_id: str, on: date | None) -> WholeDay:
        """A doctor's day with all who are not done with it."""
        sheet = await self._sheet(caller, Permission.READ_QUEUE, doctor_id, on)
        await self._reads.of_line(caller, sheet, sheet.tokens)
        return view_whole_day(await self._shared.open(sheet))

    async def token_of(self, caller: Caller, doctor_id: str, on: date | None, number: int) -> str:
        """The id of the token of that number. Raises UnknownToken."""
        sheet = await self._sheet(caller, Permission.READ_NAMES, doctor_id, on)
        if not 1 <= number <= len(sheet.tokens):
            raise UnknownToken
        return sheet.tokens[number - 1].id

    async def call_next(
        self, caller: Caller, doctor_id: str, on: date | None, asked: NextCall
    ) -> CalledView:
        """Call whoever is first in line, shared or not; nobody on a day without slots.

        Raises what SharedLines.call_next raises.
        """
        sheet = await self._sheet(caller, Permission.CALL, doctor_id, on)
        if not sheet.slots:
            return CalledView(doctor_id=doctor_id, date=sheet.date, token=None, replayed=False)
        decision = await self._lines.call_next(caller, sheet, asked)
        number = decision.outcome.number
        day = await self._shared.open(decision.sheet)
        return CalledView(
            doctor_id=doctor_id,
            date=sheet.date,
            token=None if number is None else view_token(day, number),
            replayed=decision.outcome.replayed,
        )

    async def set_session(
        self,
        caller: Caller,
        doctor_id: str,
        on: date | None,
        *,
        state: SessionState,
        until: datetime | None,
        note: str | None,
    ) -> Sheet:
        """Say whether the doctor sees patients. Raises what engine.doctor_session.set_session raises."""
        sheet = await self._sheet(caller, Permission.CALL, doctor_id, on)
        if not sheet.slots:
            raise NoSlot(NoSlotCause.NONE_PLANNED, sheet.date)
        command = SetSession(
            **caller.signature,
            state=state,
            until=until,
            note=note,
        )
        return (await self._store.submit(sheet.id, command)).sheet

    async def _sheet(
        self, caller: Caller, needed: Permission, doctor_id: str, on: date | None
    ) -> Sheet:
        facility = await self._guard.doctor(caller.principal, needed, doctor_id)
        return await self._current.sheet(facility, doctor_id, on)
