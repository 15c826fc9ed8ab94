"""A doctor retires, or comes back: what that means on one of the doctor's days."""

from engine.decision import Outcome
from engine.editor import Editor
from models.commands import SetTenure


def set_tenure(edit: Editor, command: SetTenure) -> Outcome:
    """Take over what the doctor's document says, unless this day knows something newer."""
    if command.tenure.change > edit.day.sheet.tenure.change:
        edit.set_tenure(command.tenure)
        edit.record.tenure_set(command.tenure)
    return Outcome()
