"""How long the others will take: learned from a doctor's own consultations, told with a range.

What a consultation should take is linear in four things that are known before it begins (`Case`):
how long it usually is, whether it is a follow-up, how long the doctor has been at it, and how many
are still to come. A ridge regression learns the four coefficients from the doctor's past, starting
at the facility's consultation minutes; its sums are all that is kept. Today's pace then weighs in
as much as `PACE_WEIGHT` consultations of the past let it.

The range is that of the ratios between what came and what was foreseen: for each number of patients
ahead the tenth and the ninetieth percentile, followed one observation at a time (Robbins and Monro,
A Stochastic Approximation Method, 1951).
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, takewhile

from msgspec import Struct

Coefficients = tuple[float, float, float, float]

PACE_WEIGHT = 15.0
"""Consultations of today that count as much as the doctor's past."""
FARTHEST = 8
"""Patients ahead up to which each number has a range of its own."""
_STRENGTH: Coefficients = (5.0, 5.0, 20.0, 20.0)
"""How many observations the start of each coefficient is worth."""
_SHORTEST = 2.0
"""Minutes; no consultation is foreseen to be shorter."""
_RESIDUE = 0.4
"""Of its foreseen length, what is left at least of a consultation that is under way: measured, the
mean rest is never less, however long it has taken."""
_LOWEST, _HIGHEST = 0.1, 0.9
_STEP = 0.01
_LOWER = (0.50, 0.63, 0.69, 0.73, 0.75, 0.76, 0.77, 0.78)
_UPPER = (1.65, 1.47, 1.40, 1.35, 1.32, 1.30, 1.28, 1.26)
"""Where the percentiles start: those of consultations whose lengths vary by 45 %."""


class Case(Struct, frozen=True, gc=False):
    """What is known of a consultation before it begins.

    `hours` since the session's first began; `left`: patients still to begin, this one too.
    """

    follow_up: bool
    hours: float
    left: int


class Consultation(Struct, frozen=True, gc=False):
    """One that is over. `minutes`: until the next began, or its own length if none followed at once."""

    case: Case
    minutes: float
    followed: bool


class Experience(Struct, frozen=True, rename="camel"):
    """What is known of a doctor's past: the regression's sums, and the percentiles."""

    sessions: int = 0
    products: tuple[float, ...] = (0.0,) * 16
    outcomes: Coefficients = (0.0, 0.0, 0.0, 0.0)
    lower: tuple[float, ...] = _LOWER
    upper: tuple[float, ...] = _UPPER


class Ahead(Struct, frozen=True, gc=False):
    """Somebody in the line, and how likely they are to come when called, from 0 to 1."""

    follow_up: bool
    chance: float = 1.0


class Estimate(Struct, frozen=True, gc=False):
    """Minutes from now until a consultation should begin, and the range of four cases in five."""

    minutes: float
    earliest: float
    latest: float


class Forecast:
    """What to expect of a doctor today. `usual`: the facility's minutes of a consultation."""

    def __init__(
        self, experience: Experience, usual: float, so_far: Sequence[Consultation] = ()
    ) -> None:
        self._experience = experience
        self._coefficients = _solve(experience, usual)
        foreseen = sum(self._usually(one.case) for one in so_far)
        taken = sum(one.minutes for one in so_far)
        weight = PACE_WEIGHT * usual
        self.pace = (taken + weight) / (foreseen + weight)

    def minutes(self, case: Case) -> float:
        """How long this consultation should take."""
        return self._usually(case) * self.pace

    def rest(self, case: Case, elapsed: float) -> float:
        """How long one that has taken `elapsed` minutes should still take."""
        whole = self.minutes(case)
        return max(whole - elapsed, _RESIDUE * whole)

    def of_line(
        self, line: Sequence[Ahead], *, hours: float, free_in: float, doctors: int = 1
    ) -> Iterator[Estimate]:
        """When each of the line should begin, in its order.

        `free_in` minutes the doctor is free for the first, `hours` after the session's first began;
        so many `doctors` serve the line.
        """
        wait, ahead = free_in, 0.0
        for place, one in enumerate(line):
            yield self._with_range(wait, ahead)
            case = Case(one.follow_up, hours + (wait - free_in) / 60, len(line) - place)
            wait += one.chance * self.minutes(case) / doctors
            ahead += one.chance

    def _with_range(self, wait: float, ahead: float) -> Estimate:
        row = min(max(round(ahead), 1), FARTHEST) - 1
        experience = self._experience
        return Estimate(wait, wait * experience.lower[row], wait * experience.upper[row])

    def _usually(self, case: Case) -> float:
        found = sum(a * b for a, b in zip(self._coefficients, _features(case), strict=True))
        return max(_SHORTEST, found)


def learn(experience: Experience, session: Sequence[Consultation], usual: float) -> Experience:
    """The experience with a session more, in the order in which its consultations were."""
    products, outcomes = list(experience.products), list(experience.outcomes)
    for one in session:
        features = _features(one.case)
        for row, feature in enumerate(features):
            outcomes[row] += feature * one.minutes
            for column, other in enumerate(features):
                products[4 * row + column] += feature * other
    lower, upper = list(experience.lower), list(experience.upper)
    for ahead, ratio in _ratios(experience, session, usual):
        lower[ahead - 1] += _STEP * (_LOWEST - (ratio < lower[ahead - 1]))
        upper[ahead - 1] += _STEP * (_HIGHEST - (ratio < upper[ahead - 1]))
    a, b, c, d = outcomes
    return Experience(
        sessions=experience.sessions + 1,
        products=tuple(products),
        outcomes=(a, b, c, d),
        lower=tuple(lower),
        upper=tuple(upper),
    )


def _ratios(
    experience: Experience, session: Sequence[Consultation], usual: float
) -> Iterator[tuple[int, float]]:
    """How long each wait was, by how long it was foreseen to be, with the number ahead."""
    for first in range(len(session)):
        forecast = Forecast(experience, usual, session[:first])
        hours = session[first].case.hours
        line = [Ahead(one.case.follow_up) for one in session[first:]]
        foreseen = forecast.of_line(line, hours=hours, free_in=0.0)
        together = takewhile(lambda one: one.followed, session[first : first + FARTHEST])
        waits = accumulate(one.minutes for one in together)
        for ahead, (estimate, wait) in enumerate(
            zip(islice(foreseen, 1, None), waits, strict=False), start=1
        ):
            yield ahead, wait / estimate.minutes


def _features(case: Case) -> Coefficients:
    return (1.0, float(case.follow_up), case.hours, case.left / 10)


def _solve(experience: Experience, usual: float) -> Coefficients:
    """The coefficients, by Gaussian elimination; the strengths keep every pivot above zero."""
    rows = [
        [*experience.products[4 * row : 4 * row + 4], experience.outcomes[row]] for row in range(4)
    ]
    for row, strength in enumerate(_STRENGTH):
        rows[row][row] += strength
    rows[0][4] += _STRENGTH[0] * usual
    for pivot in range(4):
        for row in range(pivot + 1, 4):
            factor = rows[row][pivot] / rows[pivot][pivot]
            rows[row] = [a - factor * b for a, b in zip(rows[row], rows[pivot], strict=True)]
    found = [0.0] * 4
    for row in (3, 2, 1, 0):
        known = sum(rows[row][column] * found[column] for column in range(row + 1, 4))
        found[row] = (rows[row][4] - known) / rows[row][row]
    a, b, c, d = found
    return (a, b, c, d)
