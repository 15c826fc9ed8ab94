"""How long the others will take: learned from a doctor's own consultations, told with a range.

What a consultation should take is linear in four things that are known before it begins: how long
it usually is, whether it is a follow-up, how long the doctor has been at it, and how many are still
to come. A ridge regression learns the four coefficients from the doctor's past, starting at the
facility's consultation minutes; its sums are all that is kept. Today's pace then weighs in as much
as `PACE_WEIGHT` consultations of the past let it.

The range is that of the ratios between what came and what was foreseen: for each number of patients
ahead the tenth and the ninetieth percentile, followed one observation at a time (Robbins and Monro,
A Stochastic Approximation Method, 1951).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, islice, takewhile

from msgspec import Struct

from models.experience import Case, Coefficients, Consultation, Experience

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
_AWAY, _AWAY_OF = 1.0, 10.0
"""Before anything is known: one of ten does not come."""


class Estimate(Struct, frozen=True, gc=False):
    """Minutes until a consultation should begin, and the range of four cases in five."""

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

    @property
    def chance_to_come(self) -> float:
        """How likely it is that somebody who is booked comes."""
        past = self._experience
        away = past.stayed_away + _AWAY
        return 1 - away / (past.came + past.stayed_away + _AWAY_OF)

    def minutes(self, case: Case) -> float:
        """How long this consultation should take."""
        return self._usually(case) * self.pace

    def rest(self, case: Case, elapsed: float) -> float:
        """How long one that has taken `elapsed` minutes should still take."""
        whole = self.minutes(case)
        return max(whole - elapsed, _RESIDUE * whole)

    def after(self, wait: float, ahead: float) -> Estimate:
        """A wait of so many minutes behind so many patients, with its range."""
        row = min(max(round(ahead), 1), FARTHEST) - 1
        experience = self._experience
        return Estimate(wait, wait * experience.lower[row], wait * experience.upper[row])

    def _usually(self, case: Case) -> float:
        found = sum(a * b for a, b in zip(self._coefficients, _features(case), strict=True))
        return max(_SHORTEST, found)


class Walk:
    """Down a line, one patient after the other; `left` of them, from `hours` into the session on.

    `free`: in how many minutes each doctor who serves the line is there. The next goes to whoever is free
    first.
    """

    def __init__(
        self, forecast: Forecast, *, hours: float, left: int, free: Sequence[float] = (0.0,)
    ) -> None:
        self._forecast = forecast
        self._hours = hours
        self._left = left
        self._free, self._ahead = list(free), 0.0

    def pass_by(self, *, follow_up: bool, elapsed: float, doctor: int = 0) -> None:
        """Somebody is in consultation with this doctor, since so many minutes."""
        case = Case(follow_up, self._hours, self._left + 1)
        self._free[doctor] += self._forecast.rest(case, elapsed)
        self._ahead += 1 / len(self._free)

    def wait_until(self, minutes: float) -> None:
        """Whoever comes next is not seen before that."""
        self._free = [max(each, minutes) for each in self._free]

    def part(self) -> None:
        """From here on each doctor has a part of the line, as long as the others'."""
        self._free = [sum(self._free) / len(self._free)]

    def meet(self, *, follow_up: bool, chance: float = 1.0) -> Estimate:
        """When the next one is seen; who comes after waits for them too, if they come."""
        wait = min(self._free)
        told = self._forecast.after(wait, self._ahead)
        doctor = self._free.index(wait)
        self._free[doctor] += chance * self._forecast.minutes(self._case(follow_up, wait))
        self._ahead += chance / len(self._free)
        self._left -= 1
        return told

    def _case(self, follow_up: bool, wait: float) -> Case:  # of one thing alone
        return Case(follow_up, self._hours + wait / 60, max(1, self._left))


def learn(
    experience: Experience,
    session: Sequence[Consultation],
    usual: float,
    *,
    came: int,
    stayed_away: int,
) -> Experience:
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
        came=experience.came + came,
        stayed_away=experience.stayed_away + stayed_away,
        lower=tuple(lower),
        upper=tuple(upper),
    )


def _ratios(
    experience: Experience, session: Sequence[Consultation], usual: float
) -> Iterator[tuple[int, float]]:
    """How long each wait was, by how long it was foreseen to be, with the number ahead."""
    for first, one in enumerate(session):
        walk = Walk(
            Forecast(experience, usual, session[:first]), hours=one.case.hours, left=one.case.left
        )
        foreseen = (walk.meet(follow_up=each.case.follow_up) for each in session[first:])
        together = takewhile(lambda one: one.followed, session[first : first + FARTHEST])
        waits = accumulate(one.minutes for one in together)
        for ahead, (estimate, wait) in enumerate(
            zip(islice(foreseen, 1, None), waits, strict=False), start=1
        ):
            yield ahead, wait / estimate.minutes


def _features(case: Case) -> Coefficients:
    return (1.0, float(case.follow_up), case.hours, case.left / 10)


@lru_cache(maxsize=1024)
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
