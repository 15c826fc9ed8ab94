"""What comes of a command."""

from datetime import datetime

from msgspec import Struct

from models.events import Event
from models.keyed_request import Displacement
from models.sheet import Sheet


class Outcome(Struct, frozen=True, kw_only=True):
    """What the command was about: the `number` of its token, or its slot.

    `bumped` is the token that gave way to a newcomer; `replayed` says that an earlier request with
    the same key had done all of it already. `overruns_until`: a walk-in is to know that the day should
    end then.
    """

    slot_id: str | None = None
    number: int | None = None
    bumped: Displacement | None = None
    replayed: bool = False
    overruns_until: datetime | None = None


class Decision(Struct, frozen=True, kw_only=True):
    """What a command did: the new sheet (the old one, when nothing changed) and its events."""

    sheet: Sheet
    events: tuple[Event, ...]
    outcome: Outcome
