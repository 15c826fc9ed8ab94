"""Slots and tokens as a sheet's document holds them: without what it says already.

The whole document is written anew at each booking, so its size is what a booking on a full day
costs the database. Left out are
- of ids of this sheet, the sheet's own: `rao-20300115-0900` is stored as `0900`;
- a token's number, which is its place;
- a status BOOKED with the `seatedAt` of one who got a seat at once, and the source ONLINE: most are;
- who booked a token, where it is who booked the one before: neither ever changes.

An id, a number or a field that stands there all the same counts as it stands: so does what was
stored before.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from database import Document
from models.slot import Slot
from models.source import Source
from models.token import Status, Token

_Fields = dict[str, object]

_USUAL_STATUS, _USUAL_SOURCE = Status.BOOKED.value, Source.ONLINE.value


def slot_document(slot: Slot, sheet_id: str) -> Document:
    """A slot as the document of its sheet holds it."""
    fields = _fields(slot)
    shorten = _shortening(sheet_id)
    _change(fields, ("id",), shorten)
    _change_request(fields, shorten)
    return fields


def token_document(token: Token, sheet_id: str, before: Token | None) -> Document:
    """A token as the document of its sheet holds it, behind the one of the number before."""
    fields = _fields(token)
    shorten = _shortening(sheet_id)
    _change(fields, ("id", "slotId"), shorten)
    _change_bumps(fields, shorten)
    _change_request(fields, shorten)
    del fields["number"]
    if fields["source"] == _USUAL_SOURCE:
        del fields["source"]
    if fields["status"] == _USUAL_STATUS and fields.get("seatedAt") == fields["bookedAt"]:
        del fields["status"], fields["seatedAt"]
    fields.pop("bookedBy", None)
    if token.booked_by != (before and before.booked_by):
        fields["bookedBy"] = token.booked_by
    return fields


def whole_slot(stored: object, sheet_id: str) -> object:
    """The fields of a slot; what is no document is left to be refused."""
    if not isinstance(stored, dict):
        return stored
    fields: _Fields = dict(stored)
    lengthen = _lengthening(sheet_id)
    _change(fields, ("id",), lengthen)
    _change_request(fields, lengthen)
    return fields


def whole_tokens(stored: Sequence[object], sheet_id: str) -> list[object]:
    """The fields of the tokens in order of number; what is no document is left to be refused."""
    whole: list[object] = []
    booked_by: object = None
    for index, token in enumerate(stored, start=1):
        if isinstance(token, dict):
            booked_by = token.get("bookedBy", booked_by)
            whole.append(_whole_token(token, sheet_id, index, booked_by))
        else:
            whole.append(token)
    return whole


def _whole_token(stored: Document, sheet_id: str, index: int, booked_by: object) -> _Fields:
    usual = {"number": index, "source": _USUAL_SOURCE, "bookedBy": booked_by}
    fields: _Fields = {**usual, **stored}
    if "status" not in fields:
        fields["status"] = _USUAL_STATUS
        fields.setdefault("seatedAt", fields.get("bookedAt"))
    lengthen = _lengthening(sheet_id)
    _change(fields, ("id", "slotId"), lengthen)
    _change_bumps(fields, lengthen)
    _change_request(fields, lengthen)
    return fields


def _fields(thing: Slot | Token) -> _Fields:
    fields = msgspec.to_builtins(thing, builtin_types=(datetime,))
    assert isinstance(fields, dict)  # noqa: S101  # what msgspec makes of a Struct
    return fields


def _shortening(sheet_id: str) -> Callable[[str], str]:
    own = f"{sheet_id}-"
    return lambda id_: id_.removeprefix(own)


def _lengthening(sheet_id: str) -> Callable[[str], str]:
    return lambda id_: id_ if "-" in id_ else f"{sheet_id}-{id_}"


def _change(fields: _Fields, names: tuple[str, ...], change: Callable[[str], str]) -> None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            fields[name] = change(value)


def _change_bumps(fields: _Fields, change: Callable[[str], str]) -> None:
    bumps = fields.get("bumps")
    if isinstance(bumps, list | tuple):
        fields["bumps"] = [_changed(bump, ("slotId",), change) for bump in bumps]


def _change_request(fields: _Fields, change: Callable[[str], str]) -> None:
    request = fields.get("request")
    if isinstance(request, dict) and "bumped" in request:
        names = ("tokenId", "fromSlotId", "toSlotId")
        fields["request"] = {**request, "bumped": _changed(request["bumped"], names, change)}


def _changed(part: object, names: tuple[str, ...], change: Callable[[str], str]) -> object:
    if not isinstance(part, dict):
        return part
    fields: _Fields = dict(part)
    _change(fields, names, change)
    return fields
