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
    Forbidden,
    IdempotencyMismatch,
    InvalidTime,
    KeyDeclined,
    NoSlot,
    NotAnOpdDay,
    OtherSheet,
    OtherSpecialization,
    OutcomeUnknown,
    RateLimited,
    SameSlot,
    SeatsTaken,
    SheetFull,
    SlotClosed,
    SlotFull,
    SlotOver,
    SlotOverlap,
    Unauthenticated,
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
AnyNotYours = Unauthenticated | Forbidden
AnyTooMuch = RateLimited
AnyRefusal = (
    AnyNotYours
    | AnyTooMuch
    | AnyNotFound
    | AnyGone
    | AnyConflict
    | AnyTooLate
    | AnyUnacceptable
    | AnyUnavailable
)
