"""What may be watched: a doctor's line, a token, or all lines that one may read.

What is watched is a value that names what is seen and how: watchers for whom it is equal see the
same, byte by byte, and when it is no longer the same for somebody, their right has changed.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from msgspec import Struct

from models.access import Facility, Permission, Principal
from models.errors import DocumentDamaged
from models.ids import doctor_of, sheet_address
from models.sheet import Sheet
from services.access.guard import Guard
from services.caller import Caller
from services.clock import Clock
from services.current_day import CurrentDay
from services.reads import Reads
from services.shared_days import SharedDays
from services.store.doctors import DoctorStore
from services.store.events import SeenEvent
from services.store.facilities import Facilities
from services.store.sheets import SheetStore
from services.views import DoctorsLine, EventView, TokenView, view_event, view_line, view_token

_PAGE = 1000


class WatchedLine(Struct, frozen=True):
    """A doctor's line, with names; or as `seen_by` sees it, who may not read names."""

    doctor_id: str
    seen_by: str | None


class WatchedToken(Struct, frozen=True):
    """A token, whole; what happens to it with who did it, or as `seen_by` sees that."""

    token_id: str
    sheet_id: str
    seen_by: str | None


class WatchedLines(Struct, frozen=True):
    """The lines of all doctors whose lines the principal may read."""

    principal: Principal


Watched = WatchedLine | WatchedToken | WatchedLines


class WatchService:
    """Says what may be watched, and tells how that stands.

    Only what is asked as a caller passes the guard; what is watched has passed it.
    """

    def __init__(
        self,
        guard: Guard,
        facilities: Facilities,
        doctors: DoctorStore,
        store: SheetStore,
        *,
        current: CurrentDay,
        clock: Clock,
        reads: Reads,
        shared: SharedDays,
    ) -> None:
        self._shared = shared
        self._guard = guard
        self._facilities = facilities
        self._doctors = doctors
        self._store = store
        self._current = current
        self._clock = clock
        self._reads = reads

    async def watched(
        self, caller: Caller, doctor_ids: Sequence[str], token_id: str | None
    ) -> Sequence[Watched]:
        """What a caller asks to watch. Raises Forbidden, UnknownDoctor, UnknownToken."""
        if token_id is not None:
            return [await self._token(caller, token_id)]
        if not doctor_ids:
            self._guard.reach(caller.principal, Permission.READ_QUEUE)
            return [WatchedLines(caller.principal)]
        lines = []
        for each in dict.fromkeys(doctor_ids):
            place = await self._guard.doctor(caller.principal, Permission.READ_QUEUE, each)
            lines.append(WatchedLine(each, self._seen_by(caller.principal, place, each)))
        return lines

    async def record(self, caller: Caller, watched: Sequence[Watched]) -> None:
        """Record that a caller reads what is watched, now. Raises DatabaseUnavailable."""
        await asyncio.gather(*(self._record(caller, each) for each in watched))

    async def _record(self, caller: Caller, watched: Watched) -> None:
        match watched:
            case WatchedToken():
                with suppress(DocumentDamaged):  # and so not shown
                    view = await self.token(watched)
                    if view is not None:
                        place = [view.sheet.facility_id]
                        await self._reads.of_patient(caller, view.token.patient.id, place)
            case WatchedLine():
                with suppress(DocumentDamaged):
                    sheet = await self.current_sheet(watched)
                    if sheet is not None:
                        # Boards have booked nothing: no line need be worked out for each of them.
                        seen_by = watched.seen_by
                        own = seen_by and any(each.booked_by == seen_by for each in sheet.tokens)
                        seen = (await self.line(sheet)).line if own else ()
                        await self._reads.of_line(caller, sheet, (each.token for each in seen))
            case WatchedLines():
                await self.record(caller, await self.lines(watched))

    async def lines(self, watched: WatchedLines) -> Sequence[WatchedLine]:
        """Those of the doctors there are now."""
        reach = watched.principal.reach(Permission.READ_QUEUE, self._clock.now())
        found: list[WatchedLine] = []
        after: str | None = ""
        while reach and after is not None:
            page = await self._doctors.list(reach, after=after, limit=_PAGE)
            lines = [await self._line(watched.principal, doctor.id) for doctor in page]
            found += [line for line in lines if line is not None]
            after = page[-1].id if len(page) == _PAGE else None
        return found

    async def line_of(self, watched: WatchedLines, sheet_id: str) -> WatchedLine | None:
        """That of the sheet's doctor, if it is among them."""
        return await self._line(watched.principal, doctor_of(sheet_id))

    async def shows(self, watched: WatchedLine, sheet_id: str) -> bool:
        """Whether this may be the sheet that the line is of: today's, or that of the day before."""
        doctor_id, day = sheet_address(sheet_id)
        facility = await self._facilities.of_doctor(doctor_id)
        if doctor_id != watched.doctor_id or facility is None:
            return False
        today = self._current.today(facility)
        return today - timedelta(days=1) <= day <= today

    async def current_sheet(self, watched: WatchedLine) -> Sheet | None:
        """The sheet that the line is of. Raises DocumentDamaged, DatabaseUnavailable."""
        facility = await self._facilities.of_doctor(watched.doctor_id)
        return None if facility is None else await self._current.sheet(facility, watched.doctor_id)

    async def line(self, sheet: Sheet) -> DoctorsLine:
        """The line of a sheet."""
        return view_line(await self._shared.open(sheet))

    async def token(self, watched: WatchedToken) -> TokenView | None:
        """How a token stands; None if there is none. Raises DocumentDamaged, DatabaseUnavailable."""
        sheet = await self._store.read(watched.sheet_id)
        token = None if sheet is None else sheet.find_token(watched.token_id)
        if sheet is None or token is None:
            return None
        return view_token(await self._shared.open(sheet), token.number)

    async def events(self, events: Sequence[SeenEvent], sheet: Sheet) -> Sequence[EventView]:
        """What happened on one sheet, this one or that of the day before."""
        of = sheet if events and events[0].sheet_id == sheet.id else None
        if of is None and events:
            of = await self._store.read(events[0].sheet_id)
        return [view_event(each, sheet.facility_id, of) for each in events]

    async def _token(self, caller: Caller, token_id: str) -> WatchedToken:
        principal, needed = caller.principal, Permission.READ_PATIENT
        sheet_id = await self._guard.token(principal, needed, token_id)
        doctor_id = doctor_of(sheet_id)
        facility = await self._facilities.of_doctor(doctor_id)
        seen_by = self._seen_by(principal, facility, doctor_id)
        return WatchedToken(token_id=token_id, sheet_id=sheet_id, seen_by=seen_by)

    async def _line(self, principal: Principal, doctor_id: str) -> WatchedLine | None:
        facility = await self._facilities.of_doctor(doctor_id)
        if not self._may(principal, Permission.READ_QUEUE, facility, doctor_id):
            return None
        return WatchedLine(doctor_id, self._seen_by(principal, facility, doctor_id))

    def _seen_by(
        self, principal: Principal, facility: Facility | None, doctor_id: str
    ) -> str | None:
        named = self._may(principal, Permission.READ_NAMES, facility, doctor_id)
        return None if named else principal.id

    def _may(
        self, principal: Principal, needed: Permission, facility: Facility | None, doctor_id: str
    ) -> bool:
        """Asked for each watcher again and again, so without the guard's tasks for many doctors."""
        now = self._clock.now()
        return facility is not None and principal.may(needed, facility.id, doctor_id, now)
