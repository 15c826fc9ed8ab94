"""What the service refuses, in words: a sentence for the person who asked."""

from typing import assert_never, cast

from models.errors import (
    AlreadyBooked,
    BadTransition,
    Busy,
    ClockGoesBack,
    ClockOff,
    CursorAhead,
    DatabaseUnavailable,
    DayOver,
    DayOverruns,
    DoctorRetired,
    DocumentDamaged,
    GoToDesk,
    IdempotencyMismatch,
    InvalidTime,
    KeyDeclined,
    NoSlot,
    NoSlotCause,
    NotAccepting,
    NotAnOpdDay,
    OtherSheet,
    OtherSpecialization,
    OutcomeUnknown,
    QueueFull,
    RateLimited,
    Refusal,
    SameSlot,
    SeatGone,
    SeatsTaken,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
    SlotOverlap,
    StillIn,
    TimeProblem,
    TooEarly,
    TooManyWatchers,
    UndoExpired,
    UnknownDoctor,
    UnknownEncounter,
    UnknownFacility,
    UnknownSlot,
    UnknownToken,
    UnusableId,
    WrongDay,
)
from models.refusals import AnyRefusal
from services.wording.access import OfAccess, word_access
from services.wording.catalogue import Catalogue
from services.wording.notices import word_overrun
from services.wording.sign_in import OfSignIn, word_sign_in


def word_refusal(  # noqa: C901, PLR0911, PLR0912, PLR0915  # one case for each, proven total by mypy
    refusal: Refusal, catalogue: Catalogue
) -> str:
    """Why it was refused and what helps, without names or phone numbers."""
    say = catalogue.say
    known = cast(AnyRefusal, refusal)  # a test holds that the union has every leaf of the tree
    if isinstance(known, OfAccess):
        return word_access(known, catalogue)
    if isinstance(known, OfSignIn):
        return word_sign_in(known, catalogue)
    match known:
        case UnknownFacility():
            return say("There is no facility with this id.")
        case UnknownDoctor():
            return say("There is no doctor with this id. GET /api/doctors lists them.")
        case UnknownSlot():
            return say(
                "There is no slot with this id. "
                "GET /api/slots/doctor/{{doctorId}} lists a doctor's."
            )
        case UnknownToken():
            return say("There is no token with this id.")
        case UnknownEncounter():
            return say("The patient of this token has not checked in, so there was no visit.")
        case SlotFull():
            if not known.alternatives:
                return say("This slot is full. No other slot of the day would seat this patient.")
            return say(
                "This slot is full. Slots of the day that would seat this patient: {slots}.",
                slots=", ".join(f"{one.start_time}-{one.end_time}" for one in known.alternatives),
            )
        case SlotClosed():
            return say("This slot is closed. Choose another, or open it again.")
        case AlreadyBooked():
            return say(
                "This patient already has token {token} in this slot.", token=known.other.label
            )
        case SheetFull(limit=None):
            return say("This doctor's day holds as much as can be stored. Choose another day.")
        case SheetFull():
            return say(
                "This doctor's day already has its {limit} tokens. Choose another day.",
                limit=known.limit,
            )
        case QueueFull():
            return catalogue.count(
                "{n} patient waits for this doctor, and no more walk-ins are taken. "
                "Choose another doctor.",
                "{n} patients wait for this doctor, and no more walk-ins are taken. "
                "Choose another doctor.",
                known.size,
            )
        case NotAccepting():
            return say("This doctor takes no walk-ins now. Choose another doctor.")
        case DayOverruns():
            return word_overrun(known, catalogue)
        case BadTransition():
            if not known.allowed:
                return say(
                    "A token that is {present} can't become that. It stays as it is.",
                    present=known.present,
                )
            return say(
                "A token that is {present} can't become that. Allowed: {allowed}.",
                present=known.present,
                allowed=", ".join(known.allowed),
            )
        case StillIn():
            return say(
                "{token} is still in consultation there. Complete it first, or name it as finish.",
                token=known.other.label,
            )
        case GoToDesk():
            return say("Please go to the desk.")
        case TooEarly():
            return say(
                "You are early. You can check in from {time} on.", time=f"{known.opens_at:%H:%M}"
            )
        case ClockGoesBack():
            return say(
                "The clock stands at {now} and never goes back. Name a later time, or none.",
                now=known.now.isoformat(),
            )
        case UndoExpired():
            return say(
                "Only the last step of a token can be undone, within two minutes. "
                "Go on from where it stands."
            )
        case SeatGone():
            return say("The seat is another patient's by now, so this can't be undone. Book anew.")
        case SeatsTaken():
            return catalogue.count(
                "{n} seat of this slot is taken, by {tokens}. "
                "Cancel or reallocate some first, or keep at least as many seats.",
                "{n} seats of this slot are taken, by {tokens}. "
                "Cancel or reallocate some first, or keep at least as many seats.",
                len(known.taken),
                tokens=", ".join(each.label for each in known.taken),
            )
        case SlotOverlap():
            return say("The doctor already has a slot at that time: {slot}.", slot=known.slot_id)
        case UnusableId():
            return say("This id can't be used, in upper or lower case. Choose another.")
        case DoctorRetired():
            return say("This doctor has retired and takes no new bookings. Choose another doctor.")
        case OtherSheet():
            return say("The target slot belongs to another doctor or day. Name one of this day.")
        case SameSlot():
            return say("The target is the slot itself. Name another, or none.")
        case NoSlot():
            return _word_no_slot(known, catalogue)
        case KeyDeclined():
            return say("A repeat of this request was booked elsewhere. Send it once more.")
        case CursorAhead():
            return say(
                "No event has this seq: the newest is {newest}. The database was restored from a "
                "backup; begin anew with after=0.",
                newest=known.newest,
            )
        case RateLimited():
            return catalogue.count(
                "Asked too often. Try again in {n} second.",
                "Asked too often. Try again in {n} seconds.",
                known.retry_after_seconds,
            )
        case SlotOver():
            return say("This slot is over. Choose a later one.")
        case DayOver():
            return say("The day of this token is over, so its patient can't come back on it.")
        case InvalidTime():
            return _word_time(known, catalogue)
        case NotAnOpdDay():
            return say(
                "That date is a {weekday}; this doctor sees patients on {days}.",
                weekday=known.weekday,
                days=", ".join(known.opd_days),
            )
        case WrongDay():
            return say(
                "This token is for {day}, and today is {today}. "
                "To go ahead all the same, send anyDay: true with a reason.",
                day=known.day,
                today=known.today,
            )
        case OtherSpecialization():
            return say(
                "This doctor's specialization is {specialization}. Ask for the doctor or for a "
                "specialization, not for both.",
                specialization=known.specialization,
            )
        case IdempotencyMismatch():
            return say(
                "This Idempotency-Key was used for another request. "
                "Use a new key for a new request."
            )
        case Busy():
            return say("The service is busy and has changed nothing. Try again in a moment.")
        case TooManyWatchers():
            return say("As many watch already as can be told. Try again in a few seconds.")
        case OutcomeUnknown():
            return say(
                "The database did not confirm this in time: it may have happened. "
                "Repeat the request with the same Idempotency-Key, or look before you repeat it."
            )
        case DatabaseUnavailable():
            return say("The database does not answer, so nothing was changed. Try again shortly.")
        case ClockOff():
            return say(
                "The clocks of this server and of the database are too far apart, so nothing was "
                "changed. Tell the operator."
            )
        case DocumentDamaged():
            return say(
                "The stored document {document} can't be read, so nothing was changed. "
                "Tell the operator; other days are not affected.",
                document=known.document_id,
            )
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(known)


def _word_time(  # one for each problem, proven total by mypy
    refusal: InvalidTime, catalogue: Catalogue
) -> str:
    say = catalogue.say
    match refusal.problem:
        case TimeProblem.MALFORMED:
            return say("Write a time of day as HH:MM, from 00:00 to 23:59.")
        case TimeProblem.ENDS_AT_ITS_START:
            return say("A slot can't end when it starts. Give a later endTime.")
        case TimeProblem.TOO_LONG:
            return say(
                "A slot lasts 12 hours at most. An endTime before startTime means the next day."
            )
        case TimeProblem.ENDS_AFTER_THE_CALENDAR:
            return say("The slot would end after the last day of the calendar.")
        case TimeProblem.OUTSIDE_THE_CALENDAR:
            return say("That date is outside the calendar.")
        case TimeProblem.SKIPPED:
            return say(
                "{time} does not exist on {day}: the clocks go forward over it.",
                time=refusal.time,
                day=refusal.day,
            )
        case TimeProblem.NOT_REPEATED:
            return say(
                "{time} comes once on {day}: leave out the r.", time=refusal.time, day=refusal.day
            )
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(refusal.problem)


def _word_no_slot(refusal: NoSlot, catalogue: Catalogue) -> str:
    say, day = catalogue.say, refusal.day
    match refusal.cause:
        case NoSlotCause.NO_DOCTOR:
            return say("There is no such doctor, so nobody can be seen on {day}.", day=day)
        case NoSlotCause.NONE_PLANNED:
            return say("No fitting doctor has a slot on {day}. Choose another date.", day=day)
        case NoSlotCause.NONE_OPEN:
            return say("Every fitting slot on {day} is closed or over.", day=day)
        case NoSlotCause.HAS_TOKENS:
            return say("The patient has a token in every open slot on {day} already.", day=day)
        case _:  # pragma: no cover  # mypy proves that there is no other
            assert_never(refusal.cause)
