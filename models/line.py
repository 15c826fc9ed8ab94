"""How those who are here are ordered, and where one who comes back stands."""

from enum import StrEnum

from msgspec import Struct

from models.source import Source


class Order(StrEnum):
    """By what those who are checked in are called.

    STRICT: slot by slot, each by rank. HEAD_START: by virtual arrival, less the minutes that the
    source is worth. WEIGHTED: by points for source, wait and appointment.
    """

    STRICT = "strict"
    HEAD_START = "head_start"
    WEIGHTED = "weighted"


class Weights(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    """What each part counts in the order WEIGHTED: once by default."""

    source: float = 1.0
    waiting: float = 1.0
    appointment: float = 1.0


class ReturnTo(StrEnum):
    """Where in line a patient stands who comes back.

    FIRST: behind those called. LAST: as if arrived now. SAME: as if never gone.
    """

    FIRST = "first"
    LAST = "last"
    SAME = "same"


class Mark(StrEnum):
    """What somebody at the desk said of a patient, and what it is worth.

    EMERGENCY and PRIORITY make a token one of that source.
    """

    VIP = "VIP"
    URGENT = "URGENT"
    EMERGENCY = "EMERGENCY"
    PRIORITY = "PRIORITY"

    @property
    def minutes(self) -> int:
        """Of earlier arrival; as many points in the order WEIGHTED."""
        return _MINUTES.get(self, 0)

    @property
    def source(self) -> Source | None:
        """What it makes of a token."""
        return _SOURCES.get(self)


_MINUTES = {Mark.VIP: 15, Mark.URGENT: 30}
_SOURCES = {Mark.EMERGENCY: Source.EMERGENCY, Mark.PRIORITY: Source.PRIORITY}
