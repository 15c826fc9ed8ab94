"""Whether the doctor sees patients."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class SessionState(StrEnum):
    """Where the doctor's day stands."""

    NOT_STARTED = "NOT_STARTED"
    IN_SESSION = "IN_SESSION"
    ON_BREAK = "ON_BREAK"
    FINISHED = "FINISHED"


class DoctorSession(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """The state, since when, and until when a break should last."""

    state: SessionState = SessionState.NOT_STARTED
    since: datetime | None = None
    until: datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether it has begun and not ended; a break is part of it."""
        return self.state in (SessionState.IN_SESSION, SessionState.ON_BREAK)
