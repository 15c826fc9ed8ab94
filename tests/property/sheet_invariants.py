"""What holds of every step of what a sheet has besides its tokens: slots, hours, tenure, session."""

from msgspec.structs import replace

from models.commands import (
    AddSlot,
    CallNext,
    CallShared,
    ChangeSlot,
    Decline,
    Reallocate,
    ReleaseHours,
    ReserveHours,
    SetConfig,
    SetTenure,
    Undo,
)
from models.doctor_session import SessionState
from models.events import ConfigChanged, KeyDeclined, SessionChanged, StatusChanged
from models.reasons import CalledByColleague, WasCalled
from models.slot import Slot
from models.token import Status
from tests.property.step import Step


def check_sheet(step: Step) -> None:
    """Assert all of them."""
    _slots_change_by_slot_commands_alone(step)
    _hours_and_keys_change_by_their_commands_alone(step)
    _the_latest_tenure_counts(step)
    _the_latest_config_counts(step)
    _the_session_changes_as_told(step)


def _slots_change_by_slot_commands_alone(step: Step) -> None:
    old = {slot.id: slot for slot in step.before.sheet.slots}
    new = {slot.id: slot for slot in step.after.sheet.slots}
    assert old.keys() <= new.keys()
    differ = {slot_id for slot_id, slot in new.items() if old.get(slot_id) != slot}
    if isinstance(step.command, CallNext | CallShared):
        for slot_id in differ:
            assert new[slot_id] == replace(old[slot_id], max_capacity=old[slot_id].max_capacity + 1)
            (called,) = [
                told
                for told in step.told_of(StatusChanged)
                if isinstance(told.reason, WasCalled | CalledByColleague)
            ]
            assert (called.after.slot_id, called.before.status) == (slot_id, Status.WAITLISTED)
            assert step.before.taken(slot_id) >= old[slot_id].max_capacity
    elif isinstance(step.command, AddSlot | ChangeSlot | Reallocate):
        assert differ <= {step.command.slot_id}
        for slot_id in differ & old.keys():
            assert _planned(old[slot_id]) == _planned(new[slot_id])
    else:
        assert not differ


def _the_latest_tenure_counts(step: Step) -> None:
    before, after = step.before.sheet.tenure, step.after.sheet.tenure
    asked = step.command.tenure if isinstance(step.command, SetTenure) else before
    assert after == (asked if asked.change > before.change else before)


def _the_latest_config_counts(step: Step) -> None:
    before, after = step.before.sheet.config, step.after.sheet.config
    asked = step.command.config if isinstance(step.command, SetConfig) else before
    assert after == (asked if asked.change > before.change else before)
    assert [told.config_after for told in step.told_of(ConfigChanged)] == (
        [] if after == before else [after]
    )


def _the_session_changes_as_told(step: Step) -> None:
    before, after = step.before.sheet.session, step.after.sheet.session
    if before != after:
        (told,) = step.told_of(SessionChanged)
        assert (told.session_before, told.session_after) == (before.state, after.state)
        assert after.since == step.after.now
    else:
        assert not step.told_of(SessionChanged)
    for old, new in step.changed():
        by_doctor = new.status in (Status.CALLED, Status.IN_CONSULTATION)
        if by_doctor and old.status is not new.status and not isinstance(step.command, Undo):
            if new.served_by is None:
                assert after.state is SessionState.IN_SESSION
            else:
                assert after == before


def _hours_and_keys_change_by_their_commands_alone(step: Step) -> None:
    before, after = step.before.sheet, step.after.sheet
    if isinstance(step.command, ReserveHours):
        assert after.reserved_hours[: len(before.reserved_hours)] == before.reserved_hours
    elif isinstance(step.command, ReleaseHours):
        assert set(after.reserved_hours) <= set(before.reserved_hours)
    else:
        assert after.reserved_hours == before.reserved_hours
    added: tuple[str, ...] = ()
    if step.told_of(KeyDeclined):
        assert isinstance(step.command, Decline | CallShared)
        key = step.command.key if isinstance(step.command, Decline) else _key_of(step.command)
        added = (key,)
    assert after.declined == before.declined + added


def _key_of(command: CallShared) -> str:
    assert command.request is not None
    return command.request.key


def _planned(slot: Slot) -> tuple[object, ...]:
    return (slot.id, slot.start, slot.end, slot.request)
