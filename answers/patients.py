"""Patients whom a desk looks for."""

from answers.answer import Answer, Instant
from services.store.register import RegisteredPatient


class PatientOut(Answer, frozen=True):
    """A patient as their last booking at the facility says, which was made at `seenAt`."""

    patient_id: str
    patient_name: str
    phone_number: str | None
    language: str | None
    facility_id: str
    seen_at: Instant


def show_patient(found: RegisteredPatient) -> PatientOut:
    """A patient's answer, to who may read names."""
    return PatientOut(
        patient_id=found.patient_id,
        patient_name=found.name,
        phone_number=found.phone_number,
        language=found.language,
        facility_id=found.facility_id,
        seen_at=found.seen_at,
    )
