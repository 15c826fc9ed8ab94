"""Every refusal that is raised, for whoever must know them all."""

from models.errors import (
    AccountDisabled,
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
    DayOverruns,
    DoctorRetired,
    DoctorsNeeded,
    DocumentDamaged,
    FacilityExists,
    Forbidden,
    GoToDesk,
    IdempotencyMismatch,
    IdentityUnproven,
    InvalidExpiry,
    InvalidTime,
    KeyDeclined,
    LastAdmin,
    LinkEnded,
    NoAdmin,
    NoRoleForGroups,
    NoSlot,
    NotAccepting,
    NotAnOpdDay,
    NotYourLine,
    OtherSheet,
    OtherSpecialization,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    QueueFull,
    RateLimited,
    SameSlot,
    SeatGone,
    SeatsTaken,
    SheetFull,
    SignInFailed,
    SignInNotBegun,
    SignsInElsewhere,
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
    UnknownEncounter,
    UnknownFacility,
    UnknownGrant,
    UnknownKey,
    UnknownSlot,
    UnknownToken,
    UnusableId,
    WeakPassword,
    WrongDay,
)

AnyNotFound = (
    UnknownFacility
    | UnknownDoctor
    | UnknownSlot
    | UnknownToken
    | UnknownEncounter
    | UnknownDevice
    | UnknownAccount
    | UnknownKey
    | UnknownGrant
)
AnyGone = CursorAhead | LinkEnded | SignInNotBegun
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
    | ProviderUnavailable
)
AnyConflict = (
    SlotFull
    | SlotClosed
    | AlreadyBooked
    | SheetFull
    | QueueFull
    | NotAccepting
    | DayOverruns
    | BadTransition
    | SeatsTaken
    | SlotOverlap
    | UnusableId
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
    | SignsInElsewhere
)
AnyNotYours = (
    Unauthenticated
    | Forbidden
    | SignInFailed
    | CsrfFailed
    | TlsNeeded
    | NotYourLine
    | ProviderRefused
    | IdentityUnproven
    | NoRoleForGroups
    | AccountDisabled
)
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
