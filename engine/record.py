"""The record of one command: an event for each thing that it changed."""

from datetime import datetime

from models.commands import Command
from models.events import Event, EventType, Place, SlotState
from models.slot import Slot
from models.token import Source, Token


class Record:
    """Events of one command at one moment, numbered on from `next_event`."""

    __slots__ = ("_at", "_command", "_events", "_next_event")

    def __init__(self, command: Command, at: datetime, next_event: int) -> None:
        self._command = command
        self._at = at
        self._next_event = next_event
        self._events: list[Event] = []

    @property
    def events(self) -> tuple[Event, ...]:
        """What was told so far, in order."""
        return tuple(self._events)

    @property
    def next_event(self) -> int:
        """The number of the event that comes next."""
        return self._next_event + len(self._events)

    def tell(
        self,
        type_: EventType,
        token: Token,
        reason: str,
        *,
        before: Token | None = None,
        cause: int | None = None,
    ) -> None:
        """What happened to a token; `before` is the token as it was, None for a new one."""
        self._add(
            type_,
            token.slot_id,
            reason,
            token_id=token.id,
            patient_id=token.patient.id if before is None else None,
            number=token.number,
            source=token.source,
            before=None if before is None else Place(before.slot_id, before.status),
            after=Place(token.slot_id, token.status),
            cause=cause,
        )

    def tell_slot(self, type_: EventType, slot: Slot, reason: str, *, before: Slot | None) -> None:
        """What happened to a slot; `before` is the slot as it was, None for a new one."""
        self._add(
            type_,
            slot.id,
            reason,
            slot_before=None if before is None else _state(before),
            slot_after=_state(slot),
        )

    def tell_sheet(self, type_: EventType, reason: str, slot_id: str | None = None) -> None:
        """What happened to the sheet itself, for the sake of a slot of the day before."""
        self._add(type_, slot_id, reason)

    def _add(  # noqa: PLR0913  # the fields of an event
        self,
        type_: EventType,
        slot_id: str | None,
        reason: str,
        *,
        token_id: str | None = None,
        patient_id: str | None = None,
        number: int | None = None,
        source: Source | None = None,
        before: Place | None = None,
        after: Place | None = None,
        cause: int | None = None,
        slot_before: SlotState | None = None,
        slot_after: SlotState | None = None,
    ) -> None:
        self._events.append(
            Event(
                n=self.next_event,
                type=type_,
                at=self._at,
                actor=self._command.actor,
                request_id=self._command.request_id,
                slot_id=slot_id,
                reason=reason,
                token_id=token_id,
                patient_id=patient_id,
                number=number,
                source=source,
                before=before,
                after=after,
                cause=cause,
                slot_before=slot_before,
                slot_after=slot_after,
            )
        )


def _state(slot: Slot) -> SlotState:
    return SlotState(slot.max_capacity, slot.status, slot.delay_minutes)
