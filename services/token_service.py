"""Tokens: booked, moved along their way, cancelled, reallocated, shown in their queue."""

import asyncio
from collections.abc import Mapping
from datetime import date

from engine.decision import Decision
from engine.queue import queue_of
from models import events
from models.access import Permission
from models.commands import ChangeStatus, CorrectPatient, Reallocate, Recall, SetMark, Undo
from models.errors import UnknownSlot, UnknownToken
from models.ids import doctor_of
from models.line import Mark, ReturnTo
from models.sheet import Sheet
from models.token import EndCode, Status
from services.access.guard import Guard
from services.access.limits import Limits
from services.booking_service import EMERGENCIES
from services.caller import Caller
from services.days import DayOpener
from services.look_ups import LookUps
from services.reads import Reads
from services.shared_days import SharedDays
from services.store.sheets import SheetStore
from services.views import (
    Cancellation,
    PatientsTokens,
    Queue,
    Reallocated,
    Reallocation,
    Stayed,
    TokenView,
    view_slot,
    view_token,
)

_NEEDED: Mapping[Status, Permission] = {
    Status.CHECKED_IN: Permission.CHECK_IN,
    Status.CANCELLED: Permission.CANCEL,
}
"""To bring a token there; to any other status, or back into line, `queue.call`."""


_NEEDED_TO_UNDO = {**_NEEDED, Status.WAITLISTED: Permission.CHECK_IN}
"""What brings one who waits for a seat no further is a check-in."""


class TokenService:
    """Every method raises Forbidden, and UnknownSlot or UnknownToken for an id that leads nowhere."""

    def __init__(
        self,
        guard: Guard,
        store: SheetStore,
        days: DayOpener,
        *,
        limits: Limits,
        look_ups: LookUps,
        reads: Reads,
        shared: SharedDays,
    ) -> None:
        self._shared = shared
        self._guard = guard
        self._store = store
        self._days = days
        self._limits = limits
        self._look_ups = look_ups
        self._reads = reads

    async def get(self, caller: Caller, token_id: str) -> TokenView:
        """The token of that id."""
        needed = Permission.READ_PATIENT
        sheet = await self._store.read(await self._guard.token(caller.principal, needed, token_id))
        token = None if sheet is None else sheet.find_token(token_id)
        if sheet is None or token is None:
            raise UnknownToken
        await self._reads.of_patient(caller, token.patient.id, [sheet.facility_id])
        return view_token(await self._shared.open(sheet), token.number)

    async def of_patient(self, caller: Caller, patient_id: str) -> PatientsTokens:
        """Those of a patient's tokens that the caller may read, latest day first.

        None for an id that nobody has. A day that can't be read is left out and named: the others
        are no worse for it.
        """
        needed = Permission.READ_PATIENT
        self._look_ups.begin(caller)
        sheet_ids = await self._store.ids_of_patient(patient_id)
        sheets, damaged = await self._store.read_intact(sheet_ids)
        in_order = sorted(sheets, key=_by_date, reverse=True)
        views = [
            view_token(day, token.number)
            for day in await asyncio.gather(*map(self._shared.open, in_order))
            for token in day.sheet.tokens
            if token.patient.id == patient_id and token.status is not Status.MOVED
            if self._guard.shows(caller.principal, needed, day.sheet, token)
        ]
        if not views:
            self._look_ups.found_nothing(caller)
        facilities = {view.sheet.facility_id for view in views}
        await self._reads.of_patient(caller, patient_id, sorted(facilities))
        theirs = await self._guard.doctors(caller.principal, needed, map(doctor_of, damaged))
        left_out = sorted(each for each in damaged if doctor_of(each) in theirs)
        return PatientsTokens(tokens=views, left_out=left_out)

    async def queue(self, caller: Caller, slot_id: str) -> Queue:
        """A slot's queue and waitlist."""
        needed = Permission.READ_QUEUE
        sheet = await self._store.read(await self._guard.slot(caller.principal, needed, slot_id))
        if sheet is None:
            raise UnknownSlot
        day = await self._shared.open(sheet)
        timed = day.timed_slot(slot_id)
        placed = queue_of(day, timed)
        await self._reads.of_line(caller, sheet, (token for token, _ in placed))
        queued = len(day.roster(slot_id).queue)
        return Queue(slot=view_slot(day, timed), queue=placed[:queued], waitlist=placed[queued:])

    async def change_status(
        self,
        caller: Caller,
        token_id: str,
        status: Status,
        *,
        any_day: bool = False,
        note: str | None = None,
        room: str | None = None,
        to: ReturnTo | None = None,
    ) -> TokenView:
        """Move a token along its way. Raises what engine.status.change_status raises."""
        needed = Permission.CALL if to is not None else _NEEDED.get(status, Permission.CALL)
        sheet_id = await self._guard.token(caller.principal, needed, token_id)
        command = ChangeStatus(
            **caller.signature,
            token_id=token_id,
            status=status,
            any_day=any_day,
            note=note,
            room=room,
            to=to,
        )
        if status is Status.CHECKED_IN:  # and so told a time, which is kept
            await self._shared.look(sheet_id)
        return await self._view(await self._store.submit(sheet_id, command, caller.counted_as))

    async def recall(self, caller: Caller, token_id: str) -> TokenView:
        """Call again who was called. Raises BadTransition."""
        sheet_id = await self._guard.token(caller.principal, Permission.CALL, token_id)
        command = Recall(**caller.signature, token_id=token_id)
        return await self._view(await self._store.submit(sheet_id, command))

    async def mark(
        self, caller: Caller, token_id: str, mark: Mark | None, note: str | None
    ) -> TokenView:
        """Mark a token, or take its mark back. Raises what engine.marking.set_mark raises.

        To make it an emergency or a paid seat takes what the booking of one takes.
        """
        source = None if mark is None else mark.source
        needed = Permission.MARK if source is None else source.row.permission
        sheet_id = await self._guard.token(caller.principal, needed, token_id)
        if source is not None and source.row.emergency:
            self._limits.take(EMERGENCIES, caller.counted_as)
        command = SetMark(**caller.signature, token_id=token_id, mark=mark, note=note)
        return await self._view(await self._store.submit(sheet_id, command))

    async def undo(self, caller: Caller, token_id: str) -> TokenView:
        """Take back a token's last step, which the caller may do. Raises what engine.undo raises."""
        sheet_id = await self._guard.token(caller.principal, Permission.READ_QUEUE, token_id)
        sheet = await self._store.read(sheet_id)
        token = None if sheet is None else sheet.find_token(token_id)
        if token is None:
            raise UnknownToken
        if token.status is not Status.BOOKED:  # to which nothing was done yet
            needed = _NEEDED_TO_UNDO.get(token.status, Permission.CALL)
            await self._guard.token(caller.principal, needed, token_id)
        command = Undo(**caller.signature, token_id=token_id, status=token.status)
        return await self._view(await self._store.submit(sheet_id, command))

    async def cancel(
        self, caller: Caller, token_id: str, note: str | None, code: EndCode | None = None
    ) -> Cancellation:
        """Cancel a token, and tell who got a seat by it. Raises BadTransition."""
        sheet_id = await self._guard.token(caller.principal, Permission.CANCEL, token_id)
        command = ChangeStatus(
            **caller.signature,
            token_id=token_id,
            status=Status.CANCELLED,
            note=note,
            end_code=code,
        )
        decision = await self._store.submit(sheet_id, command, caller.counted_as)
        day = self._days.open(decision.sheet)
        promoted = [
            view_token(day, event.number)
            for event in decision.events
            if isinstance(event, events.Promoted)
        ]
        return Cancellation(token=await self._view(decision), promoted=promoted)

    async def correct_patient(
        self,
        caller: Caller,
        token_id: str,
        *,
        name: str | None,
        phone_number: str | None,
        language: str | None,
    ) -> TokenView:
        """Put right what is known of a token's patient; None leaves a thing as it is."""
        needed = Permission.CORRECT_PATIENT
        sheet_id = await self._guard.token(caller.principal, needed, token_id)
        command = CorrectPatient(
            **caller.signature,
            token_id=token_id,
            name=name,
            phone_number=phone_number,
            language=language,
        )
        return await self._view(await self._store.submit(sheet_id, command))

    async def reallocate(
        self,
        caller: Caller,
        slot_id: str,
        *,
        target_slot_id: str | None,
        close: bool,
        note: str | None = None,
    ) -> Reallocation:
        """Move the tokens of a slot. Raises what engine.reallocation.reallocate raises."""
        sheet_id = await self._guard.slot(caller.principal, Permission.MOVE, slot_id)
        if close:
            await self._guard.slot(caller.principal, Permission.CLOSE_SLOT, slot_id)
        command = Reallocate(
            **caller.signature,
            slot_id=slot_id,
            target_slot_id=target_slot_id,
            close=close,
            note=note,
        )
        decision = await self._store.submit(sheet_id, command)
        day = self._days.open(decision.sheet)
        moved, stayed = [], []
        for event in decision.events:
            if isinstance(event, events.Reallocated):
                moved.append(Reallocated(view_token(day, event.number), event.before.slot_id))
            elif isinstance(event, events.Stayed):
                stayed.append(Stayed(view_token(day, event.number), event.reason))
        return Reallocation(moved=moved, stayed=stayed)

    async def _view(self, decision: Decision) -> TokenView:
        assert decision.outcome.number is not None  # noqa: S101  # the command was about a token
        return view_token(await self._shared.open(decision.sheet), decision.outcome.number)


def _by_date(sheet: Sheet) -> tuple[date, str]:
    return (sheet.date, sheet.resource_id)
