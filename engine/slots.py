"""Slots are added, changed and delayed. Rules 9 and 13."""

from msgspec.structs import replace

from engine.day import Day, Outcome
from engine.rank import ranked
from models.commands import AddSlot, ChangeSlot
from models.errors import IdempotencyMismatch, SeatsTaken, SlotOverlap
from models.events import EventType
from models.slot import Slot, SlotStatus


def add_slot(day: Day, command: AddSlot) -> Outcome:
    """Plan a slot. Slots of one sheet never overlap: raises SlotOverlap, IdempotencyMismatch."""
    slot = Slot(
        id=command.slot_id,
        start=command.start,
        end=command.end,
        max_capacity=command.max_capacity,
        request=command.request,
    )
    run = day.timeline.get(slot.id)
    if run is not None and _is_repeat(run.slot, slot):
        return Outcome(slot_id=slot.id, replayed=True)
    for other in day.runs:
        if other.slot.start < slot.end and slot.start < other.slot.end:
            raise SlotOverlap(other.slot.id)
    day.put_slot(slot)
    day.tell_slot(command, EventType.SLOT_ADDED, slot, "The slot was planned.", before=None)
    return Outcome(slot_id=slot.id)


def _is_repeat(stored: Slot, asked: Slot) -> bool:
    if stored.request is None or asked.request is None or stored.request.key != asked.request.key:
        return False
    if stored.request.fingerprint != asked.request.fingerprint:
        raise IdempotencyMismatch
    return True


def change_slot(day: Day, command: ChangeSlot) -> Outcome:
    """Change seats, status or delay. Fewer seats than are taken: raises SeatsTaken."""
    slot = day.run(command.slot_id).slot
    reasons = []
    changed = slot
    if command.max_capacity is not None and command.max_capacity != slot.max_capacity:
        _refuse_too_few(day, slot, command.max_capacity)
        changed = replace(changed, max_capacity=command.max_capacity)
        reasons.append(f"The slot now has {command.max_capacity} seats.")
    if command.status is not None and command.status is not slot.status:
        changed = replace(changed, status=command.status)
        opened = command.status is SlotStatus.OPEN
        reasons.append("The slot was opened again." if opened else "The slot was closed.")
    if command.delay_minutes is not None and command.delay_minutes != slot.delay_minutes:
        changed = replace(changed, delay_minutes=command.delay_minutes)
        reasons.append(
            f"The slot is delayed by {command.delay_minutes} minutes."
            if command.delay_minutes
            else "The slot's delay was taken back."
        )
    if reasons:
        day.put_slot(changed)
        day.tell_slot(command, EventType.SLOT_CHANGED, changed, " ".join(reasons), before=slot)
    return Outcome(slot_id=slot.id)


def _refuse_too_few(day: Day, slot: Slot, max_capacity: int) -> None:
    """Rule 13. Raising the seats is always allowed, also while emergencies sit beyond them."""
    seated = day.roster(slot.id).seated
    if max_capacity < slot.max_capacity and max_capacity < len(seated):
        raise SeatsTaken([(token.id, token.label) for token in ranked(seated)])
