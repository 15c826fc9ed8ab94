"""Rule 10: a slot can't be held, so its tokens take other places of the day."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from engine.day import Day
from engine.decision import Outcome
from engine.editor import Editor
from engine.room import Room
from models.commands import Reallocate
from models.errors import OtherSheet, SameSlot, SlotClosed, SlotOver
from models.events import Reallocated, Stayed
from models.ids import sheet_of_slot
from models.rank import ranked
from models.reasons import (
    AlreadyCalled,
    AwayForNow,
    ClosedToReallocate,
    NoOtherPlace,
    NoOtherPlaceYet,
    SlotNotHeld,
)
from models.slot import SlotStatus
from models.timeline import TimedSlot
from models.token import AWAY, LIVE, Status, Token


def reallocate(edit: Editor, command: Reallocate) -> Outcome:
    """Close the slot and find each of its tokens another place; nobody is bumped by it.

    Raises UnknownSlot; of the named target SameSlot, OtherSheet, UnknownSlot, SlotOver,
    SlotClosed.
    """
    timed = edit.day.timed_slot(command.slot_id)
    target = _find_target(edit.day, command)
    if command.close and timed.slot.status is SlotStatus.OPEN:
        closed = replace(timed.slot, status=SlotStatus.CLOSED)
        edit.put_slot(closed)
        edit.record.slot_changed(timed.slot, closed, ClosedToReallocate(), command.note)
    candidates = [
        candidate for candidate in edit.day.timed_slots if candidate.slot.start > timed.slot.start
    ]
    if target is not None:
        named = edit.day.timed_slot(target)
        candidates = [
            named,
            *(candidate for candidate in candidates if candidate.slot.id != target),
        ]
    tokens = _in_order(edit.day, timed.slot.id, waitlist_only=not command.close)
    _move_or_keep(edit, tokens, candidates, command.note)
    return Outcome(slot_id=timed.slot.id)


def _find_target(day: Day, command: Reallocate) -> str | None:
    target = command.target_slot_id
    if target is None:
        return None
    if target == command.slot_id:
        raise SameSlot
    if sheet_of_slot(target) != day.sheet.id:
        raise OtherSheet
    timed = day.timed_slot(target)
    if day.is_over(timed):
        raise SlotOver
    if timed.slot.status is SlotStatus.CLOSED:
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


def _move_or_keep(
    edit: Editor, tokens: Iterable[Token], candidates: Sequence[TimedSlot], note: str | None
) -> None:
    """Each of the tokens in turn, then those that changed onto the sheet at once."""
    finder = _SlotFinder(edit.day, candidates)
    changed = []
    for token in tokens:
        if token.status in (Status.CALLED, Status.IN_CONSULTATION):
            edit.record.token(Stayed, token, token, AlreadyCalled(), note)
        elif token.status in AWAY:
            edit.record.token(Stayed, token, token, AwayForNow(), note)
        elif (candidate := finder.slot_for(token)) is not None:
            moved = replace(
                token,
                slot_id=candidate.slot.id,
                status=token.status_with_seat,
                seated_at=token.seated_at or edit.day.now,
                last_step=None,
            )
            changed.append(moved)
            edit.record.token(Reallocated, token, moved, SlotNotHeld(), note)
        elif token.status is Status.BOOKED and not token.source.row.emergency:
            waiting = replace(token, status=Status.WAITLISTED)
            changed.append(waiting)
            edit.record.token(Stayed, token, waiting, NoOtherPlaceYet(), note)
        else:
            edit.record.token(Stayed, token, token, NoOtherPlace(), note)
    edit.put_tokens(changed)


class _SlotFinder:
    """The first of some slots that has a seat for a token, counting those it found one for."""

    def __init__(self, day: Day, candidates: Sequence[TimedSlot]) -> None:
        self._room = Room(day)
        self._free = [candidate for candidate in candidates if self._room.free_seats(candidate)]
        self._beyond = [candidate for candidate in candidates if self._room.has_overflow(candidate)]

    def slot_for(self, token: Token) -> TimedSlot | None:
        candidate = self._first(token, self._free)
        if candidate is None and token.source.row.emergency:
            candidate = self._first(token, self._beyond)
        if candidate is not None:
            self._room.seat(token, candidate)
            if candidate in self._free and not self._room.free_seats(candidate):
                self._free.remove(candidate)
            if not self._room.has_overflow(candidate):
                self._beyond.remove(candidate)
        return candidate

    def _first(self, token: Token, candidates: Sequence[TimedSlot]) -> TimedSlot | None:
        return next(
            (candidate for candidate in candidates if not self._room.has_patient(token, candidate)),
            None,
        )
