"""The doctor's session begins, pauses and ends. Rule 18."""

from engine.decision import Outcome
from engine.editor import Editor
from models.commands import SetSession
from models.doctor_session import DoctorSession, SessionState
from models.errors import WrongDay
from models.reasons import PatientWasCalled, SessionSet


def set_session(edit: Editor, command: SetSession) -> Outcome:
    """Take over what is said of the doctor; the same again changes nothing.

    Raises WrongDay before the sheet's date.
    """
    day = edit.day
    if day.today < day.sheet.date:
        raise WrongDay(day.sheet.date, day.today)
    present = day.sheet.session
    until = command.until if command.state is SessionState.ON_BREAK else None
    if (command.state, until) != (present.state, present.until):
        edit.set_session(DoctorSession(command.state, day.now, until))
        edit.record.session_changed(
            present, edit.day.sheet.session, SessionSet(command.state, until), command.note
        )
    return Outcome()


def come_in(edit: Editor) -> Outcome:
    """Know that the doctor calls a patient from another's line.

    Raises WrongDay before the sheet's date.
    """
    day = edit.day
    if day.today < day.sheet.date:
        raise WrongDay(day.sheet.date, day.today)
    begin_session(edit)
    return Outcome()


def begin_session(edit: Editor) -> None:
    """A patient is called or begun with: whatever was said before, the doctor is there."""
    present = edit.day.sheet.session
    if present.state is not SessionState.IN_SESSION:
        edit.set_session(DoctorSession(SessionState.IN_SESSION, edit.day.now))
        edit.record.session_changed(present, edit.day.sheet.session, PatientWasCalled())
