"""Rounds that are compared: all of them in each pass, in an order drawn anew for each pass.

So whatever drifts on the machine hits all alike, and a ratio is taken within a pass.
"""

import random
import statistics
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bench.drive import Round

Key = TypeVar("Key", bound=Hashable)
Step = Callable[[str], None]


@dataclass(frozen=True)
class Bench:
    """What all measurements share. `step` tells the progress bar what comes next."""

    server_uri: str
    database: Mapping[str, int]
    seconds: float
    passes: int
    bookings: int
    chance: random.Random
    step: Step

    @property
    def warm(self) -> float:
        """Seconds of a round that do not count."""
        return min(0.5, self.seconds / 4)


@dataclass(frozen=True)
class Results(Generic[Key]):
    """The rounds by what was measured, in the order of the passes."""

    rounds: dict[Key, list[Round]] = field(default_factory=dict)

    def play(self, bench: Bench, passes: int, plays: Mapping[Key, Callable[[], Round]]) -> None:
        """Play all of them in each of the passes."""
        for _ in range(passes):
            order = list(plays.items())
            bench.chance.shuffle(order)
            for key, play in order:
                bench.step(str(key))
                self.rounds.setdefault(key, []).append(play())

    def median(self, key: Key, figure: Callable[[Round], float]) -> float:
        """The median of a figure over the passes."""
        return statistics.median(map(figure, self.rounds[key]))

    def rates(self, key: Key) -> str:
        """2xx a second: the median, and the lowest and the highest pass."""
        rates = [each.outcome.rate for each in self.rounds[key]]
        return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"

    def ratios(self, key: Key, base: Key) -> str:
        """2xx a second as a share of another's in the same pass: median, lowest, highest."""
        if key == base:
            return "1"
        ratios = [
            one.outcome.rate / other.outcome.rate if other.outcome.rate else 0.0
            for one, other in zip(self.rounds[key], self.rounds[base], strict=False)
        ]
        return f"**{statistics.median(ratios):.0%}** ({min(ratios):.0%} to {max(ratios):.0%})"

    def latencies(self, key: Key) -> list[str]:
        """The medians of p50 and p99 in milliseconds, and of p99 as a multiple of p50."""
        p50 = self.median(key, lambda each: each.outcome.p50)
        p99 = self.median(key, lambda each: each.outcome.p99)
        times = self.median(
            key, lambda each: each.outcome.p99 / each.outcome.p50 if each.outcome.p50 else 0.0
        )
        return [f"{p50 * 1000:.1f}", f"{p99 * 1000:.1f}", f"{times:.1f}"]

    def failures(self, keys: Iterable[Key]) -> int:
        """Answers other than 2xx in all passes."""
        return sum(each.outcome.failures for key in keys for each in self.rounds[key])

    def cpu(self, key: Key, name: str) -> float:
        """The median of the microseconds that a process took for a request; 0 for a stranger."""
        return self.median(key, lambda each: each.cpu_per_request(name))
