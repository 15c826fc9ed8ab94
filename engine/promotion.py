"""Rule 7: a free seat goes to the best-ranked of those who wait for it."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from engine.day import Day
from engine.editor import Editor
from engine.room import Room
from models.events import Promoted
from models.rank import rank
from models.reasons import FirstOnWaitlist, LaterSeatFree
from models.timeline import TimedSlot
from models.token import Token


def promote(edit: Editor) -> None:
    """Give every free seat to its best-ranked waiter, slot by slot in order of time.

    A slot's waiters are the tokens waitlisted on it, and those waitlisted on earlier slots that
    once held a seat and lost it to a bump or a closure.
    """
    day = edit.day
    if not any(day.roster(timed.slot.id).waiting for timed in day.timed_slots):
        return
    free = [timed for timed in day.timed_slots if day.has_free_seat(timed)]
    promoted = []
    for token, slot_id in _assign(day, free, _who_wait(day, free)):
        seated = replace(
            token,
            slot_id=slot_id,
            status=token.status_with_seat,
            seated_at=token.seated_at or day.now,
            last_step=None,
        )
        promoted.append(seated)
        reason = FirstOnWaitlist() if token.slot_id == slot_id else LaterSeatFree()
        edit.record.token(Promoted, token, seated, reason)
    edit.put_tokens(promoted)


_Waiter = tuple[TimedSlot, Token]


def _who_wait(day: Day, free: Iterable[TimedSlot]) -> list[_Waiter]:
    """Who may get one of the free seats, best first, with the slot that each waits on.

    Of slots without a free seat those alone who lost one, and so look to later slots too.
    """
    free_ids = {timed.slot.id for timed in free}
    waiters = [
        (timed, token)
        for timed in day.timed_slots
        for token in day.roster(timed.slot.id).waiting
        if token.seated_at is not None or timed.slot.id in free_ids
    ]
    return sorted(waiters, key=_rank)


def _rank(waiter: _Waiter) -> tuple[int, int]:
    return rank(waiter[1])


def _assign(
    day: Day, free: Iterable[TimedSlot], waiters: list[_Waiter]
) -> Iterator[tuple[Token, str]]:
    """Each token that gets a seat, with the slot that it gets it in.

    All by the day as it was: who is promoted takes a seat of its slot alone, and leaves a waitlist
    that no later slot looks at.
    """
    room = Room(day)
    for timed in free:
        seats = room.free_seats(timed)
        still_waiting = []
        for waits_on, token in waiters:
            own_slot = waits_on is timed
            looks_here = own_slot or (token.seated_at is not None and waits_on.order < timed.order)
            if seats and looks_here and (own_slot or not room.has_patient(token, timed)):
                room.seat(token, timed)
                seats -= 1
                yield token, timed.slot.id
            else:
                still_waiting.append((waits_on, token))
        waiters = still_waiting
