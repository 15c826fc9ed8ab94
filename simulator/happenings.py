"""What can happen in a day, and how it is told. Each happening is one row: its sentence stands in
it, so none is without words, and a second language words them as it does the service's sentences.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from models.events import EventType
from services.wording.catalogue import message


class Kind(StrEnum):
    """What happened, as the desk would call it; `words` tell it, printed in `style`."""

    words: str
    style: str

    def __new__(cls, value: str, words: str, style: str) -> "Kind":
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.words, kind.style = words, style
        return kind

    BOOKED = message("BOOKED"), message("{who} gets {hour} with {doctor}"), "green"
    EXTRA_SEAT = (
        message("EXTRA SEAT"),
        message("{who} gets an extra seat, {hour} with {doctor}"),
        "bold red",
    )
    WAITLISTED = message("WAITLISTED"), message("{who} waits for {hour} with {doctor}"), "yellow"
    REFUSED = message("REFUSED"), message("{who}: no token for {hour} with {doctor}"), "red"
    BUMPED = message("BUMPED"), message("{who} moves from {was} to {hour} with {doctor}"), "yellow"
    BUMPED_OUT = (
        message("BUMPED OUT"),
        message("{who} loses {was} with {doctor} and waits"),
        "yellow",
    )
    PROMOTED = message("PROMOTED"), message("{who} gets {hour} with {doctor}"), "bold green"
    CANCELLED = message("CANCELLED"), message("{who} cancels {hour} with {doctor}"), "magenta"
    DELAYED = message("DELAYED"), message("{reason}: {hour} is {n} minutes late"), "bold magenta"
    CLOSED = message("CLOSED"), message("{reason}: {hour} can't be held"), "bold magenta"
    MOVED = message("MOVED"), message("{who} goes from {was} to {hour} with {doctor}"), "cyan"
    STAYED = message("STAYED"), message("{who} stays"), "cyan"
    CHECKED_IN = message("CHECKED IN"), message("{who} is here"), ""
    CAME_LATE = (
        message("CAME LATE"),
        message("{who} comes late for {doctor} and is let in"),
        "bold yellow",
    )
    TOO_LATE = message("TOO LATE"), message("{who} comes too late for {doctor}"), "red"
    CALLED = message("CALLED"), message("{name} is called"), ""
    NO_SHOW = message("NO-SHOW"), message("{who} is not here for {doctor}"), "bold yellow"
    SEEN = (
        message("SEEN"),
        message("{name}: waited {waited} min, then {took} min with {doctor}"),
        "dim",
    )
    UNSEEN = message("NOT SEEN"), message("{name} goes home unseen"), "red"
    PARKED = message("FOR TESTS"), message("{who} is sent for tests"), "cyan"
    CAME_BACK = message("BACK"), message("{who} is back from tests"), "cyan"
    PAUSED = message("BREAK"), message("{doctor} rests for {n} minutes"), "bold magenta"
    LINE = message("LINE"), message("{n} wait for {doctor}, {waited} min so far"), "bold"
    BROKEN = message("BROKEN"), message("{where}"), "bold white on red"


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
