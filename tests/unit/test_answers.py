"""Answers: each field says what is named after it."""

from datetime import UTC, datetime, timedelta

import msgspec

from answers.sight import Sight
from answers.tokens import show_token
from engine.queue import Standing
from models.access import Role
from models.line import Mark
from models.patient import Patient
from models.sheet import Sheet
from models.source import Source
from models.token import EndCode, Status, Token
from services.views import TokenView
from tests.factories import FACILITY
from tests.principals import make_principal

NINE = datetime(2030, 1, 15, 3, 30, tzinfo=UTC)  # in India


def _after(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def test_each_field_of_a_token_is_its_own_and_its_hours_are_the_days() -> None:
    token = Token(
        id="dr.rao-20300115-abc",
        number=7,
        slot_id="dr.rao-20300115-0900",
        patient=Patient(
            id="MRN-1", name="Meera Nair", phone_number="+91 98450 12345", language="ml"
        ),
        source=Source.PRIORITY,
        score=500,
        status=Status.CANCELLED,
        booked_at=NINE,
        booked_by="portal",
        seated_at=_after(1),
        checked_in_at=_after(2),
        called_at=_after(3),
        started_at=_after(4),
        away_at=_after(7),
        room="Room 3",
        recalls=2,
        mark=Mark.VIP,
        ended_at=_after(5),
        cancel_reason="Feels better",
        end_code=EndCode.LEFT,
    )
    sheet = Sheet.new("dr.rao-20300115", FACILITY)
    view = TokenView(sheet, token, Standing(1, 2, _after(6), 3, _after(8), _after(9)))
    sight = Sight(make_principal("desk", Role.RECEPTIONIST), NINE)
    assert msgspec.to_builtins(show_token(view, sight)) == {
        "id": "dr.rao-20300115-abc",
        "tokenNumber": "T007",
        "slotId": "dr.rao-20300115-0900",
        "doctorId": "dr.rao",
        "date": "2030-01-15",
        "patientId": "MRN-1",
        "patientName": "Meera Nair",
        "phoneNumber": "+91 98450 12345",
        "language": "ml",
        "source": "PRIORITY",
        "priority": 500,
        "status": "CANCELLED",
        "position": 1,
        "waitlistPosition": 2,
        "queuePosition": 3,
        "room": "Room 3",
        "servedBy": None,
        "recalls": 2,
        "mark": "VIP",
        "awaySince": "2030-01-15T09:07:00+05:30",
        "estimatedTime": "2030-01-15T09:06:00+05:30",
        "estimatedRange": {
            "earliest": "2030-01-15T09:08:00+05:30",
            "latest": "2030-01-15T09:09:00+05:30",
        },
        "bookedAt": "2030-01-15T09:00:00+05:30",
        "bookedBy": "portal",
        "checkedInAt": "2030-01-15T09:02:00+05:30",
        "calledAt": "2030-01-15T09:03:00+05:30",
        "startedAt": "2030-01-15T09:04:00+05:30",
        "endedAt": "2030-01-15T09:05:00+05:30",
        "cancelReason": "Feels better",
        "endCode": "left",
    }
