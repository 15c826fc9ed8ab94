"""Doctors."""

from answers.answer import Answer
from models.doctor import Doctor, Weekday


class DoctorOut(Answer, frozen=True):
    """A doctor. No opdDays means any day. A retired one takes no new slots and no new bookings."""

    id: str
    facility_id: str
    name: str
    specialization: str
    opd_days: list[Weekday]
    retired: bool


def show_doctor(doctor: Doctor) -> DoctorOut:
    """A doctor's answer."""
    return DoctorOut(
        id=doctor.id,
        facility_id=doctor.facility_id,
        name=doctor.name,
        specialization=doctor.specialization,
        opd_days=list(doctor.opd_days),
        retired=doctor.tenure.retired,
    )
