"""Rule 7: a free seat goes to the best-ranked of those who wait for it."""

from msgspec.structs import replace

from engine.day import Day
from engine.editor import Editor
from engine.rank import rank
from models.events import Promoted
from models.reasons import FirstOnWaitlist, LaterSeatFree
from models.timeline import Run
from models.token import Status, Token


def promote(edit: Editor) -> None:
    """Give every free seat to its best-ranked waiter, slot by slot in order of time.

    A slot's waiters are the tokens waitlisted on it, and those waitlisted on earlier slots that
    once held a seat and lost it to a bump or a closure.
    """
    waited_for: list[str] = []  # the slots so far on which somebody waits
    for run in edit.day.runs:
        if edit.day.roster(run.slot.id).waiting:
            waited_for.append(run.slot.id)
        while (
            waited_for
            and edit.day.has_free_seat(run)
            and (token := _best_waiter(edit.day, run, waited_for))
        ):
            _seat(edit, token, run)


def _best_waiter(day: Day, run: Run, waited_for: list[str]) -> Token | None:
    waiters = [
        token
        for slot_id in waited_for
        for token in day.roster(slot_id).waiting
        if slot_id == run.slot.id
        or (
            token.seated_at is not None and day.live_token_of(token.patient.id, run.slot.id) is None
        )
    ]
    return min(waiters, key=rank, default=None)


def _seat(edit: Editor, token: Token, run: Run) -> None:
    promoted = replace(
        token,
        slot_id=run.slot.id,
        status=Status.BOOKED,
        seated_at=token.seated_at or edit.day.now,
    )
    edit.put_token(promoted)
    own_slot = token.slot_id == run.slot.id
    reason = FirstOnWaitlist() if own_slot else LaterSeatFree()
    edit.record.token(Promoted, token, promoted, reason)
