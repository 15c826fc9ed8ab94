"""The token: one patient's claim on one doctor's time on one day."""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from models.keyed_request import KeyedRequest
from models.line import Mark
from models.patient import Patient
from models.source import Source


class Status(StrEnum):
    """Where a token stands on its way through the day."""

    WAITLISTED = "WAITLISTED"
    BOOKED = "BOOKED"
    CHECKED_IN = "CHECKED_IN"
    CALLED = "CALLED"
    IN_CONSULTATION = "IN_CONSULTATION"
    PARKED = "PARKED"
    MISSED = "MISSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"
    MOVED = "MOVED"


PRESENT = frozenset({Status.CHECKED_IN, Status.CALLED, Status.IN_CONSULTATION})
AWAY = frozenset({Status.PARKED, Status.MISSED})
"""Sent for tests, or called and not come: they keep their seat and stand in no line."""
LIVE = PRESENT | AWAY | {Status.WAITLISTED, Status.BOOKED}
SEATED = PRESENT | AWAY | {Status.BOOKED, Status.COMPLETED}
QUEUED = frozenset({Status.BOOKED, Status.CHECKED_IN, Status.CALLED})


class EndCode(StrEnum):
    """How it ended, where its status alone does not tell.

    LEFT: the patient went home. DAY_ENDED: the day ended, and with it whatever was still open.
    NOT_SEEN: the day ended, and the patient was there.
    """

    LEFT = "left"
    DAY_ENDED = "day_ended"
    NOT_SEEN = "not_seen"


class Bump(Struct, frozen=True, gc=False, rename="camel"):
    """That a token gave up its seat in `slot_id` at the instant `at`."""

    slot_id: str
    at: datetime


class Raised(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """That a mark made a token one of a higher source at the instant `at`, and what it was before."""

    at: datetime
    source: Source
    score: int


class LastStep(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """That a token took a step at the instant `at`, and what the step changed as it was before."""

    at: datetime
    status: Status
    checked_in_at: datetime | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    arrival: datetime | None = None
    front_at: datetime | None = None
    away_at: datetime | None = None
    room: str | None = None
    served_by: str | None = None
    recalls: int = 0
    end_code: EndCode | None = None


class Token(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """One patient's claim on one doctor's time on one day.

    `number` is printed on paper: never changed, never given twice. `score` is that at booking, or of
    the source that its mark has `raised` it to. `seated_at` is when it first got a seat: a WAITLISTED
    token that has one has lost it to a bump or a closure, and later slots care for it too. `ended_at`
    is when it was completed, cancelled or marked absent. `booked_by` is who booked it; None for a
    token of the time before that was kept.

    `arrival` is the virtual arrival, by which it stands in line since its check-in. `front_at` is
    when it came back to the head of the line, `away_at` since when it is PARKED or MISSED.
    `room` is where it was called to, `served_by` the doctor who called it from another's line, None for
    the line's own; `recalls` how often it was called again, and `call` the keyed request that
    called it last. `last_step` is what can be taken back, if nothing happened to it since.
    """

    id: str
    number: int
    slot_id: str
    patient: Patient
    source: Source
    score: int
    status: Status
    booked_at: datetime
    booked_by: str | None = None
    seated_at: datetime | None = None
    checked_in_at: datetime | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_reason: str | None = None
    bumps: tuple[Bump, ...] = ()
    request: KeyedRequest | None = None
    arrival: datetime | None = None
    front_at: datetime | None = None
    away_at: datetime | None = None
    room: str | None = None
    served_by: str | None = None
    recalls: int = 0
    call: KeyedRequest | None = None
    end_code: EndCode | None = None
    last_step: LastStep | None = None
    mark: Mark | None = None
    raised: Raised | None = None

    def stepped(self, at: datetime, **fields: object) -> "Token":
        """This token after a step that may be taken back."""
        step = LastStep(
            at=at,
            status=self.status,
            checked_in_at=self.checked_in_at,
            called_at=self.called_at,
            started_at=self.started_at,
            ended_at=self.ended_at,
            arrival=self.arrival,
            front_at=self.front_at,
            away_at=self.away_at,
            room=self.room,
            served_by=self.served_by,
            recalls=self.recalls,
            end_code=self.end_code,
        )
        return replace(self, **fields, last_step=step)

    @property
    def status_with_seat(self) -> Status:
        """What it is once it has a seat: CHECKED_IN if its patient is there, else BOOKED."""
        here = self.status is Status.CHECKED_IN or self.checked_in_at is not None
        return Status.CHECKED_IN if here else Status.BOOKED

    @property
    def seen_to_end(self) -> bool:
        """Whether somebody ended its consultation.

        How long another took nobody knows: it was ended by the end of the day, or its patient was
        sent for tests and not seen again.
        """
        return self.status is Status.COMPLETED and self.end_code is not EndCode.DAY_ENDED

    @property
    def mark_minutes(self) -> int:
        """What its mark is worth, 0 without one."""
        return 0 if self.mark is None else self.mark.minutes

    @property
    def booked_source(self) -> Source:
        """Where it came from, whatever a mark has made of it."""
        return self.source if self.raised is None else self.raised.source

    @property
    def urgent_from(self) -> datetime:
        """As of when an emergency stands in line: not before it was one."""
        return self.queued_from if self.raised is None else max(self.queued_from, self.raised.at)

    @property
    def queued_from(self) -> datetime:
        """Its virtual arrival; of one checked in before there was such a thing, the check-in."""
        return self.arrival or self.checked_in_at or self.booked_at

    @property
    def label(self) -> str:
        """The number as it is printed: `T001`, `T002`, …, `T1000`."""
        return token_label(self.number)


class OtherToken(Struct, frozen=True, kw_only=True):
    """A token that stands in the way of something, as far as that may be told to anybody at all."""

    facility_id: str
    doctor_id: str
    id: str
    label: str
    booked_by: str | None


@lru_cache(maxsize=2048)
def token_label(number: int) -> str:
    """Number 7 is printed `T007`."""
    return f"T{number:03d}"
