"""What is answered of the clock of a try-out."""

from answers.answer import Answer, Instant


class ClockOut(Answer, frozen=True):
    """The time of slots and tokens, and how fast it passes."""

    now: Instant
    speed: float
