"""The record of one command: an event for each thing that it changed."""

from datetime import datetime
from typing import TypedDict

from models.commands import Command
from models.doctor import Tenure
from models.doctor_session import DoctorSession
from models.events import (
    Booked,
    BookedBeyondCapacity,
    Bumped,
    ConfigChanged,
    DoctorRetired,
    DoctorReturned,
    Event,
    HoursReleased,
    HoursReserved,
    KeyDeclined,
    Marked,
    PatientCorrected,
    Promoted,
    Reallocated,
    Recalled,
    SessionChanged,
    SlotAdded,
    SlotChanged,
    SlotState,
    StatusChanged,
    Stayed,
    TokenState,
    Undone,
    Waitlisted,
)
from models.line_config import LineConfig
from models.reasons import (
    BookedElsewhere,
    CalledAgain,
    ConfigSet,
    DoctorCameBack,
    DoctorLeft,
    GaveWay,
    GaveWayToWait,
    MarkSet,
    PutRight,
    Reason,
    SlotPlanned,
    StatusReason,
    StepUndone,
)
from models.slot import Slot
from models.source import Source
from models.token import Token


class _Head(TypedDict):
    """What every event says: its number and time, and who asked for it."""

    n: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    request_id: str | None


class _Change(TypedDict):
    """What every event of a token says that was there before."""

    token_id: str
    number: int
    source: Source
    before: TokenState
    after: TokenState


class Record:
    """Events of one command at one moment, numbered on from `next_event`."""

    __slots__ = ("_actor", "_at", "_events", "_on_behalf_of", "_request_id", "next_event")

    def __init__(self, command: Command, at: datetime, next_event: int) -> None:
        self._actor = command.actor
        self._on_behalf_of = command.on_behalf_of
        self._request_id = command.request_id
        self._at = at
        self._events: list[Event] = []
        self.next_event = next_event

    @property
    def events(self) -> tuple[Event, ...]:
        """What was told so far, in order."""
        return tuple(self._events)

    # Of a token

    def issued(
        self, kind: type[Booked | BookedBeyondCapacity | Waitlisted], token: Token, reason: Reason
    ) -> None:
        """A token is new."""
        self._add(
            kind(
                **self._head(),
                reason=reason,
                token_id=token.id,
                number=token.number,
                source=token.source,
                patient_id=token.patient.id,
                after=TokenState(token.slot_id, token.status),
            )
        )

    def bumped(self, before: Token, after: Token, reason: GaveWay | GaveWayToWait) -> None:
        """A token gave up its seat to a newcomer."""
        self._add(
            Bumped(**self._head(), reason=reason, **_change(before, after), cause=reason.number)
        )

    def token(
        self,
        kind: type[Promoted | Reallocated | Stayed],
        before: Token,
        after: Token,
        reason: Reason,
        note: str | None = None,
    ) -> None:
        """A token got a place, or could get none."""
        self._add(kind(**self._head(), reason=reason, note=note, **_change(before, after)))

    def marked(self, before: Token, after: Token, reason: MarkSet, note: str | None) -> None:
        """A token was marked, or its mark taken back; it may have got a seat by it."""
        self._add(Marked(**self._head(), reason=reason, note=note, **_change(before, after)))

    def undone(self, before: Token, after: Token, reason: StepUndone) -> None:
        """A token's last step was taken back."""
        self._add(Undone(**self._head(), reason=reason, **_change(before, after)))

    def status_changed(
        self, before: Token, after: Token, reason: StatusReason, note: str | None
    ) -> None:
        """A token went on its way."""
        self._add(StatusChanged(**self._head(), reason=reason, note=note, **_change(before, after)))

    def patient_corrected(self, token: Token, reason: PutRight) -> None:
        """What is known of a token's patient was put right."""
        self._add(PatientCorrected(**self._head(), reason=reason, **_change(token, token)))

    def recalled(self, token: Token, reason: CalledAgain) -> None:
        """A token was called again."""
        self._add(Recalled(**self._head(), reason=reason, **_change(token, token)))

    # Of a slot

    def slot_added(self, slot: Slot) -> None:
        """A slot is new."""
        self._add(
            SlotAdded(
                **self._head(), reason=SlotPlanned(), slot_id=slot.id, slot_after=_state(slot)
            )
        )

    def slot_changed(self, before: Slot, after: Slot, reason: Reason, note: str | None) -> None:
        """A slot has other seats, another status or another delay."""
        self._add(
            SlotChanged(
                **self._head(),
                reason=reason,
                note=note,
                slot_id=after.id,
                slot_before=_state(before),
                slot_after=_state(after),
            )
        )

    # Of the sheet

    def hours(
        self, kind: type[HoursReserved | HoursReleased], slot_id: str, reason: Reason
    ) -> None:
        """Hours are kept for a slot of the day before, or given back."""
        self._add(kind(**self._head(), reason=reason, slot_id=slot_id))

    def tenure_set(self, tenure: Tenure) -> None:
        """The doctor retired, or came back."""
        kind = DoctorRetired if tenure.retired else DoctorReturned
        self._add(kind(**self._head(), reason=DoctorLeft() if tenure.retired else DoctorCameBack()))

    def config_changed(self, before: LineConfig, after: LineConfig) -> None:
        """The line goes by other settings."""
        reason = ConfigSet(after.differs_from(before))
        self._add(
            ConfigChanged(**self._head(), reason=reason, config_before=before, config_after=after)
        )

    def session_changed(
        self, before: DoctorSession, after: DoctorSession, reason: Reason, note: str | None = None
    ) -> None:
        """The doctor's session is in another state, or its break lasts until another time."""
        self._add(
            SessionChanged(
                **self._head(),
                reason=reason,
                note=note,
                session_before=before.state,
                session_after=after.state,
            )
        )

    def key_declined(self) -> None:
        """Nothing is booked here for the request of a key."""
        self._add(KeyDeclined(**self._head(), reason=BookedElsewhere()))

    def _head(self) -> _Head:
        return {
            "n": self.next_event,
            "at": self._at,
            "actor": self._actor,
            "on_behalf_of": self._on_behalf_of,
            "request_id": self._request_id,
        }

    def _add(self, event: Event) -> None:
        self._events.append(event)
        self.next_event += 1


def _change(before: Token, after: Token) -> _Change:
    return {
        "token_id": after.id,
        "number": after.number,
        "source": after.source,
        "before": TokenState(before.slot_id, before.status),
        "after": TokenState(after.slot_id, after.status),
    }


def _state(slot: Slot) -> SlotState:
    return SlotState(slot.max_capacity, slot.status, slot.delay_minutes)
