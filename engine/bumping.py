"""Rule 5: a token gives up its seat, and gets another place."""

from msgspec.structs import replace

from engine.editor import Editor
from models.keyed_request import Displacement
from models.reasons import GaveWay, GaveWayToWait
from models.source import Source
from models.timeline import TimedSlot
from models.token import Bump, Status, Token


def give_way(
    edit: Editor, loser: Token, timed: TimedSlot, number: int, source: Source
) -> Displacement:
    """To the earliest later slot with a free seat, else to the waitlist of its slot.

    `number` and `source` are those of the token that it gives way to.
    """
    day = edit.day
    new_slot = next(
        (later for later in day.timed_slots[timed.order + 1 :] if day.could_seat(loser, later)),
        None,
    )
    bumps = (*loser.bumps, Bump(timed.slot.id, day.now))
    reason: GaveWay | GaveWayToWait
    if new_slot is None:
        moved = replace(loser, status=Status.WAITLISTED, bumps=bumps)
        reason = GaveWayToWait(number, source)
    else:
        moved = replace(loser, slot_id=new_slot.slot.id, bumps=bumps)
        reason = GaveWay(number, source)
    edit.put_token(moved)
    edit.record.bumped(loser, moved, reason)
    return Displacement(
        token_id=loser.id,
        number=loser.number,
        from_slot_id=timed.slot.id,
        to_slot_id=None if new_slot is None else new_slot.slot.id,
    )
