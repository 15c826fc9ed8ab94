"""What a doctor's line has otherwise than the service's settings say."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import fields

from models.line import Order
from models.source import Source


class Overflow(StrEnum):
    """What becomes of a walk-in once the day is expected to run past its end.

    TELL: booked, and told so. OFFER: shown who else is free, if anybody is. REFUSE: not booked.
    """

    TELL = "tell"
    OFFER = "offer"
    REFUSE = "refuse"


class OwnWeights(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parts of the order WEIGHTED; None counts as the settings say."""

    source: float | None = None
    waiting: float | None = None
    appointment: float | None = None


class LineConfig(Struct, frozen=True, dict=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A doctor's own; None is as the service's settings have it, of `max_size` no limit.

    `change` counts how often it was changed, so the later wins; 0: never, so nothing is otherwise.
    `head_starts` are minutes by source; one that is not named has the settings'. `pool`: the line is
    one with those of the specialization's other doctors who have it too.
    """

    change: int = 0
    order: Order | None = None
    head_starts: Mapping[Source, int] | None = field(name="headStartMinutes", default=None)
    weights: OwnWeights | None = None
    overflow: Overflow | None = None
    accepting: bool | None = None
    max_size: int | None = None
    consultation_minutes: int | None = None
    use_history: bool | None = None
    pool: bool | None = None

    def own(self) -> Iterator[tuple[str, object]]:
        """What it has otherwise, by the names that it is stored and asked for with."""
        for each in fields(type(self)):
            value = getattr(self, each.name)
            if each.name != "change" and value is not None:
                yield each.encode_name, value

    def differs_from(self, other: "LineConfig") -> tuple[str, ...]:
        """The names of what is not the same."""
        mine, theirs = dict(self.own()), dict(other.own())
        return tuple(
            each.encode_name
            for each in fields(type(self))
            if mine.get(each.encode_name) != theirs.get(each.encode_name)
        )
