"""That a patient was there: the record of one visit, which begins with the check-in."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class EncounterState(StrEnum):
    """How far the visit has come, in the codes of FHIR's Encounter."""

    ARRIVED = "arrived"
    IN_PROGRESS = "in-progress"
    ON_LEAVE = "onleave"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"


class Encounter(Struct, frozen=True, kw_only=True, rename="camel"):
    """One patient's visit. ON_LEAVE: sent for tests; CANCELLED: gone without being seen.

    ENTERED_IN_ERROR: the check-in was undone, so there was none. `up_to` is the `n` of the event
    that it is as of.
    """

    patient_id: str
    state: EncounterState
    arrived_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    up_to: int
