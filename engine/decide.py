"""The one way into the rules: a command on a sheet gives a decision, or a refusal."""

from datetime import datetime

from engine.booking import book, decline
from engine.day import Day, Decision, Outcome
from engine.promotion import promote
from engine.reallocation import reallocate
from engine.slots import add_slot, change_slot, free_hours, hold_hours
from engine.status import change_status
from models.commands import (
    AddSlot,
    Book,
    ChangeSlot,
    ChangeStatus,
    Decline,
    FreeHours,
    HoldHours,
    Reallocate,
)
from models.policy import Policy
from models.sheet import Sheet

SheetCommand = (
    Book | ChangeStatus | AddSlot | ChangeSlot | Reallocate | Decline | HoldHours | FreeHours
)


def decide(sheet: Sheet, command: SheetCommand, policy: Policy, now: datetime) -> Decision:
    """Apply one command, then give every seat that fell free to who waits for it.

    Pure: the same arguments give the same decision, and `sheet` is never changed. A sheet's time
    never goes back: an earlier `now` counts as the sheet's own time. Raises one
    `models.errors.Refusal`, and then nothing has happened.
    """
    day = Day(sheet, policy, now)
    outcome = _apply(day, command)
    promote(day, command)
    return day.close(outcome)


def _apply(day: Day, command: SheetCommand) -> Outcome:
    match command:
        case Book():
            return book(day, command)
        case ChangeStatus():
            return change_status(day, command)
        case ChangeSlot():
            return change_slot(day, command)
        case Reallocate():
            return reallocate(day, command)
        case AddSlot():
            return add_slot(day, command)
        case Decline():
            return decline(day, command)
        case HoldHours():
            return hold_hours(day, command)
        case FreeHours():  # pragma: no branch  # there is no other command, which mypy proves
            return free_hours(day, command)
