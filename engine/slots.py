"""Slots are added, changed and delayed. Rules 9 and 13."""

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.rank import ranked
from models.commands import AddSlot, ChangeSlot, FreeHours, HoldHours
from models.errors import IdempotencyMismatch, SeatsTaken, SlotOverlap
from models.events import EventType
from models.slot import HeldHours, Slot, SlotStatus


def add_slot(edit: Editor, command: AddSlot) -> Outcome:
    """Plan a slot. Slots of one sheet never overlap: raises SlotOverlap, IdempotencyMismatch."""
    slot = Slot(
        id=command.slot_id,
        start=command.start,
        end=command.end,
        max_capacity=command.max_capacity,
        request=command.request,
    )
    run = edit.day.sheet.timeline.get(slot.id)
    if run is not None:
        if not _is_repeat(run.slot, slot):
            # Also at another instant: an id is a local hour, and zones have changed before.
            raise SlotOverlap(slot.id)
        return Outcome(slot_id=slot.id, replayed=True)
    _refuse_overlap(edit.day, command)
    edit.put_slot(slot)
    edit.record.tell_slot(EventType.SLOT_ADDED, slot, "The slot was planned.", before=None)
    return Outcome(slot_id=slot.id)


def hold_hours(edit: Editor, command: HoldHours) -> Outcome:
    """Keep hours for a slot of the day before. Raises SlotOverlap."""
    outcome = Outcome(slot_id=command.slot_id)
    if any(hours.slot_id == command.slot_id for hours in edit.day.sheet.held):
        return outcome
    _refuse_overlap(edit.day, command)
    hours = HeldHours(
        slot_id=command.slot_id, start=command.start, end=command.end, at=edit.day.now
    )
    edit.hold((*edit.day.sheet.held, hours))
    reason = "A slot of the day before passes midnight and takes these hours."
    edit.record.tell_sheet(EventType.HOURS_HELD, reason, command.slot_id)
    return outcome


def free_hours(edit: Editor, command: FreeHours) -> Outcome:
    """Give back hours that were held for a slot that was not added."""
    kept = tuple(
        hours
        for hours in edit.day.sheet.held
        if hours.slot_id != command.slot_id or hours.at > command.held_by
    )
    if kept != edit.day.sheet.held:
        edit.hold(kept)
        reason = "The slot of the day before was not added."
        edit.record.tell_sheet(EventType.HOURS_FREED, reason, command.slot_id)
    return Outcome(slot_id=command.slot_id)


def _refuse_overlap(day: Day, asked: AddSlot | HoldHours) -> None:
    taken = [(run.slot.id, run.slot.start, run.slot.end) for run in day.runs]
    taken += [(hours.slot_id, hours.start, hours.end) for hours in day.sheet.held]
    for slot_id, start, end in taken:
        if start < asked.end and asked.start < end:
            raise SlotOverlap(slot_id)


def _is_repeat(stored: Slot, asked: Slot) -> bool:
    if stored.request is None or asked.request is None or stored.request.key != asked.request.key:
        return False
    if stored.request.fingerprint != asked.request.fingerprint:
        raise IdempotencyMismatch
    return True


def change_slot(edit: Editor, command: ChangeSlot) -> Outcome:
    """Change seats, status or delay. Fewer seats than are taken: raises SeatsTaken."""
    slot = edit.day.run(command.slot_id).slot
    reasons = []
    changed = slot
    if command.max_capacity is not None and command.max_capacity != slot.max_capacity:
        _refuse_too_few(edit.day, slot, command.max_capacity)
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
        edit.put_slot(changed)
        edit.record.tell_slot(EventType.SLOT_CHANGED, changed, " ".join(reasons), before=slot)
    return Outcome(slot_id=slot.id)


def _refuse_too_few(day: Day, slot: Slot, max_capacity: int) -> None:
    """Rule 13. Raising the seats is always allowed, also while emergencies sit beyond them."""
    seated = day.roster(slot.id).seated
    if max_capacity < slot.max_capacity and max_capacity < len(seated):
        raise SeatsTaken([(token.id, token.label) for token in ranked(seated)])
