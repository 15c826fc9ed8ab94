"""Every refusal that is raised, for whoever must know them all."""

from models.errors import (
    AlreadyBooked,
    BadTransition,
    Busy,
    ClockOff,
    CursorAhead,
    DatabaseUnavailable,
    DayOver,
    DoctorExists,
    DoctorRetired,
    DocumentDamaged,
    IdempotencyMismatch,
    InvalidTime,
    KeyDeclined,
    NoSlot,
    NotAnOpdDay,
    OtherSheet,
    OtherSpecialization,
    OutcomeUnknown,
    SameSlot,
    SeatsTaken,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
    SlotOverlap,
    UnknownDoctor,
    UnknownSlot,
    UnknownToken,
    WrongDay,
)

AnyNotFound = UnknownDoctor | UnknownSlot | UnknownToken
AnyGone = CursorAhead
AnyTooLate = SlotOver | DayOver
AnyUnacceptable = InvalidTime | NotAnOpdDay | WrongDay | OtherSpecialization | IdempotencyMismatch
AnyUnavailable = Busy | OutcomeUnknown | DatabaseUnavailable | ClockOff | DocumentDamaged
AnyConflict = (
    SlotFull
    | SlotClosed
    | AlreadyBooked
    | SheetFull
    | BadTransition
    | SeatsTaken
    | SlotOverlap
    | DoctorExists
    | DoctorRetired
    | OtherSheet
    | SameSlot
    | NoSlot
    | KeyDeclined
)
AnyRefusal = AnyNotFound | AnyGone | AnyConflict | AnyTooLate | AnyUnacceptable | AnyUnavailable
