"""The rule by which hospitals tell how long it will take, to be shown beside what the service tells."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct

from simulator.consultations import Consultation

_LOADS = ((0.9, 2.0), (0.75, 1.5), (0.5, 1.2))
"""From so full a line on, so many times as long."""
WEEK = 7
"""Sessions, one a day."""


class RuleOfThumb(Struct, frozen=True):
    """Last week's mean, times the places ahead, times a factor for how full the line is.

    `mean`: of the consultations of the week before; `most`: how many the line may hold.
    """

    mean: timedelta
    most: int

    def wait(self, places: int, waiting: int) -> timedelta:
        """How long for whoever stands so many places back, where so many wait."""
        load = waiting / self.most
        factor = next((times for share, times in _LOADS if load >= share), 1.0)
        return self.mean * places * factor


def rule_after(
    before: Sequence[Sequence[Consultation]], most: int, usual: timedelta
) -> RuleOfThumb:
    """The rule on the day after these sessions; `usual`: the mean where there was none."""
    lengths = [one.length for session in before[-WEEK:] for one in session]
    mean = sum(lengths, timedelta()) / len(lengths) if lengths else usual
    return RuleOfThumb(mean, most)
