"""When a patient was due, and as of when one who is here stands in line. Rule 14."""

from datetime import datetime, timedelta

from engine.day import Day
from engine.rank import rank
from models.token import Token


def due_time(day: Day, token: Token) -> datetime:
    """When the token's consultation was to begin, if nobody were early or late.

    The slot's expected start, and a consultation for each better-ranked token that holds a seat
    there, also of those who were seen: else those still to come would be due ever earlier.
    """
    own = rank(token)
    before = sum(rank(other) < own for other in day.roster(token.slot_id).seated)
    return day.timed_slot(token.slot_id).expected_start + before * day.consultation


def virtual_arrival(day: Day, token: Token) -> datetime:
    """As of when a patient who checks in now stands in line.

    The due time of an appointment that is on time, however early it came; else now.
    """
    if token.source.row.appointment:
        due = due_time(day, token)
        if day.now <= due + timedelta(minutes=day.policy.late_grace_minutes):
            return due
    return day.now
