"""What can happen in a day, and what is told of it: the service's own reasons say why."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from models.events import EventType
from services.wording.catalogue import message


class Kind(StrEnum):
    """What happened, as the desk would call it; printed in `style`."""

    style: str

    def __new__(cls, value: str, style: str) -> "Kind":
        kind = str.__new__(cls, value)
        kind._value_, kind.style = value, style
        return kind

    BOOKED = message("BOOKED"), "green"
    EXTRA_SEAT = message("EXTRA SEAT"), "bold red"
    WAITLISTED = message("WAITLISTED"), "yellow"
    REFUSED = message("REFUSED"), "red"
    BUMPED = message("BUMPED"), "yellow"
    PROMOTED = message("PROMOTED"), "bold green"
    CANCELLED = message("CANCELLED"), "magenta"
    DELAYED = message("DELAYED"), "bold magenta"
    CLOSED = message("CLOSED"), "bold magenta"
    MOVED = message("MOVED"), "cyan"
    STAYED = message("STAYED"), "cyan"
    CHECKED_IN = message("CHECKED IN"), ""
    CAME_LATE = message("CAME LATE"), "bold yellow"
    TOO_LATE = message("TOO LATE"), "red"
    CALLED = message("CALLED"), ""
    NO_SHOW = message("NO-SHOW"), "bold yellow"
    SEEN = message("SEEN"), "dim"
    UNSEEN = message("NOT SEEN"), "red"
    PARKED = message("FOR TESTS"), "cyan"
    CAME_BACK = message("BACK"), "cyan"
    PAUSED = message("BREAK"), "bold magenta"
    LINE = message("LINE"), "bold"
    BROKEN = message("BROKEN"), "bold white on red"


OF_EVENTS = {
    EventType.BOOKED: Kind.BOOKED,
    EventType.BOOKED_BEYOND_CAPACITY: Kind.EXTRA_SEAT,
    EventType.WAITLISTED: Kind.WAITLISTED,
    EventType.BUMPED: Kind.BUMPED,
    EventType.PROMOTED: Kind.PROMOTED,
    EventType.REALLOCATED: Kind.MOVED,
    EventType.STAYED: Kind.STAYED,
}
"""What the service tells of a place in the day."""


class Entry(Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that happened. `why` is the service's own reason where it gave one."""

    at: datetime
    kind: Kind
    text: str
    why: str
    doctor: str
    token_number: str | None
    patient: str | None
    source: str | None
