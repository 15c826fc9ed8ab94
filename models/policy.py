"""The numbers that a facility may choose, as the rules see them."""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from models.line import Order, Weights
from models.line_config import LineConfig, Overflow
from models.source import Source


class Policy(Struct, frozen=True, kw_only=True):
    """`scores` rank the sources, higher first; `consultation_minutes` is one consultation's length.

    `emergency_overflow`: seats beyond capacity that only emergencies take. `max_bumps`: how often
    one token may be bumped. `max_tokens_per_sheet`: how many tokens one doctor's day may hold.

    `order` is how those who are here are called; `head_starts` the minutes that a source is worth
    in the order HEAD_START, none for one that is not named. `late_grace_minutes`: how long after
    its due time an appointment is on time. `no_show_minutes`: how long who is called, missed or
    awaited is waited for. `early_minutes`: how long before its slot one may check in at a kiosk.

    `accepting` walk-ins, and no more in line than `max_size`, None for any number. `overflow`: what
    becomes of them once the day should end `overflow_minutes` too late. `use_history`: whether times
    are told by the doctor's past. `pool`: whether the line is one with others', which only a doctor's
    own settings say.
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
    accepting: bool = True
    max_size: int | None = None
    overflow: Overflow = Overflow.TELL
    overflow_minutes: int = 30
    use_history: bool = True
    pool: bool = False

    def __post_init__(self) -> None:
        """ValueError without a score for each source: no booking shall be the one to find out."""
        if missing := set(Source) - set(self.scores):
            raise ValueError(f"no score for {', '.join(sorted(missing))}")

    def under(self, config: LineConfig) -> "Policy":
        """This policy with what a doctor has otherwise; remembered with that, for each decision asks."""
        known: tuple[Policy, Policy] | None = config.__dict__.get("policy")
        if known is None or known[0] is not self:
            known = config.__dict__["policy"] = (self, self._with(config))
        return known[1]

    def _with(self, config: LineConfig) -> "Policy":
        own = {name: value for name, value in asdict(config).items() if value is not None}
        del own["change"]
        if config.head_starts is not None:
            own["head_starts"] = {**self.head_starts, **config.head_starts}
        if config.weights is not None:
            given = asdict(config.weights).items()
            own["weights"] = replace(
                self.weights, **{name: value for name, value in given if value is not None}
            )
        return replace(self, **own)
