"""Every refusal that is raised, for whoever must know them all."""

from models.errors import (
    AccountExists,
    AlreadyBooked,
    BadTransition,
    Busy,
    ClockGoesBack,
    ClockOff,
    CsrfFailed,
    CursorAhead,
    DatabaseUnavailable,
    DayOver,
    DoctorExists,
    DoctorRetired,
    DoctorsNeeded,
    DocumentDamaged,
    FacilityExists,
    Forbidden,
    GoToDesk,
    IdempotencyMismatch,
    InvalidExpiry,
    InvalidTime,
    KeyDeclined,
    LastAdmin,
    LinkEnded,
    NoAdmin,
    NoSlot,
    NotAccepting,
    NotAnOpdDay,
    NotYourLine,
    OtherSheet,
    OtherSpecialization,
    OutcomeUnknown,
    QueueFull,
    RateLimited,
    SameSlot,
    SeatGone,
    SeatsTaken,
    SheetFull,
    SignInFailed,
    SlotClosed,
    SlotFull,
    SlotOver,
    SlotOverlap,
    StillIn,
    TlsNeeded,
    TooEarly,
    TooManyKeys,
    TooManyWatchers,
    Unauthenticated,
    UndoExpired,
    UnknownAccount,
    UnknownDevice,
    UnknownDoctor,
    UnknownFacility,
    UnknownGrant,
    UnknownKey,
    UnknownSlot,
    UnknownToken,
    WeakPassword,
    WrongDay,
)

AnyNotFound = (
    UnknownFacility
    | UnknownDoctor
    | UnknownSlot
    | UnknownToken
    | UnknownDevice
    | UnknownAccount
    | UnknownKey
    | UnknownGrant
)
AnyGone = CursorAhead | LinkEnded
AnyTooLate = SlotOver | DayOver
AnyUnacceptable = (
    InvalidTime
    | NotAnOpdDay
    | WrongDay
    | OtherSpecialization
    | IdempotencyMismatch
    | WeakPassword
    | InvalidExpiry
    | DoctorsNeeded
)
AnyUnavailable = (
    Busy
    | TooManyWatchers
    | OutcomeUnknown
    | NoAdmin
    | DatabaseUnavailable
    | ClockOff
    | DocumentDamaged
)
AnyConflict = (
    SlotFull
    | SlotClosed
    | AlreadyBooked
    | SheetFull
    | QueueFull
    | NotAccepting
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
    | AccountExists
    | FacilityExists
    | TooManyKeys
    | LastAdmin
    | UndoExpired
    | SeatGone
    | GoToDesk
    | TooEarly
    | ClockGoesBack
)
AnyNotYours = Unauthenticated | Forbidden | SignInFailed | CsrfFailed | TlsNeeded | NotYourLine
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
