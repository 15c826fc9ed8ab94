"""Slots are added, changed and delayed. Rules 9 and 13."""

from typing import TypeVar

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.repeats import slot_made_by
from models.commands import AddSlot, ChangeSlot, ReleaseHours, ReserveHours
from models.errors import DoctorRetired, SeatsTaken, SheetFull, SlotOver, SlotOverlap
from models.events import HoursReleased, HoursReserved
from models.rank import ranked
from models.reasons import RunsPastMidnight, SlotNotAdded, SlotSet
from models.sheet import MOST_BYTES
from models.slot import ReservedHours, Slot

Asked = TypeVar("Asked")


def add_slot(edit: Editor, command: AddSlot) -> Outcome:
    """Plan a slot, which is not over yet. Slots of one sheet never overlap.

    Raises IdempotencyMismatch, DoctorRetired, SlotOver, SlotOverlap, SheetFull, in this order.
    """
    day = edit.day
    if (earlier := slot_made_by(day.sheet, command.request)) is not None:
        return Outcome(slot_id=earlier.id, replayed=True)
    if day.sheet.tenure.retired:
        raise DoctorRetired
    if command.end <= day.now:
        raise SlotOver
    if day.sheet.timeline.get(command.slot_id) is not None:
        # Also at another instant: an id is a local hour, and zones have changed before.
        raise SlotOverlap(command.slot_id)
    _refuse_overlap(day, command)
    if day.sheet.size >= MOST_BYTES:
        raise SheetFull
    slot = Slot(
        id=command.slot_id,
        start=command.start,
        end=command.end,
        max_capacity=command.max_capacity,
        request=command.request,
    )
    edit.put_slot(slot)
    edit.record.slot_added(slot)
    return Outcome(slot_id=slot.id)


def reserve_hours(edit: Editor, command: ReserveHours) -> Outcome:
    """Keep hours for a slot of the day before. Raises SlotOverlap.

    Hours that are reserved for it already, with another start or end, are no more this slot's than
    another's: they stand against these until they are released.
    """
    outcome = Outcome(slot_id=command.slot_id)
    for hours in edit.day.sheet.reserved_hours:
        if hours.slot_id == command.slot_id:
            if (hours.start, hours.end) != (command.start, command.end):
                raise SlotOverlap(command.slot_id)
            return outcome
    _refuse_overlap(edit.day, command)
    reserved = ReservedHours(
        slot_id=command.slot_id, start=command.start, end=command.end, at=edit.day.now
    )
    edit.put_reserved_hours((*edit.day.sheet.reserved_hours, reserved))
    edit.record.hours(HoursReserved, command.slot_id, RunsPastMidnight())
    return outcome


def release_hours(edit: Editor, command: ReleaseHours) -> Outcome:
    """Give back hours that were reserved for a slot that was not added."""
    kept = tuple(
        hours
        for hours in edit.day.sheet.reserved_hours
        if hours.slot_id != command.slot_id or hours.at > command.reserved_by
    )
    if kept != edit.day.sheet.reserved_hours:
        edit.put_reserved_hours(kept)
        edit.record.hours(HoursReleased, command.slot_id, SlotNotAdded())
    return Outcome(slot_id=command.slot_id)


def _refuse_overlap(day: Day, asked: AddSlot | ReserveHours) -> None:
    taken = [(timed.slot.id, timed.slot.start, timed.slot.end) for timed in day.timed_slots]
    taken += [(hours.slot_id, hours.start, hours.end) for hours in day.sheet.reserved_hours]
    for slot_id, start, end in taken:
        if start < asked.end and asked.start < end:
            raise SlotOverlap(slot_id)


def change_slot(edit: Editor, command: ChangeSlot) -> Outcome:
    """Change seats, status or delay. Fewer seats than are taken: raises SeatsTaken."""
    slot = edit.day.timed_slot(command.slot_id).slot
    seats = _unless_same(command.max_capacity, slot.max_capacity)
    status = _unless_same(command.status, slot.status)
    delay = _unless_same(command.delay_minutes, slot.delay_minutes)
    if seats is not None:
        _refuse_too_few(edit.day, slot, seats)
    if seats is not None or status is not None or delay is not None:
        changed = replace(
            slot,
            max_capacity=slot.max_capacity if seats is None else seats,
            status=status or slot.status,
            delay_minutes=slot.delay_minutes if delay is None else delay,
        )
        edit.put_slot(changed)
        edit.record.slot_changed(slot, changed, SlotSet(seats, status, delay), command.note)
    return Outcome(slot_id=slot.id)


def _unless_same(asked: Asked | None, present: Asked) -> Asked | None:
    return None if asked == present else asked


def _refuse_too_few(day: Day, slot: Slot, max_capacity: int) -> None:
    """Rule 13. Raising the seats is always allowed, also while emergencies sit beyond them."""
    seated = day.roster(slot.id).seated
    if max_capacity < slot.max_capacity and max_capacity < len(seated):
        raise SeatsTaken([day.sheet.refer_to(token) for token in ranked(seated)])
