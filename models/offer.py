"""Another doctor, offered to a patient."""

from datetime import datetime

from msgspec import Struct


class Offer(Struct, frozen=True, kw_only=True, rename="camel"):
    """A slot of a doctor with a free seat, by its planned hours, local time.

    `estimated_time` is when the consultation should begin there. Nothing is booked by it.
    """

    doctor_id: str
    doctor_name: str
    slot_id: str
    start_time: str
    end_time: str
    estimated_time: datetime
