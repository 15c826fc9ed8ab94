"""How those who are here are ordered, and where one who comes back stands."""

from enum import StrEnum

from msgspec import Struct


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
    """What somebody at the desk said of a patient, and what it is worth."""

    VIP = "VIP"
    URGENT = "URGENT"

    @property
    def minutes(self) -> int:
        """Of earlier arrival; as many points in the order WEIGHTED."""
        return 30 if self is Mark.URGENT else 15
