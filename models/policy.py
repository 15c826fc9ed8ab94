"""The numbers that a facility may choose, as the rules see them."""

from collections.abc import Mapping

from msgspec import Struct, field

from models.line import Order, Weights
from models.source import Source


class Policy(Struct, frozen=True, kw_only=True):
    """`scores` rank the sources, higher first; `consultation_minutes` is one consultation's length.

    `emergency_overflow`: seats beyond capacity that only emergencies take. `max_bumps`: how often
    one token may be bumped. `max_tokens_per_sheet`: how many tokens one doctor's day may hold.

    `order` is how those who are here are called; `head_starts` the minutes that a source is worth
    in the order HEAD_START, none for one that is not named. `late_grace_minutes`: how long after
    its due time an appointment is on time. `no_show_minutes`: how long who is called, missed or
    awaited is waited for. `early_minutes`: how long before its slot one may check in at a kiosk.
    """

    scores: Mapping[Source, int]
    consultation_minutes: int = 10
    emergency_overflow: int = 3
    max_bumps: int = 2
    max_tokens_per_sheet: int = 2000
    order: Order = Order.HEAD_START
    head_starts: Mapping[Source, int] = field(default_factory=dict)
    weights: Weights = Weights()
    late_grace_minutes: int = 10
    no_show_minutes: int = 15
    early_minutes: int = 60

    def __post_init__(self) -> None:
        """ValueError without a score for each source: no booking shall be the one to find out."""
        if missing := set(Source) - set(self.scores):
            raise ValueError(f"no score for {', '.join(sorted(missing))}")
