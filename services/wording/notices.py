"""What an answer says beside what was asked, where its figures alone would mislead."""

from datetime import datetime

from engine.accuracy import Accuracy
from models.errors import DayOverruns
from models.sheet import Sheet
from models.slot import SlotStatus
from services.wording.catalogue import Catalogue

_ENOUGH = 20
"""So many patients have to have been told before anything is said of how often it came true."""


def word_late_night(until: datetime, sheet: Sheet, catalogue: Catalogue) -> str:
    """A delay reaches into the next day, whose slots it does not move."""
    return catalogue.say(
        "By its delays this day ends at {time} of the next. The slots of the next day keep their "
        "times, since each day is kept by itself: delay those too that can't begin on time.",
        time=f"{until.astimezone(sheet.zone):%H:%M}",
    )


def word_closed(slot_id: str, sheet: Sheet, catalogue: Catalogue) -> str | None:
    """The slot that a token stands in is closed; None for one that is open."""
    timed = sheet.timeline.get(slot_id)
    if timed is None or timed.slot.status is SlotStatus.OPEN:
        return None
    start, end = timed.slot.start.astimezone(sheet.zone), timed.slot.end.astimezone(sheet.zone)
    return catalogue.say(
        "The slot {hours} is closed, so nobody can tell when it begins. Ask at the desk.",
        hours=f"{start:%H:%M}-{end:%H:%M}",
    )


def word_accuracy(lately: Accuracy, catalogue: Catalogue) -> str | None:
    """How far a patient may trust the time that is told; None while nobody can know.

    Never more than what was: 89 of 100 are 8 of 10.
    """
    if lately.compared < _ENOUGH:
        return None
    return catalogue.say(
        "In the last weeks {right} of 10 such estimates were right within 10 minutes.",
        right=10 * lately.right // lately.compared,
    )


def word_late_end(ends: datetime, catalogue: Catalogue) -> str:
    """A walk-in is told that the doctor's day should end too late; `ends` in the day's zone."""
    return catalogue.say(
        "The doctor's day is expected to end at {time}, later than planned. The wait may be long.",
        time=f"{ends:%H:%M}",
    )


def word_overrun(refusal: DayOverruns, catalogue: Catalogue) -> str:
    """A walk-in is offered another doctor, if one is free; the clocks are the day's."""
    offer = refusal.offer
    if offer is None:
        return word_late_end(refusal.ends_at, catalogue)
    return catalogue.say(
        "The doctor's day is expected to end at {time}, later than planned. {doctor} should be free "
        "at {free}. Book there, or send despiteOverrun: true to wait here.",
        time=f"{refusal.ends_at:%H:%M}",
        doctor=offer.doctor_name,
        free=f"{offer.estimated_time:%H:%M}",
    )
