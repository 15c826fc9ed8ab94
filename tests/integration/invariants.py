"""DESIGN §5 and §7 as conditions on what stands in the database, read without the engine.

Every test that races, crashes or cuts something ends here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from models.source import Source
from models.token import Status
from simulator.invariants import HeldDay, HeldSlot, HeldToken, find_faults
from tests.integration.stored import (
    Kept,
    StoredEvent,
    StoredSheet,
    StoredSlot,
    StoredToken,
    by_id,
)


@dataclass(frozen=True)
class Rules:
    """The settings under which the sheets came to be."""

    overflow: int = 3
    max_bumps: int = 2


@dataclass(frozen=True)
class Booked:
    """A booking that was acknowledged. `replayed`: an earlier try had made it."""

    request_id: str
    token_id: str
    number: int
    slot_id: str
    status: str
    bumped: int | None = None
    replayed: bool = False


@dataclass(frozen=True)
class Cancelled:
    """A cancellation that was acknowledged, and who got a seat by it, as the answer said."""

    request_id: str
    token_id: str
    promoted: tuple[str, ...] = ()


Answer = Booked | Cancelled
Events = Mapping[str, list[StoredEvent]]


def check(stored: Kept, answers: Iterable[Answer] = (), rules: Rules | None = None) -> None:
    """Assert all of it, of every sheet of the database and of every answer given."""
    sheets = stored.sheets()
    events = _events(sheets, stored)
    for sheet in sheets:
        check_sheet(sheet, rules or Rules())
        _events_tell_how_it_came_to_be(sheet, events[sheet.id])
    tokens = by_id([token for sheet in sheets for token in sheet.tokens])
    told: dict[str, list[StoredEvent]] = defaultdict(list)
    for event in (event for of_sheet in events.values() for event in of_sheet):
        if event.request_id is not None:
            told[event.request_id].append(event)
    for answer in answers:
        if isinstance(answer, Booked):
            _booking_agrees(answer, tokens, events)
        else:
            _cancellation_agrees(answer, tokens, told)


def check_sheet(sheet: StoredSheet, rules: Rules) -> None:
    """The state invariants of one sheet, as of its time."""
    assert [token.number for token in sheet.tokens] == list(range(1, len(sheet.tokens) + 1))
    assert all(token.id.startswith(f"{sheet.id}-") for token in sheet.tokens)
    slots = {slot.id: slot for slot in sheet.slots}
    assert {token.slot_id for token in sheet.tokens} <= slots.keys()
    in_order = sorted(sheet.slots, key=lambda slot: slot.start)
    assert all(one.end <= other.start for one, other in pairwise(in_order))
    assert find_faults(_held(sheet, in_order, rules)) == []


def _held(sheet: StoredSheet, in_order: list[StoredSlot], rules: Rules) -> HeldDay:
    ends = _expected_ends(in_order)
    slots = [
        HeldSlot(
            slot.id,
            slot.start,
            slot.max_capacity,
            slot.status == "OPEN" and sheet.time < ends[slot.id],
        )
        for slot in in_order
    ]
    tokens = [
        HeldToken(
            token.number,
            token.slot_id,
            token.patient.id,
            Source[token.source],
            token.score,
            Status(token.status),
            token.seated_at is not None,
            len(token.bumps),
        )
        for token in sheet.tokens
    ]
    return HeldDay(sheet.time, slots, tokens, rules.overflow, rules.max_bumps)


def _expected_ends(in_order: list[StoredSlot]) -> dict[str, datetime]:
    """Rule 9."""
    ends: dict[str, datetime] = {}
    busy_until: datetime | None = None
    for slot in in_order:
        start = slot.start + timedelta(minutes=slot.delay_minutes)
        start = start if busy_until is None else max(start, busy_until)
        ends[slot.id] = start + (slot.end - slot.start)
        if slot.status == "OPEN":
            busy_until = ends[slot.id]
    return ends


def _events(sheets: list[StoredSheet], stored: Kept) -> Events:
    """The events of each sheet, 1 to nextEvent - 1: copied, in the outbox, or both.

    The sheets were read before: an event is copied before it leaves the outbox, so none is missed.
    """
    relayed = stored.relayed()
    assert [event.seq for event in relayed] == list(range(1, len(relayed) + 1)), "seq has gaps"
    copied: dict[str, list[StoredEvent]] = defaultdict(list)
    for event in relayed:
        copied[event.sheet].append(event)
    events = {}
    for sheet in sheets:
        numbers = [event.n for event in copied[sheet.id]]
        assert numbers == list(range(1, len(numbers) + 1)), f"events of {sheet.id} out of order"
        waiting = [event.n for event in sheet.outbox]
        assert waiting == list(range(sheet.next_event - len(waiting), sheet.next_event))
        missing = [event for event in sheet.outbox if event.n > len(numbers)]
        events[sheet.id] = [*copied[sheet.id], *missing]
        assert [event.n for event in events[sheet.id]] == list(range(1, sheet.next_event))
    return events


def _events_tell_how_it_came_to_be(sheet: StoredSheet, events: list[StoredEvent]) -> None:
    """Each token's events lead, step by step, from its booking to where it stands."""
    stands: dict[str, StoredEvent] = {}
    for event in events:
        if event.token_id is None:
            continue
        last = stands.get(event.token_id)
        assert event.before == (None if last is None else last.after), f"a gap before {event}"
        stands[event.token_id] = event
    assert stands.keys() == {token.id for token in sheet.tokens}
    for token in sheet.tokens:
        last = stands[token.id]
        assert last.number == token.number
        assert last.after is not None
        assert (last.after.slot_id, last.after.status) == (token.slot_id, token.status)


def _booking_agrees(answer: Booked, tokens: Mapping[str, StoredToken], events: Events) -> None:
    token = tokens.get(answer.token_id)
    assert token is not None, f"{answer} was acknowledged and is not there"
    assert token.number == answer.number
    of_sheet = events[answer.token_id.rpartition("-")[0]]
    (made,) = [e for e in of_sheet if e.token_id == answer.token_id and e.before is None]
    assert made.after is not None
    if answer.replayed:
        return
    assert made.request_id == answer.request_id, f"{answer} was made by another request"
    assert (made.after.slot_id, made.after.status) == (answer.slot_id, answer.status)
    bumped = [
        event.number
        for event in of_sheet
        if event.type == "BUMPED" and event.request_id == answer.request_id
    ]
    assert bumped == ([] if answer.bumped is None else [answer.bumped])


def _cancellation_agrees(
    answer: Cancelled, tokens: Mapping[str, StoredToken], told: Mapping[str, list[StoredEvent]]
) -> None:
    assert tokens[answer.token_id].status == "CANCELLED", f"{answer} was acknowledged"
    events = told.get(answer.request_id, [])
    promoted = [event.token_id for event in events if event.type == "PROMOTED"]
    assert promoted == list(answer.promoted)
