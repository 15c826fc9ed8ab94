"""The encounters of a day, from nothing but its events: so they can be rebuilt. Rule 27."""

from collections.abc import Iterable

from msgspec.structs import replace

from models.encounter import Encounter, EncounterState
from models.events import Event, StatusChanged, TokenIssued, Undone
from models.reasons import Arrived, CameLate
from models.token import Status

_STATES = {
    Status.IN_CONSULTATION: EncounterState.IN_PROGRESS,
    Status.PARKED: EncounterState.ON_LEAVE,
    Status.COMPLETED: EncounterState.FINISHED,
    Status.CANCELLED: EncounterState.CANCELLED,
    Status.NO_SHOW: EncounterState.CANCELLED,
}
"""Whoever is checked in and none of these has arrived: called too, or called in vain."""
_ENDED = frozenset({EncounterState.FINISHED, EncounterState.CANCELLED})


class Encounters:
    """Told event by event in order; told on, it comes to the same as told anew from the first."""

    def __init__(self) -> None:
        self._patients: dict[str, str] = {}
        self._known: dict[str, Encounter] = {}
        self._before: dict[str, Encounter | None] = {}
        self._changed: dict[str, Encounter] = {}

    def take(self, event: Event) -> None:
        """What happened next."""
        if isinstance(event, TokenIssued):
            self._patients[event.token_id] = event.patient_id
        elif isinstance(event, StatusChanged):
            known = self._known.get(event.token_id)
            self._before[event.token_id] = known
            self._go_on(event.token_id, known, self._stepped(known, event))
        elif isinstance(event, Undone):
            known, before = self._known.get(event.token_id), self._before.get(event.token_id)
            if known is not None:
                self._go_on(event.token_id, known, _undone(known, before, event.n))

    def pop_changed(self) -> dict[str, Encounter]:
        """By token those that are otherwise since this was asked for last."""
        changed, self._changed = self._changed, {}
        return changed

    def _stepped(self, known: Encounter | None, event: StatusChanged) -> Encounter | None:
        if isinstance(event.reason, Arrived | CameLate):
            return Encounter(
                patient_id=self._patients[event.token_id],
                state=EncounterState.ARRIVED,
                arrived_at=event.at,
                up_to=event.n,
            )
        if known is None or known.state is EncounterState.ENTERED_IN_ERROR:
            return known
        state = _STATES.get(event.after.status, EncounterState.ARRIVED)
        begins = state is EncounterState.IN_PROGRESS
        return replace(
            known,
            state=state,
            started_at=event.at if begins else known.started_at,
            ended_at=event.at if state in _ENDED else None,
            up_to=event.n,
        )

    def _go_on(self, token_id: str, known: Encounter | None, then: Encounter | None) -> None:
        if then is not None and then is not known:
            self._known[token_id] = self._changed[token_id] = then


def encounter_of(token_id: str, events: Iterable[Event]) -> Encounter | None:
    """That of a token, from all that happened to it; None if its patient never came."""
    encounters = Encounters()
    for event in events:
        encounters.take(event)
    return encounters.pop_changed().get(token_id)


def _undone(known: Encounter, before: Encounter | None, n: int) -> Encounter:
    """As before the step; there was none before the check-in, so it never was."""
    if before is None:
        return replace(known, state=EncounterState.ENTERED_IN_ERROR, up_to=n)
    return replace(before, up_to=n)
