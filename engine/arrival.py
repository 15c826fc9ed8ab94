"""When a patient was due, and as of when one who is here stands in line. Rule 14."""

from collections import defaultdict
from datetime import datetime, timedelta

from engine.day import Day
from models.rank import rank, ranked
from models.token import SEATED, Status, Token

_COUNTED = SEATED | {Status.NO_SHOW}


def due_time(day: Day, token: Token) -> datetime:
    """When the token's consultation was to begin, if nobody were early or late.

    The slot's expected start, and a consultation for each better-ranked token that has a seat there
    or had one until its patient did not come: else those still to come would be due ever earlier.
    """
    own = rank(token)
    before = sum(
        other.slot_id == token.slot_id and other.status in _COUNTED and rank(other) < own
        for other in day.sheet.tokens
    )
    return day.timed_slot(token.slot_id).expected_start + before * day.consultation


def due_times(day: Day) -> dict[int, datetime]:
    """By number the due time of each token that has a seat or waits for one."""
    by_slot: defaultdict[str, list[Token]] = defaultdict(list)
    for token in day.sheet.tokens:
        if token.status in _COUNTED or token.status is Status.WAITLISTED:
            by_slot[token.slot_id].append(token)
    dues = {}
    for slot_id, tokens in by_slot.items():
        due = day.timed_slot(slot_id).expected_start
        for token in ranked(tokens):
            dues[token.number] = due
            if token.status in _COUNTED:
                due += day.consultation
    return dues


def virtual_arrival(day: Day, token: Token) -> datetime:
    """As of when a patient who checks in now stands in line.

    The due time of an appointment that is on time, however early it came; else now.
    """
    if token.source.row.appointment:
        due = due_time(day, token)
        if day.now <= due + timedelta(minutes=day.policy.late_grace_minutes):
            return due
    return day.now


def be_there_by(day: Day, token: Token, earliest: datetime) -> datetime:
    """When a patient who is yet to come has to be there, whose consultation begins at the `earliest`.

    An appointment also has to be there while it is on time, and while nobody thinks that it doesn't
    come: who comes later stands behind others, however late the doctor is.
    """
    if not token.source.row.appointment:
        return earliest
    minutes = min(day.policy.late_grace_minutes, day.policy.no_show_minutes)
    return min(earliest, due_time(day, token) + timedelta(minutes=minutes))
