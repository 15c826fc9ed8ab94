"""What a refusal tells to help, shaped by what who asked may see."""

from answers.sight import Sight
from models.errors import AlreadyBooked, Help, Refusal, SeatsTaken, StillIn
from models.token import OtherToken


def help_of(refusal: Refusal, sight: Sight | None) -> Help:
    """The members of a problem that help; None sees numbers alone."""
    match refusal:
        case AlreadyBooked() | StillIn():
            return _reference(refusal.other, sight)
        case SeatsTaken():
            return {"taken": [_reference(each, sight) for each in refusal.taken]}
        case _:
            return refusal.help


def _reference(other: OtherToken, sight: Sight | None) -> Help:
    number: Help = {"tokenNumber": other.label}
    if sight is None or not sight.shows_token(
        other.facility_id, other.doctor_id, other.id, other.booked_by
    ):
        return number
    return {"tokenId": other.id, **number}
