"""What happened to a token, as one would read it out to its patient."""

from typing import assert_never

from models.events import (
    Booked,
    BookedBeyondCapacity,
    Bumped,
    EventOfToken,
    Marked,
    PatientCorrected,
    Promoted,
    Reallocated,
    Recalled,
    StatusChanged,
    Stayed,
    Undone,
    Waitlisted,
)
from models.reasons import (
    Arrived,
    CalledByColleague,
    CameBack,
    CameLate,
    ConsultationBegan,
    ConsultationEnded,
    DayEnded,
    DidNotCome,
    NotSeen,
    NotThere,
    SentForTests,
    WasCalled,
    WasCancelled,
    WentHome,
)
from models.sheet import Sheet
from models.token import Status, token_label
from services.wording.catalogue import Catalogue
from services.wording.reasons import word_reason


def word_event(  # noqa: C901, PLR0911, PLR0912  # one for each kind of event, proven total by mypy
    event: EventOfToken, sheet: Sheet, catalogue: Catalogue
) -> str:
    """The event in words; no other patient's name is in it."""
    say = catalogue.say
    token, hours = token_label(event.number), _hours(event.after.slot_id, sheet)
    match event:
        case Booked():
            return say("You got token {token} for the slot {hours}.", token=token, hours=hours)
        case BookedBeyondCapacity():
            return say(
                "You got token {token} for the slot {hours}, as an emergency.",
                token=token,
                hours=hours,
            )
        case Waitlisted():
            return say(
                "The slot {hours} was full, so you got token {token} on its waitlist.",
                token=token,
                hours=hours,
            )
        case Bumped():
            return _word_bump(event, hours, catalogue)
        case Promoted():
            return say("A seat fell free: you now have one in the slot {hours}.", hours=hours)
        case Reallocated():
            return say(
                "Your slot can't be held, so you were moved to the slot {hours}.", hours=hours
            )
        case Stayed():
            not_held = say("Your slot can't be held.")
            return f"{not_held} {word_reason(event.reason, catalogue)}"
        case Recalled():
            return say("You were called again.")
        case Marked():
            return _word_mark(event, hours, catalogue)
        case Undone():
            return say("The last step was a mistake and was undone.")
        case PatientCorrected():
            return word_reason(event.reason, catalogue)
        case StatusChanged():
            return _word_status(event, catalogue)
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(event)


def _word_mark(event: Marked, hours: str, catalogue: Catalogue) -> str:
    words = word_reason(event.reason, catalogue)
    if event.before == event.after:
        return words
    seat = catalogue.say("You now have a seat in the slot {hours}.", hours=hours)
    return f"{words} {seat}"


def _word_bump(event: Bumped, hours: str, catalogue: Catalogue) -> str:
    cause = token_label(event.cause)
    if event.after.status is Status.WAITLISTED:
        return catalogue.say(
            "You lost your seat and wait for the next one that falls free. "
            "Token {cause} had to go first.",
            cause=cause,
        )
    return catalogue.say(
        "You were moved to the slot {hours}. Token {cause} had to go first.",
        hours=hours,
        cause=cause,
    )


def _word_status(  # noqa: C901, PLR0911, PLR0912  # one for each reason, proven total by mypy
    event: StatusChanged, catalogue: Catalogue
) -> str:
    say = catalogue.say
    match event.reason:
        case Arrived():
            return say("You checked in.")
        case CameLate():
            return say("You came late and were taken back into the queue.")
        case CameBack():
            return say("You came back and were taken back into the queue.")
        case SentForTests():
            return say("You were sent for tests, and your seat is kept.")
        case DidNotCome():
            return say("You were called and did not come. Tell the desk when you are there.")
        case WasCalled():
            return say("You were called.")
        case CalledByColleague():
            return say("{doctor} called you.", doctor=event.reason.doctor)
        case ConsultationBegan():
            return say("Your consultation began.")
        case ConsultationEnded():
            return say("Your consultation ended.")
        case WasCancelled():
            return say("Your token was cancelled.")
        case WentHome():
            return say("You went home before you were seen.")
        case NotSeen():
            return say("The day ended before you were seen. The desk is sorry, and will help you.")
        case DayEnded():
            return _word_end(event, catalogue)
        case NotThere():
            return say("You were called or awaited, and were not there.")
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(event.reason)


def _word_end(event: StatusChanged, catalogue: Catalogue) -> str:
    if event.after.status is Status.CANCELLED:
        return catalogue.say("The day ended, and no seat had fallen free for you.")
    if event.after.status is Status.COMPLETED:
        return catalogue.say("The day ended, and your consultation with it.")
    return catalogue.say("The day ended, and you had not come.")


def _hours(slot_id: str, sheet: Sheet) -> str:
    """The slot's planned hours; its id when it is none of this sheet's."""
    timed = sheet.timeline.get(slot_id)
    if timed is None:
        return slot_id
    start, end = timed.slot.start.astimezone(sheet.zone), timed.slot.end.astimezone(sheet.zone)
    return f"{start:%H:%M}-{end:%H:%M}"
