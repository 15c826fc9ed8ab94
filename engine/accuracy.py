"""How often the times that patients were told at check-in came true, from a day's events.

What was told is compared with when the consultation began. Who was away meanwhile, for a test or
because they did not come when they were called, is left out: they were not waited for.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from engine.day import Day
from engine.decision import Decision
from engine.queue import standing_of
from models.events import Event, StatusChanged, TokenEvent, ToldTime, Undone
from models.reasons import Arrived, CameLate
from models.sheet import Sheet
from models.token import Status

NEAR = timedelta(minutes=10)
"""A time within this of what came is right, on either side."""
_AWAY = frozenset({Status.PARKED, Status.MISSED, Status.NO_SHOW})


class Accuracy(Struct, frozen=True, rename="camel"):
    """Of times told: how many were `compared`, how many of them `right`, and `off`, the seconds by
    which all of them together were too early or too late.

    `ranged` were told with a range of four cases in five, `in_range` came true within theirs.
    """

    compared: int = 0
    right: int = 0
    off: int = 0
    ranged: int = 0
    in_range: int = 0

    def __add__(self, other: "Accuracy") -> "Accuracy":
        return Accuracy(
            self.compared + other.compared,
            self.right + other.right,
            self.off + other.off,
            self.ranged + other.ranged,
            self.in_range + other.in_range,
        )

    @property
    def mean_error(self) -> float | None:
        """Seconds, too early or too late; None if nothing was compared."""
        return self.off / self.compared if self.compared else None

    @property
    def share_right(self) -> float | None:
        """0 to 1; None if nothing was compared."""
        return self.right / self.compared if self.compared else None

    @property
    def share_in_range(self) -> float | None:
        """0 to 1, 0.8 where ranges are as wide as they should be; None without any."""
        return self.in_range / self.ranged if self.ranged else None


def together(accuracies: Iterable[Accuracy]) -> Accuracy:
    """Of all of them."""
    return sum(accuracies, Accuracy())


def keep_what_is_told(decision: Decision, opened: Callable[[Sheet], Day]) -> Decision:
    """The decision, where the event of a check-in tells the time that its patient is told.

    The sheet does not depend on it: estimates are learned. `opened`: the day that the decision
    leaves, which is asked for when somebody checks in and not before.
    """
    if not any(map(_is_check_in, decision.events)):
        return decision
    day = opened(decision.sheet)
    events = tuple(
        replace(event, told=_told(day, event.token_id))
        if isinstance(event, StatusChanged) and _is_check_in(event)
        else event
        for event in decision.events
    )
    return replace(decision, events=events)


class Step(Struct, frozen=True, gc=False):
    """A step of a token, and what its patient was told then."""

    status: Status
    at: datetime
    told: ToldTime | None


class Steps:
    """A token's steps so far, without those that were taken back."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def take(self, event: TokenEvent) -> None:
        """What happened next to the token."""
        if isinstance(event, Undone):
            del self._steps[-1:]
        elif isinstance(event, StatusChanged):
            self._steps.append(Step(event.after.status, event.at, event.told))

    def accuracy(self) -> Accuracy:
        """Of what the patient was told at the last check-in before the consultation."""
        told = None
        for step in self._steps:
            if step.told is not None:
                told = step.told
            elif step.status in _AWAY:
                told = None
            elif step.status is Status.IN_CONSULTATION and told is not None:
                return compare(told, step.at)
        return Accuracy()


def compare(told: ToldTime, came: datetime) -> Accuracy:
    """How a time that was told compares with when it came true."""
    off = abs(came - told.at)
    return Accuracy(
        compared=1,
        right=int(off <= NEAR),
        off=round(off.total_seconds()),
        ranged=int(told.within is not None),
        in_range=int(told.within is not None and told.within[0] <= came <= told.within[1]),
    )


def _is_check_in(event: Event) -> bool:
    return isinstance(event, StatusChanged) and isinstance(event.reason, Arrived | CameLate)


def _told(day: Day, token_id: str) -> ToldTime | None:
    token = day.sheet.find_token(token_id)
    assert token is not None  # noqa: S101  # it has just checked in
    standing = standing_of(day, token)
    if standing.estimated_time is None:
        return None
    if standing.earliest is None or standing.latest is None:
        return ToldTime(standing.estimated_time)
    return ToldTime(standing.estimated_time, (standing.earliest, standing.latest))
