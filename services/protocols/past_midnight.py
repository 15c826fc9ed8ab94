"""Slots past midnight: their hours are reserved on the next day's sheet, then the slot is added.

No write covers two sheets, and the slots of one doctor never overlap. So the next day's sheet
first *reserves* the hours, which checks them against its slots and the hours reserved there; then the
slot is added to its own sheet, which checks them against its own.

| case | what comes of it |
|---|---|
| the next day has a slot in these hours | step 1 is refused, nothing has happened |
| the own day has one, or refuses the slot for good | step 2 is refused, the hours are released |
| the request's key was used on the own day | refused before step 1, and by step 2 if it was used in between |
| step 2 may have failed (no answer, a caller who left) | the hours stay reserved; a repeat reserves them once and adds the slot |
| a crash between the steps | the hours stay reserved for a slot that is not there; who wants them looks for it and releases them, five minutes after they were reserved |
| then the same slot is asked for with another end | its hours stand against it until they are released; they are never changed in place |
| then it is added with an end before midnight | the hours are no one's, and released in the same way |
| two add the same slot at once | both reserve the same hours, one adds; the other finds it there and releases nothing |
| two add overlapping slots, each on its own day | both go by the sheet of the later day: one is refused |
"""

from datetime import datetime, timedelta

from engine.decision import Decision
from engine.repeats import slot_made_by
from models.commands import AddSlot, Command, ReleaseHours, ReserveHours
from models.errors import Refusal, SlotOverlap, Unavailable
from models.ids import make_sheet_id, sheet_of_slot
from models.sheet import Sheet
from services.clock import Clock
from services.store.sheets import SheetStore

ADDED_BY_THEN = timedelta(minutes=5)
"""Hours reserved longer than this for a slot that is not there were left by a crash."""


class SlotAdder:
    """Adds slots so that those of two days never overlap, whatever happens at once."""

    def __init__(self, store: SheetStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def add(self, sheet: Sheet, command: AddSlot) -> Decision:
        """Add a slot to a sheet. Raises SlotOverlap, SlotOver, IdempotencyMismatch."""
        next_sheet_id = _sheet_of_end(sheet, command.end)
        if next_sheet_id == sheet.id:
            return await self._submit(sheet.id, command)
        slot_made_by(sheet, command.request)
        await self._submit(
            next_sheet_id,
            ReserveHours(
                actor=command.actor,
                on_behalf_of=command.on_behalf_of,
                request_id=command.request_id,
                slot_id=command.slot_id,
                start=command.start,
                end=command.end,
            ),
        )
        try:
            return await self._submit(sheet.id, command)
        except Unavailable:
            raise  # the slot may have been added, or a repeat adds it
        except Refusal:
            # Slots are never removed and time never goes back: it is refused for good.
            await self._release(command, next_sheet_id, command.slot_id, self._clock.now())
            raise

    async def _submit(self, sheet_id: str, command: AddSlot | ReserveHours) -> Decision:
        """Hours left reserved by a crash give way."""
        try:
            return await self._store.submit(sheet_id, command)
        except SlotOverlap as overlap:
            if sheet_of_slot(overlap.slot_id) == sheet_id:
                raise
            long_ago = self._clock.now() - ADDED_BY_THEN
            await self._release(command, sheet_id, overlap.slot_id, long_ago)
            return await self._store.submit(sheet_id, command)

    async def _release(
        self, cause: Command, sheet_id: str, slot_id: str, reserved_by: datetime
    ) -> None:
        """Release the hours that a sheet reserves for a slot of the day before, if that has no need."""
        home = await self._store.read(sheet_of_slot(slot_id))
        timed = None if home is None else home.timeline.get(slot_id)
        if home is None or timed is None or _sheet_of_end(home, timed.slot.end) == home.id:
            release = ReleaseHours(
                actor=cause.actor,
                on_behalf_of=cause.on_behalf_of,
                request_id=cause.request_id,
                slot_id=slot_id,
                reserved_by=reserved_by,
            )
            await self._store.submit(sheet_id, release)


def _sheet_of_end(sheet: Sheet, end: datetime) -> str:
    """The sheet of the local day in which a slot of this sheet ends."""
    last_day = (end - timedelta.resolution).astimezone(sheet.zone).date()
    return make_sheet_id(sheet.resource_id, last_day)
