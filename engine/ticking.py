"""What time alone brings: who was called or awaited in vain, and the end of the day. Rule 19."""

from msgspec.structs import replace

from engine.decision import Outcome
from engine.due import timeouts
from engine.editor import Editor
from models.doctor_session import DoctorSession, SessionState
from models.reasons import DayEnded, DidNotCome, NotSeen, NotThere, StatusReason
from models.token import EndCode, Status, Token


def tick(edit: Editor) -> Outcome:
    """Do what is due by now; nothing is, the second time."""
    if edit.day.now >= edit.day.ends_at:
        _end(edit)
    else:
        _time_out(edit)
    return Outcome()


def _time_out(edit: Editor) -> None:
    now = edit.day.now
    late = [token for moment, token in timeouts(edit.day) if moment <= now]
    changed = []
    for token in sorted(late, key=lambda token: token.number):
        after = _timed_out(token, edit)
        reason = DidNotCome() if after.status is Status.MISSED else NotThere()
        edit.record.status_changed(token, after, reason, None)
        changed.append(after)
    edit.put_tokens(changed)


def _timed_out(token: Token, edit: Editor) -> Token:
    now = edit.day.now
    if token.status is Status.CALLED:
        return replace(token, status=Status.MISSED, away_at=now, last_step=None)
    return replace(token, status=Status.NO_SHOW, ended_at=now, last_step=None)


_ENDS: dict[Status, tuple[Status, EndCode, StatusReason]] = {
    Status.WAITLISTED: (Status.CANCELLED, EndCode.DAY_ENDED, DayEnded()),
    Status.BOOKED: (Status.NO_SHOW, EndCode.DAY_ENDED, DayEnded()),
    Status.MISSED: (Status.NO_SHOW, EndCode.DAY_ENDED, DayEnded()),
    Status.CHECKED_IN: (Status.CANCELLED, EndCode.NOT_SEEN, NotSeen()),
    Status.CALLED: (Status.CANCELLED, EndCode.NOT_SEEN, NotSeen()),
    Status.PARKED: (Status.CANCELLED, EndCode.NOT_SEEN, NotSeen()),
    Status.IN_CONSULTATION: (Status.COMPLETED, EndCode.DAY_ENDED, DayEnded()),
}
"""What becomes of each live token."""


def _end(edit: Editor) -> None:
    changed = []
    for token in edit.day.sheet.tokens:
        if token.status in _ENDS:
            status, code, reason = _ENDS[token.status]
            after = replace(
                token, status=status, ended_at=edit.day.now, end_code=code, last_step=None
            )
            edit.record.status_changed(token, after, reason, None)
            changed.append(after)
    edit.put_tokens(changed)
    session = edit.day.sheet.session
    if session.runs:
        edit.set_session(DoctorSession(SessionState.FINISHED, edit.day.now))
        edit.record.session_changed(session, edit.day.sheet.session, DayEnded())
