"""An example of each error, made by what makes the error itself."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec
from fastapi import Response

from models import errors
from models.access import Permission
from models.errors import Refusal
from models.offer import Offer
from models.slot import Alternative
from models.token import OtherToken, Status
from routes.errors import not_understood, refusal_answer, too_large, unknown_path
from routes.gate import no_json, other_origin, unknown_host
from routes.problem_document import Fault
from services.wording.catalogue import Catalogue

Example = Mapping[str, object]

_SLOT = "dr.rao-20300115-1000"
_OTHER = OtherToken(
    facility_id="main",
    doctor_id="dr.rao",
    id="dr.rao-20300115-gv6srz4p6ztu",
    label="T007",
    booked_by="portal",
)
_OFFER = Offer(
    doctor_id="dr.iyer",
    doctor_name="Kavya Iyer",
    slot_id="dr.iyer-20300115-1000",
    start_time="10:00",
    end_time="11:00",
    estimated_time=datetime(2030, 1, 15, 10, 20, tzinfo=UTC),
)
_PARAMETERS: Mapping[type[Refusal], Refusal] = {
    type(refusal): refusal
    for refusal in (
        errors.SlotFull([Alternative("dr.rao-20300115-1100", "11:00", "12:00")]),
        errors.AlreadyBooked(_OTHER),
        errors.BadTransition(Status.CALLED, [Status.IN_CONSULTATION, Status.NO_SHOW]),
        errors.StillIn(_OTHER),
        errors.SeatsTaken([_OTHER]),
        errors.SlotOverlap(_SLOT),
        errors.SheetFull(2000),
        errors.QueueFull(40),
        errors.DayOverruns(datetime(2030, 1, 15, 13, 40, tzinfo=UTC), _OFFER),
        errors.NoSlot(errors.NoSlotCause.NONE_OPEN, date(2030, 1, 15)),
        errors.InvalidTime(errors.TimeProblem.TOO_LONG),
        errors.NotAnOpdDay("Tuesday", ["Monday", "Friday"]),
        errors.OtherSpecialization("Cardiology"),
        errors.WrongDay(date(2030, 1, 15), date(2030, 1, 14)),
        errors.TooEarly(datetime(2030, 1, 15, 8, tzinfo=UTC)),
        errors.ClockGoesBack(datetime(2030, 1, 15, 8, tzinfo=UTC)),
        errors.CursorAhead(1234),
        errors.Forbidden(Permission.CANCEL),
        errors.RateLimited(30),
        errors.WeakPassword(errors.PasswordProblem.TOO_SHORT),
        errors.InvalidExpiry(datetime(2030, 1, 16, tzinfo=UTC)),
        errors.DocumentDamaged("dr.rao-20300115", "it has no tokens"),
    )
}
FAULTS: Mapping[str, Fault] = {
    fault.code: fault
    for fault in (
        Fault("", "invalid_span", "Give either date, or from and to."),
        Fault("", "missing_field", "phoneNumber is needed, except for EMERGENCY."),
        Fault("", "nothing_to_change", "Give at least one of the fields that can be changed."),
        Fault(
            "language",
            "invalid_language",
            "Write a language as its tag of BCP 47, for example hi, or en-IN for India's English.",
        ),
        Fault(
            "patientName",
            "invisible_characters",
            "Something in it shows nothing or turns the writing around. "
            "Type it anew, don't paste it.",
        ),
    )
}
"""Of codes that are not a class of their own. A test has the service say each of them."""
_OTHERS: Mapping[str, Response] = {
    "unknown_path": unknown_path(),
    "body_too_large": too_large(),
    "unknown_host": unknown_host(),
    "other_origin": other_origin(),
    "unsupported_media_type": no_json(),
}
A_FIELD = Fault(
    "colour", "unknown_field", "There is no such field here; check its spelling, or leave it out."
)
"""Every operation may refuse one."""


def of_refusal(kind: type[Refusal]) -> Example:
    """What the service answers when it refuses so."""
    return example_of(_PARAMETERS.get(kind) or kind())


def example_of(refusal: Refusal) -> Example:
    """What the service answers to this very refusal."""
    return _read(refusal_answer(refusal, Catalogue()))


def of_code(code: str) -> Example:
    """What the service answers with a code that is no refusal's."""
    if code in _OTHERS:
        return _read(_OTHERS[code])
    return of_fault(FAULTS.get(code, A_FIELD))


def of_fault(fault: Fault) -> Example:
    """What the service answers to a request with this fault."""
    return _read(not_understood([fault]))


def _read(answer: Response) -> Example:
    told: dict[str, object] = msgspec.json.decode(bytes(answer.body))
    return told
