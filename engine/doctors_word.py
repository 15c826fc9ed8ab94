"""What a doctor's document says, taken over by one of the doctor's days. Rule 23."""

from engine.decision import Outcome
from engine.editor import Editor
from models.commands import SetConfig, SetTenure


def set_tenure(edit: Editor, command: SetTenure) -> Outcome:
    """Take over what the doctor's document says, unless this day knows something newer."""
    if command.tenure.change > edit.day.sheet.tenure.change:
        edit.set_tenure(command.tenure)
        edit.record.tenure_set(command.tenure)
    return Outcome()


def set_config(edit: Editor, command: SetConfig) -> Outcome:
    """Take over what the line has otherwise, unless this day knows something newer."""
    before = edit.day.sheet.config
    if command.config.change > before.change:
        edit.set_config(command.config)
        edit.record.config_changed(before, command.config)
    return Outcome()
