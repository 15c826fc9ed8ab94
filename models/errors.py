"""Every refusal of the service, as one tree: a code with what it speaks of.

`routes/errors.py` maps each class to its HTTP status, `services/wording/refusals.py` to its
sentence.

Refusal
├── NotFound            UnknownFacility, UnknownDoctor, UnknownSlot, UnknownToken, UnknownDevice, UnknownEncounter,
│                       UnknownAccount, UnknownKey, UnknownGrant
├── Conflict            SlotFull, SlotClosed, AlreadyBooked, SheetFull, QueueFull, NotAccepting, DayOverruns,
│                       BadTransition, SeatsTaken, SlotOverlap, UnusableId, DoctorRetired, OtherSheet, SameSlot, NoSlot, KeyDeclined,
│                       StillIn, UndoExpired, SeatGone, GoToDesk, TooEarly, AccountExists, FacilityExists, TooManyKeys, LastAdmin,
│                       ClockGoesBack, SignsInElsewhere
├── Gone                CursorAhead, LinkEnded, SignInNotBegun
├── TooLate             SlotOver, DayOver
├── Unacceptable        InvalidTime, NotAnOpdDay, WrongDay, OtherSpecialization,
│                       IdempotencyMismatch, WeakPassword, InvalidExpiry, DoctorsNeeded
├── NotYours            Unauthenticated, Forbidden, SignInFailed, CsrfFailed, TlsNeeded, NotYourLine,
│                       ProviderRefused, IdentityUnproven, NoRoleForGroups, AccountDisabled
├── TooMuch             RateLimited
└── Unavailable         Busy, TooManyWatchers, OutcomeUnknown, NoAdmin, DatabaseUnavailable, ClockOff, DocumentDamaged,
                        ProviderUnavailable

A refusal changes nothing (but OutcomeUnknown, which can't tell). It holds no names and no phone
numbers; `help` is what anybody who asked can do with. Other tokens are not in it: who may know of
them `answers/refusals.py` tells.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum, auto
from typing import ClassVar

from models.access import Permission
from models.offer import Offer
from models.slot import Alternative
from models.token import OtherToken, Status

Help = Mapping[str, object]


class Refusal(Exception):
    """The service won't do what it was asked. `code` is stable, for machines."""

    code: ClassVar[str]

    @property
    def help(self) -> Help:
        """What helps whoever asks: alternatives, allowed states."""
        return {}

    def __str__(self) -> str:
        return self.code


class NotFound(Refusal):
    """What the request names does not exist."""


class UnknownFacility(NotFound):
    """No such facility."""

    code = "unknown_facility"


class UnknownDoctor(NotFound):
    """No such doctor."""

    code = "unknown_doctor"


class UnknownSlot(NotFound):
    """No such slot."""

    code = "unknown_slot"


class UnknownDevice(NotFound):
    """No device waits with this code or secret, or has a session of this id."""

    code = "unknown_device"


class UnknownToken(NotFound):
    """No such token."""

    code = "unknown_token"


class UnknownEncounter(NotFound):
    """The patient of the token has not checked in."""

    code = "unknown_encounter"


class UnknownAccount(NotFound):
    """No such person or client, or none that who asks may know of."""

    code = "unknown_account"


class UnknownKey(NotFound):
    """The client has no such key."""

    code = "unknown_key"


class UnknownGrant(NotFound):
    """The account has no such grant."""

    code = "unknown_grant"


class Conflict(Refusal):
    """The request is well-formed, but the day's state stands against it."""


class SlotFull(Conflict):
    """No seat, and no rule that makes one; `alternatives` are slots that would seat the patient."""

    code = "slot_full"

    def __init__(self, alternatives: Sequence[Alternative] = ()) -> None:
        self.alternatives = tuple(alternatives)

    @property
    def help(self) -> Help:
        return {"alternatives": list(self.alternatives)}


class SlotClosed(Conflict):
    """The slot gives out no seats."""

    code = "slot_closed"


class AlreadyBooked(Conflict):
    """The patient has a live token in this slot: `other`."""

    code = "already_booked"

    def __init__(self, other: OtherToken) -> None:
        self.other = other


class SheetFull(Conflict):
    """The doctor's day holds as much as it may: `limit` tokens, or as many bytes as are stored."""

    code = "sheet_full"

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit


class QueueFull(Conflict):
    """The doctor's line takes no more walk-ins, for `size` are in it."""

    code = "queue_full"

    def __init__(self, size: int) -> None:
        self.size = size


class NotAccepting(Conflict):
    """The doctor's line takes no walk-ins now."""

    code = "not_accepting"


class DayOverruns(Conflict):
    """The doctor's day should end too late, at `ends_at`; another doctor is free sooner, if any."""

    code = "day_overruns"

    def __init__(self, ends_at: datetime, offer: Offer | None = None) -> None:
        self.ends_at = ends_at
        self.offer = offer

    @property
    def help(self) -> Help:
        offer = {} if self.offer is None else {"offer": self.offer}
        return {"expectedEnd": self.ends_at, **offer}


class BadTransition(Conflict):
    """A token can't go from its present status to the one asked for, only to those `allowed`."""

    code = "bad_transition"

    def __init__(self, present: Status, allowed: Sequence[Status]) -> None:
        self.present = present
        self.allowed = tuple(allowed)

    @property
    def help(self) -> Help:
        return {"present": self.present, "allowed": list(self.allowed)}


class StillIn(Conflict):
    """Somebody is still in consultation in that room: `other`."""

    code = "still_in"

    def __init__(self, other: OtherToken) -> None:
        self.other = other


class GoToDesk(Conflict):
    """A kiosk can't tell whose token it is, and does not say why."""

    code = "go_to_desk"


class TooEarly(Conflict):
    """A kiosk checks nobody in so long before the slot: from `opens_at` on, as the day's clocks say."""

    code = "too_early"

    def __init__(self, opens_at: datetime) -> None:
        self.opens_at = opens_at

    @property
    def help(self) -> Help:
        return {"opensAt": self.opens_at.isoformat()}


class ClockGoesBack(Conflict):
    """The clock of the days stands at `now` already, and no sheet's time goes back."""

    code = "clock_goes_back"

    def __init__(self, now: datetime) -> None:
        self.now = now

    @property
    def help(self) -> Help:
        return {"now": self.now.isoformat()}


class UndoExpired(Conflict):
    """The last step of the token was too long ago, or something newer happened to it."""

    code = "undo_expired"


class SeatGone(Conflict):
    """The seat that the token gave up is another's by now."""

    code = "seat_gone"


class SeatsTaken(Conflict):
    """A slot can't have fewer seats than sit there: `taken` are those who do."""

    code = "seats_taken"

    def __init__(self, taken: Sequence[OtherToken]) -> None:
        self.taken = tuple(taken)


class SlotOverlap(Conflict):
    """Slots of one doctor never overlap; `slot_id` is the one that is there."""

    code = "slot_overlap"

    def __init__(self, slot_id: str) -> None:
        self.slot_id = slot_id

    @property
    def help(self) -> Help:
        return {"slotId": self.slot_id}


class UnusableId(Conflict):
    """The id asked for can't be given to a new doctor or account: whose it is, or was, is not told."""

    code = "unusable_id"


class DoctorRetired(Conflict):
    """The doctor sees no patients here any more: no new slots, no new bookings."""

    code = "doctor_retired"


class OtherSheet(Conflict):
    """The named slot belongs to another doctor or day."""

    code = "other_sheet"


class SameSlot(Conflict):
    """A slot can't be moved into itself."""

    code = "same_slot"


class NoSlotCause(StrEnum):
    """Why no slot fits a newcomer who leaves the choice to the service."""

    NO_DOCTOR = auto()  # of this specialization, or at all
    NONE_PLANNED = auto()  # no slot on that date
    NONE_OPEN = auto()  # every slot of that date is closed or over
    HAS_TOKENS = auto()  # the patient has a token in every open one


class NoSlot(Conflict):
    """No open slot fits on the date `day`."""

    code = "no_slot"

    def __init__(self, cause: NoSlotCause, day: date) -> None:
        self.cause = cause
        self.day = day

    @property
    def help(self) -> Help:
        return {"cause": self.cause, "date": self.day.isoformat()}


class KeyDeclined(Conflict):
    """The request of this key was sent on to another sheet, while this one was on its way."""

    code = "key_declined"


class AccountExists(Conflict):
    """The id is another account's, and whoever asks may know of it."""

    code = "account_exists"


class FacilityExists(Conflict):
    """The id asked for is another facility's."""

    code = "facility_exists"


class TooManyKeys(Conflict):
    """The client has as many keys as may be valid at once."""

    code = "too_many_keys"


class LastAdmin(Conflict):
    """Nobody would be left who may give rights at the facility."""

    code = "last_admin"


class SignsInElsewhere(Conflict):
    """The person signs in with the identity provider, which also says what they may."""

    code = "signs_in_elsewhere"


class Gone(Refusal):
    """What the request goes on from is no longer there."""


class CursorAhead(Gone):
    """No event has come that far: the `newest` is another. The database was restored since."""

    code = "cursor_ahead"

    def __init__(self, newest: int) -> None:
        self.newest = newest

    @property
    def help(self) -> Help:
        return {"newestSeq": self.newest}


class LinkEnded(Gone):
    """The one-time link was used, has run out, was followed by a newer one, or never was."""

    code = "link_ended"


class SignInNotBegun(Gone):
    """What came back from the identity provider was not asked for by this browser, or not lately."""

    code = "sign_in_not_begun"


class NotYours(Refusal):
    """Who asks may not."""


class Unauthenticated(NotYours):
    """Nobody knows who asks: there is no key or session, or it is unknown, ended or revoked."""

    code = "unauthenticated"


class Forbidden(NotYours):
    """Who asks is known, and lacks a permission."""

    code = "forbidden"

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    @property
    def help(self) -> Help:
        return {"permission": self.permission.value}


class SignInFailed(NotYours):
    """The name and the password do not belong together; which of them is wrong is not told."""

    code = "sign_in_failed"


class CsrfFailed(NotYours):
    """A session's request to change something has not its CSRF token: it may be another site's."""

    code = "csrf_failed"


class TlsNeeded(NotYours):
    """Who signs in does it over TLS, or on the machine itself."""

    code = "tls_needed"


class ProviderRefused(NotYours):
    """The identity provider did not sign the person in, or does not take what it gave."""

    code = "provider_refused"


class IdentityUnproven(NotYours):
    """What the identity provider is said to have told does not hold."""

    code = "identity_unproven"


class NoRoleForGroups(NotYours):
    """None of the person's groups at the identity provider is given a role."""

    code = "no_role_for_groups"


class AccountDisabled(NotYours):
    """The person has proven who they are, and is locked out."""

    code = "account_disabled"


class NotYourLine(NotYours):
    """Only who was given a doctor's line, and not by delegation, can let another run it."""

    code = "not_your_line"


class TooMuch(Refusal):
    """Who asks has asked too often."""


class RateLimited(TooMuch):
    """More than one may ask in a time; nothing was changed."""

    code = "rate_limited"

    def __init__(self, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds


class TooLate(Refusal):
    """The time for it has passed."""


class SlotOver(TooLate):
    """The slot's expected end has passed."""

    code = "slot_over"


class DayOver(TooLate):
    """The day of the token has ended."""

    code = "day_over"


class Unacceptable(Refusal):
    """The request contradicts the calendar, the doctor, or an earlier request."""


class TimeProblem(StrEnum):
    """What is wrong with a local time, or with a pair of them that should be a slot."""

    MALFORMED = auto()
    ENDS_AT_ITS_START = auto()
    TOO_LONG = auto()
    ENDS_AFTER_THE_CALENDAR = auto()
    OUTSIDE_THE_CALENDAR = auto()
    SKIPPED = auto()  # the clocks go forward over it
    NOT_REPEATED = auto()  # it has no second pass


class InvalidTime(Unacceptable):
    """A local time or a pair of them that can't be a slot; of one, the `time` on its `day`."""

    code = "invalid_time"

    def __init__(self, problem: TimeProblem, time: str = "", day: date = date.min) -> None:
        self.problem = problem
        self.time = time
        self.day = day


class NotAnOpdDay(Unacceptable):
    """The doctor does not see patients on that weekday, but on `opd_days`."""

    code = "not_an_opd_day"

    def __init__(self, weekday: str, opd_days: Sequence[str]) -> None:
        self.weekday = weekday
        self.opd_days = tuple(opd_days)

    @property
    def help(self) -> Help:
        return {"opdDays": list(self.opd_days)}


class WrongDay(Unacceptable):
    """The day of the token, `day`, has not come: in its zone it is `today`."""

    code = "wrong_day"

    def __init__(self, day: date, today: date) -> None:
        self.day = day
        self.today = today

    @property
    def help(self) -> Help:
        return {"date": self.day.isoformat(), "today": self.today.isoformat()}


class OtherSpecialization(Unacceptable):
    """The doctor asked for has another `specialization` than the one asked for."""

    code = "other_specialization"

    def __init__(self, specialization: str) -> None:
        self.specialization = specialization

    @property
    def help(self) -> Help:
        return {"specialization": self.specialization}


class InvalidExpiry(Unacceptable):
    """It would end in the past, or later than the `latest` time that it may."""

    code = "invalid_expiry"

    def __init__(self, latest: datetime | None = None) -> None:
        self.latest = latest

    @property
    def help(self) -> Help:
        return {} if self.latest is None else {"latest": self.latest}


class DoctorsNeeded(Unacceptable):
    """The role is given for named doctors alone."""

    code = "doctors_needed"


class IdempotencyMismatch(Unacceptable):
    """The same Idempotency-Key came with another body."""

    code = "idempotency_mismatch"


class PasswordProblem(StrEnum):
    """What is wrong with a password that was chosen."""

    TOO_SHORT = auto()
    TOO_LONG = auto()
    NOT_THE_SAME = auto()  # the second time it was typed
    COMMON = auto()  # or made of what others would try early


class WeakPassword(Unacceptable):
    """The password that was chosen is none to be trusted."""

    code = "weak_password"

    def __init__(self, problem: PasswordProblem) -> None:
        self.problem = problem

    @property
    def help(self) -> Help:
        return {"cause": self.problem}


class Unavailable(Refusal):
    """The service can't do it now; nothing is wrong with the request."""

    retry_after_seconds: ClassVar[int] = 1


class Busy(Unavailable):
    """Too many commands wait, or others kept winning the race; nothing was changed."""

    code = "busy"


class TooManyWatchers(Unavailable):
    """As many watch as this process can tell; another may have room."""

    code = "too_many_watchers"
    retry_after_seconds = 5


class OutcomeUnknown(Unavailable):
    """The database did not say whether the change was written."""

    code = "outcome_unknown"


class NoAdmin(Unavailable):
    """Nobody has been given the rights yet, and in production nobody has them without."""

    code = "no_admin"


class DatabaseUnavailable(Unavailable):
    """The database does not answer; nothing was changed."""

    code = "database_unavailable"


class ProviderUnavailable(Unavailable):
    """The identity provider does not answer, or not as one does."""

    code = "provider_unavailable"
    retry_after_seconds = 5


class ClockOff(Unavailable):
    """The clocks of the service and the database disagree."""

    code = "clock_off"


class DocumentDamaged(Unavailable):
    """A stored document can't be read; `why` is for the log: no values of a patient."""

    code = "document_damaged"

    def __init__(self, document_id: str, why: str) -> None:
        self.document_id = document_id
        self.why = why

    @property
    def help(self) -> Help:
        return {"documentId": self.document_id}
