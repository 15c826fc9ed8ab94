"""Every refusal that is raised, for whoever must know them all."""

from models.errors import (
    AlreadyBooked,
    BadTransition,
    Busy,
    ClockOff,
    CsrfFailed,
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
    LinkEnded,
    NoSlot,
    NotAnOpdDay,
    OtherSheet,
    OtherSpecialization,
    OutcomeUnknown,
    RateLimited,
    SameSlot,
    SeatsTaken,
    SheetFull,
    SignInFailed,
    SlotClosed,
    SlotFull,
    SlotOver,
    SlotOverlap,
    StillIn,
    TlsNeeded,
    Unauthenticated,
    UnknownDoctor,
    UnknownFacility,
    UnknownSlot,
    UnknownToken,
    WeakPassword,
    WrongDay,
)

AnyNotFound = UnknownFacility | UnknownDoctor | UnknownSlot | UnknownToken
AnyGone = CursorAhead | LinkEnded
AnyTooLate = SlotOver | DayOver
AnyUnacceptable = (
    InvalidTime | NotAnOpdDay | WrongDay | OtherSpecialization | IdempotencyMismatch | WeakPassword
)
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
    | StillIn
)
AnyNotYours = Unauthenticated | Forbidden | SignInFailed | CsrfFailed | TlsNeeded
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
