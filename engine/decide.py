"""The one way into the rules: a command on a sheet gives a decision, or a refusal."""

from datetime import datetime

from engine.booking import book, decline
from engine.calling import call_next, call_shared, recall
from engine.decision import Decision, Outcome
from engine.doctor_session import come_in, set_session
from engine.doctors_word import set_config, set_tenure
from engine.editor import Editor
from engine.marking import set_mark
from engine.patients import correct_patient
from engine.promotion import promote
from engine.reallocation import reallocate
from engine.slots import add_slot, change_slot, release_hours, reserve_hours
from engine.status import change_status
from engine.ticking import tick
from engine.undo import undo
from models.commands import (
    AddSlot,
    BeginSession,
    Book,
    CallNext,
    CallShared,
    ChangeSlot,
    ChangeStatus,
    CorrectPatient,
    Decline,
    Reallocate,
    Recall,
    ReleaseHours,
    ReserveHours,
    SetConfig,
    SetMark,
    SetSession,
    SetTenure,
    Tick,
    Undo,
)
from models.policy import Policy
from models.sheet import Sheet

SheetCommand = (
    Book
    | ChangeStatus
    | CallNext
    | CallShared
    | BeginSession
    | Recall
    | Undo
    | SetMark
    | Tick
    | SetSession
    | AddSlot
    | ChangeSlot
    | Reallocate
    | CorrectPatient
    | SetTenure
    | SetConfig
    | Decline
    | ReserveHours
    | ReleaseHours
)


def decide(sheet: Sheet, command: SheetCommand, policy: Policy, now: datetime) -> Decision:
    """Apply one command, then give every seat that fell free to who waits for it.

    Pure: the same arguments give the same decision, and `sheet` is never changed. What the sheet has
    otherwise than `policy` counts. A sheet's time never goes back: an earlier `now` counts as the
    sheet's own time. Raises one `models.errors.Refusal`, and then nothing has happened.
    """
    edit = Editor(sheet, command, policy, now)
    outcome = _apply(edit, command)
    promote(edit)
    return edit.close(outcome)


def _apply(  # noqa: C901, PLR0911, PLR0912  # one for each command, proven total by mypy
    edit: Editor, command: SheetCommand
) -> Outcome:
    match command:
        case Book():
            return book(edit, command)
        case ChangeStatus():
            return change_status(edit, command)
        case CallNext():
            return call_next(edit, command)
        case CallShared():
            return call_shared(edit, command)
        case BeginSession():
            return come_in(edit)
        case SetMark():
            return set_mark(edit, command)
        case Undo():
            return undo(edit, command)
        case Tick():
            return tick(edit)
        case Recall():
            return recall(edit, command)
        case SetSession():
            return set_session(edit, command)
        case ChangeSlot():
            return change_slot(edit, command)
        case Reallocate():
            return reallocate(edit, command)
        case CorrectPatient():
            return correct_patient(edit, command)
        case SetTenure():
            return set_tenure(edit, command)
        case SetConfig():
            return set_config(edit, command)
        case AddSlot():
            return add_slot(edit, command)
        case Decline():
            return decline(edit, command)
        case ReserveHours():
            return reserve_hours(edit, command)
        case ReleaseHours():  # pragma: no branch  # there is no other command, which mypy proves
            return release_hours(edit, command)
