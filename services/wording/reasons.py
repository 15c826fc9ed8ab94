"""Why something happened, in words."""

from typing import assert_never

from models.doctor_session import SessionState
from models.line import ReturnTo
from models.patient import Particular
from models.reasons import (
    AlreadyCalled,
    Arrived,
    AwayForNow,
    BookedElsewhere,
    CalledAgain,
    CalledByColleague,
    CameBack,
    CameLate,
    ClosedToReallocate,
    ConfigSet,
    ConsultationBegan,
    ConsultationEnded,
    DayEnded,
    DidNotCome,
    DoctorCameBack,
    DoctorLeft,
    EmergencyOverflow,
    FirstOnWaitlist,
    FreeSeat,
    GaveWay,
    GaveWayToWait,
    LaterSeatFree,
    MarkSet,
    NoOtherPlace,
    NoOtherPlaceYet,
    NotSeen,
    NotThere,
    Outranked,
    PatientWasCalled,
    PutRight,
    Reason,
    RunsPastMidnight,
    SeatAdded,
    SentForTests,
    SessionSet,
    SlotNotAdded,
    SlotNotHeld,
    SlotPlanned,
    SlotSet,
    SlotWasFull,
    StepUndone,
    WasCalled,
    WasCancelled,
    WentHome,
)
from models.slot import SlotStatus
from models.token import token_label
from services.wording.catalogue import Catalogue


def word_reason(  # noqa: C901, PLR0911, PLR0912, PLR0915  # one case for each reason, which mypy proves
    reason: Reason, catalogue: Catalogue
) -> str:
    """The reason as a sentence, without names."""
    say = catalogue.say
    match reason:
        case FreeSeat():
            return say("The slot had a free seat.")
        case Outranked():
            token = token_label(reason.number)
            return say("The slot was full; {token} scored lower and gave way.", token=token)
        case EmergencyOverflow():
            return say("The slot was full; an emergency is seated beyond its capacity.")
        case SlotWasFull():
            return say("The slot was full.")
        case GaveWay():
            return say(
                "Gave way to {token} ({source}) and got the earliest later free seat.",
                token=token_label(reason.number),
                source=reason.source,
            )
        case GaveWayToWait():
            return say(
                "Gave way to {token} ({source}); "
                "no later slot had a free seat, so it waits for one.",
                token=token_label(reason.number),
                source=reason.source,
            )
        case FirstOnWaitlist():
            return say("A seat fell free, and it was first on the waitlist.")
        case LaterSeatFree():
            return say("It had lost its seat, and a later slot has a free one.")
        case Arrived():
            return say("The patient is here.")
        case CameLate():
            return say("The patient came late.")
        case WasCalled():
            return say("The patient was called.")
        case CalledByColleague():
            return say(
                "{doctor}, with whom the line is shared, called the patient.", doctor=reason.doctor
            )
        case ConsultationBegan():
            return say("The consultation began.")
        case ConsultationEnded():
            return say("The consultation ended.")
        case CameBack():
            return _word_return(reason, catalogue)
        case CalledAgain():
            return catalogue.count(
                "The patient was called again, for the first time.",
                "The patient was called again, {n} times by now.",
                reason.time,
            )
        case SentForTests():
            return say("The patient was sent for tests and keeps the seat.")
        case DidNotCome():
            return say("The patient was called and did not come.")
        case WasCancelled():
            return say("The token was cancelled.")
        case WentHome():
            return say("The patient went home before being seen.")
        case NotSeen():
            return say("The day ended before the patient was seen.")
        case DayEnded():
            return say("The day ended.")
        case NotThere():
            return say("The patient was not there.")
        case MarkSet(mark=None):
            return say("The mark of the token was taken back.")
        case MarkSet():
            return say("The token was marked {mark}.", mark=reason.mark)
        case StepUndone():
            return say("The step to {status} was a mistake and was undone.", status=reason.status)
        case PutRight():
            return _word_corrections(reason, catalogue)
        case SlotNotHeld():
            return say("Its slot can't be held; this slot had a place.")
        case AlreadyCalled():
            return say("Called or with the doctor already, so it stays.")
        case AwayForNow():
            return say("Sent for tests, or called and not there yet, so it stays.")
        case NoOtherPlace():
            return say("No other slot of the day has a place for it.")
        case NoOtherPlaceYet():
            return say(
                "No other slot of the day has a place for it. It waits for the next free seat."
            )
        case SlotPlanned():
            return say("The slot was planned.")
        case SlotSet():
            return " ".join(_word_settings(reason, catalogue))
        case ClosedToReallocate():
            return say("The slot can't be held, so it was closed and its patients moved.")
        case SeatAdded():
            return say(
                "{token} was there without a seat and the doctor had time, so it got one more.",
                token=token_label(reason.number),
            )
        case SessionSet():
            return _word_session(reason, catalogue)
        case ConfigSet(what=()):
            return say("The line goes on by the same settings.")
        case ConfigSet():
            return say("Settings of the line were changed: {what}.", what=", ".join(reason.what))
        case PatientWasCalled():
            return say("A patient was called in, so the doctor sees patients.")
        case RunsPastMidnight():
            return say("A slot of the day before passes midnight and takes these hours.")
        case SlotNotAdded():
            return say("The slot of the day before was not added.")
        case DoctorLeft():
            return say("The doctor has retired.")
        case DoctorCameBack():
            return say("The doctor is back.")
        case BookedElsewhere():
            return say("Another doctor's day suited better.")
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(reason)


def _word_corrections(reason: PutRight, catalogue: Catalogue) -> str:
    sentences = {
        Particular.NAME: catalogue.say("The patient's name was corrected."),
        Particular.PHONE_NUMBER: catalogue.say("The patient's phone number was corrected."),
        Particular.LANGUAGE: catalogue.say("The patient's language was corrected."),
    }
    return " ".join(sentences[particular] for particular in reason.what)


def _word_return(reason: CameBack, catalogue: Catalogue) -> str:
    match reason.to:
        case ReturnTo.FIRST:
            return catalogue.say("The patient is back and goes next.")
        case ReturnTo.LAST:
            return catalogue.say("The patient is back and queues as if just arrived.")
        case ReturnTo.SAME:
            return catalogue.say("The patient is back in the old place of the queue.")
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(reason.to)


def _word_session(reason: SessionSet, catalogue: Catalogue) -> str:
    match reason.state:
        case SessionState.NOT_STARTED:
            return catalogue.say("The doctor has not started yet.")
        case SessionState.IN_SESSION:
            return catalogue.say("The doctor sees patients.")
        case SessionState.ON_BREAK:
            return catalogue.say("The doctor takes a break.")
        case SessionState.FINISHED:
            return catalogue.say("The doctor has finished for the day.")
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(reason.state)


def _word_settings(asked: SlotSet, catalogue: Catalogue) -> list[str]:
    sentences = []
    if asked.max_capacity is not None:
        sentences.append(
            catalogue.count(
                "The slot now has {n} seat.", "The slot now has {n} seats.", asked.max_capacity
            )
        )
    if asked.status is SlotStatus.OPEN:
        sentences.append(catalogue.say("The slot was opened again."))
    elif asked.status is SlotStatus.CLOSED:
        sentences.append(catalogue.say("The slot was closed."))
    if asked.delay_minutes == 0:
        sentences.append(catalogue.say("The slot's delay was taken back."))
    elif asked.delay_minutes is not None:
        sentences.append(
            catalogue.count(
                "The slot is delayed by {n} minute.",
                "The slot is delayed by {n} minutes.",
                asked.delay_minutes,
            )
        )
    return sentences
