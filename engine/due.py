"""What time alone changes of a day, and when. Rules 8 and 19."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.arrival import due_times
from engine.day import Day
from models.doctor_session import SessionState
from models.token import LIVE, Status, Token


def next_tick(day: Day) -> datetime | None:
    """When time alone will change something, if nothing else happens before; None for never."""
    if not _goes_on(day):
        return None
    return min((moment for moment, _ in timeouts(day)), default=day.ends_at)


def timeouts(day: Day) -> Iterator[tuple[datetime, Token]]:
    """Who comes too late, and from when on: no later than the day's end.

    Nobody before the session has begun: a doctor who is late costs nobody a seat. But who was called
    by another doctor is waited for by that one.
    """
    begun = day.sheet.session.state is not SessionState.NOT_STARTED
    timeout = timedelta(minutes=day.policy.no_show_minutes)
    for token in day.sheet.called:
        since = token.called_at if token.status is Status.CALLED else token.away_at
        if (begun or token.served_by is not None) and since is not None:
            yield min(since + timeout, day.ends_at), token
    if day.sheet.session.state is SessionState.IN_SESSION:
        for due, token in _awaited(day):
            yield min(due + timeout, day.ends_at), token


def _awaited(day: Day) -> Iterator[tuple[datetime, Token]]:
    """The BOOKED before whom nobody is waiting who was due earlier, with their due times."""
    booked = [token for token in day.sheet.tokens if token.status is Status.BOOKED]
    if not booked:
        return
    dues = due_times(day)
    here = (dues[token.number] for token in day.sheet.tokens if token.status is Status.CHECKED_IN)
    earliest = min(here, default=None)
    for token in booked:
        due = dues[token.number]
        if earliest is None or due <= earliest:
            yield due, token


def _goes_on(day: Day) -> bool:
    return day.sheet.session.runs or any(token.status in LIVE for token in day.sheet.tokens)
