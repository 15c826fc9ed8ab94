"""Events as schema 1 had them, and what they are in schema 2: why by a code, no words of ours."""

import re
from collections.abc import Mapping

from database import Document

_TOKEN_NUMBER = re.compile(r"T(\d+) scored lower")
_SOURCE = re.compile(r"Gave way to T\d+ \((\w+)\)")

Fields = dict[str, object]


def notes_of(sheet: Document) -> dict[str, str]:
    """What was said of each cancellation, by the token's id."""
    return {
        str(token["id"]): str(token["cancelReason"])
        for token in _of(sheet, "tokens")
        if token.get("status") == "CANCELLED" and token.get("cancelReason") is not None
    }


def with_note(event: Fields, notes: Mapping[str, str]) -> Fields:
    """The event of a cancellation, with what was said of it."""
    note = notes.get(str(event.get("tokenId")))
    cancels = event["type"] == "STATUS_CHANGED" and _part(event, "after")["status"] == "CANCELLED"
    return {**event, "note": note} if cancels and note is not None else event


def event_of_schema_2(event: Document) -> Fields:
    """The event as it is stored since; one of schema 2 stays as it is."""
    if event.get("schemaVersion") is not None:
        return dict(event)
    new = {**event, "schemaVersion": 2, "reason": _reason(event)}
    if "tokenId" in event:
        new.pop("slotId", None)  # `after` has it
    return new


def _reason(event: Document) -> Fields:  # noqa: C901, PLR0911, PLR0912  # one for each type of event
    words = str(event["reason"])
    match event["type"]:
        case "SLOT_ADDED":
            return {"code": "slot_planned"}
        case "SLOT_CHANGED" if words.startswith("The slot can't be held"):
            return {"code": "closed_to_reallocate"}
        case "SLOT_CHANGED":
            before, after = _part(event, "slotBefore"), _part(event, "slotAfter")
            changed = {name: after[name] for name in after if after[name] != before[name]}
            return {"code": "slot_set", **changed}
        case "HOURS_HELD":
            return {"code": "runs_past_midnight"}
        case "HOURS_FREED":
            return {"code": "slot_not_added"}
        case "KEY_DECLINED":
            return {"code": "booked_elsewhere"}
        case "BOOKED":
            number = _TOKEN_NUMBER.search(words)
            if number is not None:
                return {"code": "outranked", "number": int(number[1])}
            return {"code": "free_seat"}
        case "BOOKED_BEYOND_CAPACITY":
            return {"code": "emergency_overflow"}
        case "WAITLISTED":
            return {"code": "slot_was_full"}
        case "BUMPED":
            waits = _part(event, "after")["status"] == "WAITLISTED"
            source = _SOURCE.match(words)
            return {
                "code": "gave_way_to_wait" if waits else "gave_way",
                "number": event["cause"],
                "source": "EMERGENCY" if source is None else source[1],
            }
        case "PROMOTED":
            own = _part(event, "before")["slotId"] == _part(event, "after")["slotId"]
            return {"code": "first_on_waitlist" if own else "later_seat_free"}
        case "REALLOCATED":
            return {"code": "slot_not_held"}
        case "STAYED" if words.startswith("Called"):
            return {"code": "already_called"}
        case "STAYED":
            waits = event["before"] != event["after"]
            return {"code": "no_other_place_yet" if waits else "no_other_place"}
        case _:
            if _part(event, "before")["status"] == "NO_SHOW":
                return {"code": "came_late"}
            return {"code": _STATUS_CODES[str(_part(event, "after")["status"])]}


_STATUS_CODES = {
    "CHECKED_IN": "arrived",
    "CALLED": "was_called",
    "IN_CONSULTATION": "consultation_began",
    "COMPLETED": "consultation_ended",
    "CANCELLED": "was_cancelled",
    "NO_SHOW": "not_there",
}


def _part(document: Document, name: str) -> Document:
    part = document[name]
    assert isinstance(part, Mapping)  # noqa: S101  # schema 1 says so
    return part


def _of(document: Document, name: str) -> list[Document]:
    parts = document.get(name)
    return parts if isinstance(parts, list) else []
