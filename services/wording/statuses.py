"""Where a token stands, in a word or two, for staff."""

from collections.abc import Mapping

from models.token import Status
from services.wording.catalogue import Catalogue, message

_STATUSES: Mapping[Status, str] = {
    Status.WAITLISTED: message("waits for a seat"),
    Status.BOOKED: message("booked"),
    Status.CHECKED_IN: message("here"),
    Status.CALLED: message("called"),
    Status.IN_CONSULTATION: message("in the room"),
    Status.PARKED: message("sent for tests"),
    Status.MISSED: message("missed the call"),
    Status.COMPLETED: message("seen"),
    Status.CANCELLED: message("cancelled"),
    Status.NO_SHOW: message("did not come"),
    Status.MOVED: message("moved to another day"),
}


def word_status(status: Status, catalogue: Catalogue) -> str:
    """What staff call it."""
    return catalogue.say(_STATUSES[status])
