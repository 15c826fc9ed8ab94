"""What is known of a doctor's past, and what consultations it is learned from."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from models.token import Token

LONGEST_PAUSE = timedelta(minutes=20)
"""Between two consultations that follow each other; a doctor who pauses longer is not at work."""

Coefficients = tuple[float, float, float, float]


class Case(Struct, frozen=True, gc=False):
    """What is known of a consultation before it begins.

    `hours` since the session's first began; `left`: patients still to begin, this one too.
    """

    follow_up: bool
    hours: float
    left: int


class Consultation(Struct, frozen=True, gc=False):
    """One that is over. `minutes`: until the next began, or its own length if none followed.

    None `followed` if the doctor paused, or the next patient was not there yet.
    """

    case: Case
    minutes: float
    followed: bool

    def with_more_left(self, more: int) -> "Consultation":
        """The same, where so many more were still to begin."""
        case = Case(self.case.follow_up, self.case.hours, self.case.left + more)
        return Consultation(case, self.minutes, self.followed)


class Experience(Struct, frozen=True, rename="camel"):
    """A doctor's past: sums of a regression, counts of who came and who did not, and percentiles.

    See engine.estimates. `lower` and `upper` are where the range of a wait begins and ends, as
    shares of what is foreseen, for one patient ahead, two, and so on.
    """

    sessions: int = 0
    products: tuple[float, ...] = (0.0,) * 16
    outcomes: Coefficients = (0.0, 0.0, 0.0, 0.0)
    came: int = 0
    stayed_away: int = 0
    lower: tuple[float, ...] = (0.50, 0.63, 0.69, 0.73, 0.75, 0.76, 0.77, 0.78)
    upper: tuple[float, ...] = (1.65, 1.47, 1.40, 1.35, 1.32, 1.30, 1.28, 1.26)
    """They start where they are if lengths vary by 45 %."""


def consultations_of(tokens: Iterable[Token]) -> tuple[Consultation, ...]:
    """Those of a day that were seen to their end, in the order in which they began."""
    begun = sorted((token for token in tokens if token.started_at is not None), key=_began)
    first = _began(begun[0]) if begun else None
    told = []
    for place, (token, following) in enumerate(pairwise([*begun, None])):
        if token is None or token.ended_at is None or first is None or not token.seen_to_end:
            continue
        began = _began(token)
        followed = following is not None and _at_once(token.ended_at, following)
        until = _began(following) if followed and following is not None else token.ended_at
        case = Case(
            follow_up=token.booked_source.row.follow_up,
            hours=(began - first).total_seconds() / 3600,
            left=len(begun) - place,
        )
        told.append(Consultation(case, (until - began).total_seconds() / 60, followed))
    return tuple(told)


def _at_once(ended: datetime, following: Token) -> bool:
    there = following.checked_in_at
    return _began(following) - ended <= LONGEST_PAUSE and there is not None and there <= ended


def _began(token: Token) -> datetime:
    assert token.started_at is not None  # noqa: S101  # only those are asked about
    return token.started_at
