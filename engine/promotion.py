"""Rule 7: a free seat goes to the best-ranked of those who wait for it."""

from msgspec.structs import replace

from engine.day import Day
from engine.rank import rank
from models.commands import Command
from models.events import EventType
from models.timeline import Run
from models.token import Status, Token


def promote(day: Day, command: Command) -> None:
    """Give every free seat to its best-ranked waiter, slot by slot in order of time.

    A slot's waiters are the tokens waitlisted on it, and those waitlisted on earlier slots that
    once held a seat and lost it to a bump or a closure.
    """
    displaced: list[str] = []  # earlier slots with waiters that once held a seat
    for run in day.runs:
        while day.has_free_seat(run) and (token := _best_waiter(day, run, displaced)):
            _seat(day, command, token, run)
        if any(token.seated_at is not None for token in day.roster(run.slot.id).waiting):
            displaced.append(run.slot.id)


def _best_waiter(day: Day, run: Run, displaced: list[str]) -> Token | None:
    waiters = list(day.roster(run.slot.id).waiting)
    for slot_id in displaced:
        waiters += [
            token
            for token in day.roster(slot_id).waiting
            if token.seated_at is not None
            and day.live_token_of(token.patient_id, run.slot.id) is None
        ]
    return min(waiters, key=rank, default=None)


def _seat(day: Day, command: Command, token: Token, run: Run) -> None:
    promoted = replace(
        token,
        slot_id=run.slot.id,
        status=Status.BOOKED,
        seated_at=token.seated_at or day.now,
    )
    day.change(token, promoted)
    reason = (
        "A seat fell free, and it was first on the waitlist."
        if token.slot_id == run.slot.id
        else "It had lost its seat, and a later slot has a free one."
    )
    day.tell(command, EventType.PROMOTED, promoted, reason, before=token)
