"""The journal: what happened in the day, in words for people and in fields for machines."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from simulator.people import Person


class Kind(StrEnum):
    """What happened, as the desk would call it."""

    BOOKED = "BOOKED"
    EXTRA_SEAT = "EXTRA SEAT"
    BUMPED = "BUMPED"
    WAITLISTED = "WAITLISTED"
    PROMOTED = "PROMOTED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"
    DELAYED = "DELAYED"
    CLOSED = "CLOSED"
    MOVED = "MOVED"
    STAYED = "STAYED"
    CHECKED_IN = "CHECKED IN"
    CALLED = "CALLED"
    NO_SHOW = "NO-SHOW"
    CAME_LATE = "CAME LATE"
    SEEN = "SEEN"
    UNSEEN = "NOT SEEN"
    BROKEN = "BROKEN"


class Entry(Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that happened. `why` is the service's own reason where it gave one."""

    at: datetime
    kind: Kind
    text: str
    why: str = ""
    doctor: str
    token_number: str | None = None
    patient: str | None = None
    source: str | None = None


class Journal:
    """Keeps the entries of a day and shows each to `reader` as it comes.

    Without `reasons`, the service isn't asked for them: a question less for each entry.
    """

    def __init__(
        self, reader: Callable[[Entry], None] | None = None, *, reasons: bool = True
    ) -> None:
        self.entries: list[Entry] = []
        self.reasons = reasons
        self._reader = reader

    def note(
        self,
        at: datetime,
        kind: Kind,
        doctor: str,
        text: str,
        *,
        why: str = "",
        person: Person | None = None,
    ) -> None:
        """Write an entry."""
        entry = Entry(
            at=at,
            kind=kind,
            text=text,
            why=why,
            doctor=doctor,
            token_number=None if person is None else person.first_number or None,
            patient=None if person is None else person.name,
            source=None if person is None else person.source.value,
        )
        self.entries.append(entry)
        if self._reader is not None:
            self._reader(entry)
