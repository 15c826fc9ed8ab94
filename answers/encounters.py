"""That a patient was there."""

from datetime import date

from answers.answer import Answer, Instant
from models.encounter import EncounterState
from services.encounter_service import EncounterView


class EncounterOut(Answer, frozen=True):
    """A visit: whose, with whom, and how far it has come. `state` is in the codes of FHIR."""

    token_id: str
    patient_id: str
    doctor_id: str
    facility_id: str
    date: date
    state: EncounterState
    arrived_at: Instant
    started_at: Instant | None
    ended_at: Instant | None


def show_encounter(view: EncounterView) -> EncounterOut:
    """An encounter's answer, to who may read this token."""
    sheet, encounter = view.token.sheet, view.encounter
    started, ended = encounter.started_at, encounter.ended_at
    return EncounterOut(
        token_id=view.token.token.id,
        patient_id=encounter.patient_id,
        doctor_id=sheet.resource_id,
        facility_id=sheet.facility_id,
        date=sheet.date,
        state=encounter.state,
        arrived_at=encounter.arrived_at.astimezone(sheet.zone),
        started_at=started and started.astimezone(sheet.zone),
        ended_at=ended and ended.astimezone(sheet.zone),
    )
