"""How far estimated times were off."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from simulator.figures import Figure, Row, make_rows, minutes

_NEAR = timedelta(minutes=10)
"""An estimate within this of what happened is a good one."""
_MINUTES = "{:.2f} min".format


class Pair(Struct, frozen=True):
    """A patient so many places back: the estimated time less the time that it came true.

    `in_range`: whether it came true within the range that was told, None where none was. `by_rule`:
    as `error`, of the hospitals' rule, where it was asked.
    """

    places: int
    error: timedelta
    in_range: bool | None = None
    by_rule: timedelta | None = None


def measure_accuracy(
    pairs: Sequence[Pair], figures: Mapping[str, Figure[Pair]] | None = None
) -> list[Row]:
    """A row for each distance, and the last for all of them; of `OF_PAIRS` if not said otherwise."""
    distances = sorted({pair.places for pair in pairs})
    groups = [(n, [pair for pair in pairs if pair.places == n]) for n in distances]
    return make_rows("places", [*groups, (None, pairs)] if pairs else [], figures or OF_PAIRS)


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def mean_minutes(spans: Sequence[timedelta]) -> float:
    return minutes(sum(spans, timedelta()) / len(spans), 2)


OF_PAIRS: Mapping[str, Figure[Pair]] = {
    "pairs": Figure("Pairs", len, "{:,}".format),
    "meanAbsoluteErrorMinutes": Figure(
        "Mean absolute error",
        lambda pairs: mean_minutes([abs(one.error) for one in pairs]),
        _MINUTES,
    ),
    "shareWithin10Minutes": Figure(
        "Within ±10 min",
        lambda pairs: round(sum(abs(one.error) <= _NEAR for one in pairs) / len(pairs), 4),
        "{:.1%}".format,
    ),
    "shareInRange": Figure(
        "Within the range",
        lambda pairs: _share([one.in_range for one in pairs if one.in_range is not None]),
        "{:.1%}".format,
    ),
    "biasMinutes": Figure(
        "Bias", lambda pairs: mean_minutes([one.error for one in pairs]), _MINUTES
    ),
}

BY_RULE: Mapping[str, Figure[Pair]] = {
    "ruleMeanAbsoluteErrorMinutes": Figure(
        "By rule: error",
        lambda pairs: mean_minutes([abs(error) for error in _by_rule(pairs)]),
        _MINUTES,
    ),
    "ruleShareWithin10Minutes": Figure(
        "By rule: ±10",
        lambda pairs: _share([abs(error) <= _NEAR for error in _by_rule(pairs)]),
        "{:.1%}".format,
    ),
}
"""Of pairs that all have it."""


def _by_rule(pairs: Sequence[Pair]) -> list[timedelta]:
    return [one.by_rule for one in pairs if one.by_rule is not None]
