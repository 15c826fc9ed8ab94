"""Doctors."""

from answers.answer import Answer
from models.doctor import Doctor, Weekday


class DoctorOut(Answer, frozen=True):
    """A doctor. No opdDays means any day."""

    id: str
    name: str
    specialization: str
    opd_days: list[Weekday]


def show_doctor(doctor: Doctor) -> DoctorOut:
    """A doctor's answer."""
    return DoctorOut(
        id=doctor.id,
        name=doctor.name,
        specialization=doctor.specialization,
        opd_days=list(doctor.opd_days),
    )
