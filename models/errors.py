"""Every refusal of the service, as one tree. `routes/errors.py` maps each class to its answer.

Refusal
├── NotFound            UnknownDoctor, UnknownSlot, UnknownToken
├── Conflict            SlotFull, SlotClosed, AlreadyBooked, SheetFull, BadTransition, SeatsTaken,
│                       SlotOverlap, DoctorExists, OtherSheet, SameSlot, NoSlot, KeyDeclined
├── TooLate             SlotOver, DayOver
├── Unacceptable        InvalidTime, NotAnOpdDay, IdempotencyMismatch
└── Unavailable         Busy, OutcomeUnknown, DatabaseUnavailable, ClockOff, DocumentDamaged

A refusal changes nothing (but OutcomeUnknown, which can't tell). `str()` of it is a sentence
for the person who asked, without names or phone numbers; `help` holds what they can do with.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from models.token import Status

Help = Mapping[str, object]


class Refusal(Exception):
    """The service won't do what it was asked. `code` is stable, for machines."""

    code: ClassVar[str]
    title: ClassVar[str]

    @property
    def help(self) -> Help:
        """What helps the caller: alternatives, allowed states, another token's id."""
        return {}


class NotFound(Refusal):
    """What the request names does not exist."""


class UnknownDoctor(NotFound):
    """No such doctor."""

    code = "unknown_doctor"
    title = "Unknown doctor"

    def __init__(self) -> None:
        super().__init__("There is no doctor with this id. GET /api/doctors lists them.")


class UnknownSlot(NotFound):
    """No such slot."""

    code = "unknown_slot"
    title = "Unknown slot"

    def __init__(self) -> None:
        super().__init__(
            "There is no slot with this id. GET /api/slots/doctor/{doctorId} lists a doctor's."
        )


class UnknownToken(NotFound):
    """No such token."""

    code = "unknown_token"
    title = "Unknown token"

    def __init__(self) -> None:
        super().__init__("There is no token with this id.")


class Conflict(Refusal):
    """The request is well-formed, but the day's state stands against it."""


class SlotFull(Conflict):
    """No seat, and no rule that makes one."""

    code = "slot_full"
    title = "Slot full"

    def __init__(self, alternatives: Sequence[str] = ()) -> None:
        self.alternatives = tuple(alternatives)
        super().__init__(
            "This slot is full. "
            + (
                f"Slots of the day that would seat this patient: {', '.join(self.alternatives)}."
                if self.alternatives
                else "No other slot of the day would seat this patient."
            )
        )

    @property
    def help(self) -> Help:
        return {"alternatives": list(self.alternatives)}


class SlotClosed(Conflict):
    """The slot gives out no seats."""

    code = "slot_closed"
    title = "Slot closed"

    def __init__(self) -> None:
        super().__init__("This slot is closed. Choose another, or open it again.")


class AlreadyBooked(Conflict):
    """The patient has a live token in this slot."""

    code = "already_booked"
    title = "Already booked"

    def __init__(self, token_id: str, label: str) -> None:
        self.token_id = token_id
        super().__init__(f"This patient already has token {label} in this slot.")

    @property
    def help(self) -> Help:
        return {"tokenId": self.token_id}


class SheetFull(Conflict):
    """The doctor's day holds as many tokens as it may."""

    code = "sheet_full"
    title = "Day full"

    def __init__(self, limit: int) -> None:
        super().__init__(f"This doctor's day already has its {limit} tokens. Choose another day.")


class BadTransition(Conflict):
    """A token can't go from its present status to the one asked for."""

    code = "bad_transition"
    title = "Status change not allowed"

    def __init__(self, present: Status, allowed: Sequence[Status]) -> None:
        self.present = present
        self.allowed = tuple(allowed)
        super().__init__(
            f"A token that is {present} can't become that. "
            + (f"Allowed: {', '.join(self.allowed)}." if allowed else "It stays as it is.")
        )

    @property
    def help(self) -> Help:
        return {"present": self.present, "allowed": list(self.allowed)}


class SeatsTaken(Conflict):
    """A slot can't have fewer seats than sit there."""

    code = "seats_taken"
    title = "Seats taken"

    def __init__(self, taken: Sequence[tuple[str, str]]) -> None:
        self.taken = tuple(taken)
        super().__init__(
            f"{len(self.taken)} seats of this slot are taken, by "
            f"{', '.join(label for _, label in self.taken)}. "
            "Cancel or reallocate some first, or keep at least as many seats."
        )

    @property
    def help(self) -> Help:
        return {"taken": [{"tokenId": id_, "tokenNumber": label} for id_, label in self.taken]}


class SlotOverlap(Conflict):
    """Slots of one doctor never overlap."""

    code = "slot_overlap"
    title = "Slots overlap"

    def __init__(self, slot_id: str) -> None:
        self.slot_id = slot_id
        super().__init__(f"The doctor already has a slot at that time: {slot_id}.")

    @property
    def help(self) -> Help:
        return {"slotId": self.slot_id}


class DoctorExists(Conflict):
    """The id asked for is taken."""

    code = "doctor_exists"
    title = "Doctor exists"

    def __init__(self) -> None:
        super().__init__(
            "There already is a doctor with this id. Leave the id out to get a new one."
        )


class OtherSheet(Conflict):
    """The named slot belongs to another doctor or day."""

    code = "other_sheet"
    title = "Slot of another day"

    def __init__(self) -> None:
        super().__init__("The target slot belongs to another doctor or day. Name one of this day.")


class SameSlot(Conflict):
    """A slot can't be moved into itself."""

    code = "same_slot"
    title = "Same slot"

    def __init__(self) -> None:
        super().__init__("The target is the slot itself. Name another, or none.")


class NoSlot(Conflict):
    """No open slot fits."""

    code = "no_slot"
    title = "No slot"

    def __init__(self) -> None:
        super().__init__(
            "No fitting doctor has an open slot on that date in which the patient has no token yet."
        )


class KeyDeclined(Conflict):
    """The request of this key was sent on to another sheet, while this one was on its way."""

    code = "key_declined"
    title = "Request sent on"

    def __init__(self) -> None:
        super().__init__("A repeat of this request was booked elsewhere. Send it once more.")


class TooLate(Refusal):
    """The time for it has passed."""


class SlotOver(TooLate):
    """The slot's expected end has passed."""

    code = "slot_over"
    title = "Slot over"

    def __init__(self) -> None:
        super().__init__("This slot is over. Choose a later one.")


class DayOver(TooLate):
    """The day of the token has ended."""

    code = "day_over"
    title = "Day over"

    def __init__(self) -> None:
        super().__init__("The day of this token is over, so its patient can't come back on it.")


class Unacceptable(Refusal):
    """The request contradicts the calendar, the doctor, or an earlier request."""


class InvalidTime(Unacceptable):
    """A local time or a pair of them that can't be a slot."""

    code = "invalid_time"
    title = "Invalid time"


class NotAnOpdDay(Unacceptable):
    """The doctor does not see patients on that weekday."""

    code = "not_an_opd_day"
    title = "Not an OPD day"

    def __init__(self, weekday: str, opd_days: Sequence[str]) -> None:
        self.opd_days = tuple(opd_days)
        super().__init__(
            f"That date is a {weekday}; this doctor sees patients on {', '.join(self.opd_days)}."
        )

    @property
    def help(self) -> Help:
        return {"opdDays": list(self.opd_days)}


class IdempotencyMismatch(Unacceptable):
    """The same Idempotency-Key came with another body."""

    code = "idempotency_mismatch"
    title = "Idempotency key used for another request"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request. Use a new key for a new request."
        )


class Unavailable(Refusal):
    """The service can't do it now; nothing is wrong with the request."""

    retry_after_seconds: ClassVar[int] = 1


class Busy(Unavailable):
    """Too many commands wait, or others kept winning the race; nothing was changed."""

    code = "busy"
    title = "Busy"

    def __init__(self) -> None:
        super().__init__("The service is busy and has changed nothing. Try again in a moment.")


class OutcomeUnknown(Unavailable):
    """The database did not say whether the change was written."""

    code = "outcome_unknown"
    title = "Outcome unknown"

    def __init__(self) -> None:
        super().__init__(
            "The database did not confirm this in time: it may have happened. "
            "Repeat the request with the same Idempotency-Key, or look before you repeat it."
        )


class DatabaseUnavailable(Unavailable):
    """The database does not answer; nothing was changed."""

    code = "database_unavailable"
    title = "Database unavailable"

    def __init__(self) -> None:
        super().__init__("The database does not answer, so nothing was changed. Try again shortly.")


class ClockOff(Unavailable):
    """The clocks of the service and the database disagree."""

    code = "clock_off"
    title = "Clock off"

    def __init__(self) -> None:
        super().__init__(
            "The clocks of this server and of the database are too far apart, so nothing was "
            "changed. Tell the operator."
        )


class DocumentDamaged(Unavailable):
    """A stored document can't be read."""

    code = "document_damaged"
    title = "Stored data damaged"

    def __init__(self, document_id: str, why: str) -> None:
        self.document_id = document_id
        self.why = why  # for the log: it names fields and types, no values of a patient
        super().__init__(
            f"The stored document {document_id} can't be read, so nothing was changed. "
            "Tell the operator; other days are not affected."
        )

    @property
    def help(self) -> Help:
        return {"documentId": self.document_id}
