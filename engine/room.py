"""The seats and patients of a day, counted on while many tokens are moved by one command."""

from engine.day import Day
from models.timeline import TimedSlot
from models.token import LIVE, Token


class Room:
    """What room is left, of the day as it was and the tokens seated since.

    A sheet made anew for each of a thousand tokens would take a second; this takes note of each
    in no time. It knows nothing of the slots that they leave.
    """

    __slots__ = ("_day", "_patients", "_taken")

    def __init__(self, day: Day) -> None:
        self._day = day
        self._taken: dict[str, int] = {}
        self._patients: dict[str, set[str]] = {}

    def free_seats(self, timed: TimedSlot) -> int:
        """Rule 2; 0 also beyond capacity, and in a slot that gives none out."""
        left = timed.slot.max_capacity - self._count(timed)
        return max(0, left) if self._day.takes(timed) else 0

    def has_overflow(self, timed: TimedSlot) -> bool:
        """Rule 3, whatever the source."""
        limit = timed.slot.max_capacity + self._day.policy.emergency_overflow
        return self._count(timed) < limit and self._day.takes(timed)

    def has_patient(self, token: Token, timed: TimedSlot) -> bool:
        """Rule 11: whether the token's patient has a live token in the slot."""
        return token.patient.id in self._live(timed)

    def seat(self, token: Token, timed: TimedSlot) -> None:
        """Take note that the token has a seat of the slot."""
        self._taken[timed.slot.id] = self._count(timed) + 1
        self._live(timed).add(token.patient.id)

    def _count(self, timed: TimedSlot) -> int:
        taken = self._taken.get(timed.slot.id)
        return len(self._day.roster(timed.slot.id).seated) if taken is None else taken

    def _live(self, timed: TimedSlot) -> set[str]:
        patients = self._patients.get(timed.slot.id)
        if patients is None:
            roster = self._day.roster(timed.slot.id)
            patients = self._patients[timed.slot.id] = {
                token.patient.id
                for token in (*roster.seated, *roster.waiting)
                if token.status in LIVE
            }
        return patients
