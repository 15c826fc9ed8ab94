"""When a day's slots are expected to run, delays included."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from models.slot import Slot, SlotStatus


class TimedSlot(Struct, frozen=True):
    """A slot with its `order` in the day (0 first) and when it is expected to start and end."""

    order: int
    slot: Slot
    expected_start: datetime
    expected_end: datetime


class Timeline:
    """The slots of a sheet in order of their planned start, with their expected times.

    Expected start: the later of the slot's start plus its own delay and the expected end of the
    nearest earlier OPEN slot. Expected end: that plus its planned length. So a delay spills over
    only where it must.
    """

    __slots__ = ("_by_id", "last_end", "timed_slots")

    last_end: datetime | None
    """When the last of them is expected to end."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        timed_slots = []
        busy_until: datetime | None = None
        for order, slot in enumerate(sorted(slots, key=lambda slot: slot.start)):
            start = slot.start + timedelta(minutes=slot.delay_minutes)
            if busy_until is not None and busy_until > start:
                start = busy_until
            end = start + (slot.end - slot.start)
            if slot.status is SlotStatus.OPEN:
                busy_until = end
            timed_slots.append(TimedSlot(order, slot, start, end))
        self.timed_slots = tuple(timed_slots)
        self.last_end = max((timed.expected_end for timed in timed_slots), default=None)
        self._by_id = {timed.slot.id: timed for timed in timed_slots}

    def get(self, slot_id: str) -> TimedSlot | None:
        """The slot with its expected times, or None."""
        return self._by_id.get(slot_id)
