"""Rule 10: a slot can't be held, so its tokens take other places of the day."""

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.rank import ranked
from models.commands import Reallocate
from models.errors import OtherSheet, SameSlot, SlotClosed, SlotOver
from models.events import Reallocated, Stayed
from models.ids import sheet_of_slot
from models.reasons import (
    AlreadyCalled,
    ClosedToReallocate,
    NoOtherPlace,
    NoOtherPlaceYet,
    SlotNotHeld,
)
from models.slot import SlotStatus
from models.timeline import Run
from models.token import LIVE, Status, Token


def reallocate(edit: Editor, command: Reallocate) -> Outcome:
    """Close the slot and find each of its tokens another place; nobody is bumped by it.

    Raises UnknownSlot; of the named target SameSlot, OtherSheet, UnknownSlot, SlotOver,
    SlotClosed.
    """
    run = edit.day.run(command.slot_id)
    target = _find_target(edit.day, command)
    if command.close and run.slot.status is SlotStatus.OPEN:
        closed = replace(run.slot, status=SlotStatus.CLOSED)
        edit.put_slot(closed)
        edit.record.slot_changed(run.slot, closed, ClosedToReallocate(), command.note)
    places = [place for place in edit.day.runs if place.slot.start > run.slot.start]
    if target is not None:
        named = edit.day.run(target)
        places = [named, *(place for place in places if place.slot.id != target)]
    for token in _in_order(edit.day, run.slot.id, waitlist_only=not command.close):
        _move_or_keep(edit, token, places, command.note)
    return Outcome(slot_id=run.slot.id)


def _find_target(day: Day, command: Reallocate) -> str | None:
    target = command.target_slot_id
    if target is None:
        return None
    if target == command.slot_id:
        raise SameSlot
    if sheet_of_slot(target) != day.sheet.id:
        raise OtherSheet
    run = day.run(target)
    if day.is_over(run):
        raise SlotOver
    if run.slot.status is SlotStatus.CLOSED:
        raise SlotClosed
    return target


def _in_order(day: Day, slot_id: str, *, waitlist_only: bool) -> list[Token]:
    """The live tokens of the slot: EMERGENCY, CHECKED_IN, BOOKED, WAITLISTED, the rest; by rank."""
    roster = day.roster(slot_id)
    if waitlist_only:
        return ranked(roster.waiting)
    live = [token for token in (*roster.seated, *roster.waiting) if token.status in LIVE]
    return sorted(ranked(live), key=_group)


def _group(token: Token) -> int:
    order = (Status.CHECKED_IN, Status.BOOKED, Status.WAITLISTED)
    if token.status not in order:
        return len(order) + 1
    return 0 if token.source.row.emergency else 1 + order.index(token.status)


def _move_or_keep(edit: Editor, token: Token, places: list[Run], note: str | None) -> None:
    if token.status in (Status.CALLED, Status.IN_CONSULTATION):
        edit.record.token(Stayed, token, token, AlreadyCalled(), note)
        return
    place = _find_place(edit.day, token, places)
    if place is not None:
        status = token.status if token.status is Status.CHECKED_IN else Status.BOOKED
        moved = replace(
            token, slot_id=place.slot.id, status=status, seated_at=token.seated_at or edit.day.now
        )
        edit.put_token(moved)
        edit.record.token(Reallocated, token, moved, SlotNotHeld(), note)
        return
    if token.status is Status.BOOKED and not token.source.row.emergency:
        waiting = replace(token, status=Status.WAITLISTED)
        edit.put_token(waiting)
        edit.record.token(Stayed, token, waiting, NoOtherPlaceYet(), note)
    else:
        edit.record.token(Stayed, token, token, NoOtherPlace(), note)


def _find_place(day: Day, token: Token, places: list[Run]) -> Run | None:
    for place in places:
        if day.could_seat(token, place):
            return place
    if not token.source.row.emergency:
        return None
    for place in places:
        if (
            day.takes(place)
            and day.has_overflow(place)
            and day.live_token_of(token.patient.id, place.slot.id) is None
        ):
            return place
    return None
