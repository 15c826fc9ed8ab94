"""Sheets and doctors as documents, and back. A document says which schema it follows."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from operator import is_not
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from database import Document, Insert, Update
from models.access import Facility
from models.account import Account
from models.audit import AuditRecord
from models.doctor import Doctor, Tenure
from models.doctor_session import DoctorSession
from models.errors import DocumentDamaged
from models.events import Event
from models.line_config import LineConfig
from models.sheet import Sheet, Stamp
from models.slot import ReservedHours, Slot
from models.token import Token
from services.store.concise import slot_document, token_document, whole_slot, whole_tokens

SCHEMA_VERSION = 5

Stored = TypeVar("Stored", bound=Struct)


class _StoredSheet(Struct, rename="camel"):
    """`day_sheets`, but for `outbox` and `writers`, which the engine has no use for."""

    id: str = field(name="_id")
    schema_version: int
    resource_id: str
    facility_id: str
    date: date
    timezone: str
    version: int
    time: datetime
    slots: tuple[Slot, ...]
    reserved_hours: tuple[ReservedHours, ...]
    tokens: tuple[Token, ...]
    declined: tuple[str, ...]
    next_event: int
    tenure: Tenure = Tenure()
    config: LineConfig = LineConfig()
    session: DoctorSession = DoctorSession()
    tick_at: datetime | None = None
    last_write: str | None = None
    turn: str | None = None


class _StoredAccount(Account, frozen=True, kw_only=True, rename="camel"):
    id: str = field(name="_id")


class _StoredDoctor(Doctor, frozen=True, kw_only=True, rename="camel"):
    id: str = field(name="_id")


class _StoredFacility(Facility, frozen=True, rename="camel"):
    id: str = field(name="_id")


SHEET_FIELDS = {"outbox": 0, "writers": 0}
"""The projection that leaves out what `read_sheet` does not want."""
STAMP_FIELDS = {"version": 1, "lastWrite": 1}
"""The projection of what `read_stamp` wants."""


def read_sheet(document: Document, home_id: str) -> Sheet:
    """The sheet in a document; one that names no facility is of this one. Raises DocumentDamaged."""
    stored = _convert({"facilityId": home_id, **_whole(document)}, _StoredSheet)
    in_place = all(token.number == index for index, token in enumerate(stored.tokens, start=1))
    if not in_place:
        raise _damage(document, "a token does not stand at the place of its number")
    return Sheet(
        id=stored.id,
        resource_id=stored.resource_id,
        facility_id=stored.facility_id,
        date=stored.date,
        timezone=stored.timezone,
        version=stored.version,
        last_write=stored.last_write,
        turn=stored.turn,
        time=stored.time,
        slots=stored.slots,
        reserved_hours=stored.reserved_hours,
        tokens=stored.tokens,
        declined=stored.declined,
        next_event=stored.next_event,
        tenure=stored.tenure,
        config=stored.config,
        session=stored.session,
        tick_at=stored.tick_at,
    )


def _whole(document: Document) -> Document:
    sheet_id = str(document["_id"])
    slots, tokens = document.get("slots"), document.get("tokens")
    whole = dict(document)
    if isinstance(slots, list):
        whole["slots"] = [whole_slot(slot, sheet_id) for slot in slots]
    if isinstance(tokens, list):
        whole["tokens"] = whole_tokens(tokens, sheet_id)
    return whole


def insertion(sheet: Sheet, events: list[Event], writer: str, count: int) -> Insert:
    """The write that stores a sheet for the first time."""
    return Insert(
        {
            "_id": sheet.id,
            "schemaVersion": SCHEMA_VERSION,
            "resourceId": sheet.resource_id,
            "facilityId": sheet.facility_id,
            "date": sheet.date.isoformat(),
            "timezone": sheet.timezone,
            "version": sheet.version,
            "lastWrite": sheet.last_write,
            "time": sheet.time,
            "slots": [slot_document(slot, sheet.id) for slot in sheet.slots],
            "reservedHours": [_plain(hours) for hours in sheet.reserved_hours],
            "tokens": [_token_document(sheet, index) for index in range(len(sheet.tokens))],
            "declined": sheet.declined,
            "nextEvent": sheet.next_event,
            "outbox": [_event_document(event) for event in events],
            "unrelayed": True,
            "writers": {writer: count},
            "tenure": _plain(sheet.tenure),
            "config": _plain(sheet.config),
            "session": _plain(sheet.session),
            **({} if sheet.tick_at is None else {"tickAt": sheet.tick_at}),
        }
    )


def update(old: Sheet, new: Sheet, events: list[Event], writer: str, count: int) -> Update:
    """The write that turns the stored `old` into `new`: only what changed travels."""
    fields: dict[str, object] = {
        f"writers.{writer}": count,
        "lastWrite": new.last_write,
        "time": new.time,
        "nextEvent": new.next_event,
        "unrelayed": True,
    }
    if new.reserved_hours is not old.reserved_hours:
        fields["reservedHours"] = [_plain(hours) for hours in new.reserved_hours]
    if new.tenure is not old.tenure:
        fields["tenure"] = _plain(new.tenure)
    if new.config is not old.config:
        fields["config"] = _plain(new.config)
    if new.session is not old.session:
        fields["session"] = _plain(new.session)
    if new.declined is not old.declined:
        fields["declined"] = new.declined
    fields.update(_changed_parts(old, new))
    gone = {"turn": ""} if old.turn is not None else {}
    if new.tick_at is None:
        gone["tickAt"] = ""  # the index knows only of sheets that have one
    elif new.tick_at != old.tick_at:
        fields["tickAt"] = new.tick_at
    change: dict[str, object] = {
        "$set": fields,
        "$inc": {"version": 1},
        "$push": {"outbox": {"$each": [_event_document(event) for event in events]}},
    }
    if gone:
        change["$unset"] = gone
    return Update(stored_as(old.id, old.stamp), change)


def _changed_parts(old: Sheet, new: Sheet) -> Iterator[tuple[str, object]]:
    """Each slot and token that differs, with its place."""
    for index in _differing(old.slots, new.slots):
        yield f"slots.{index}", slot_document(new.slots[index], new.id)
    for index in _differing(old.tokens, new.tokens):
        yield f"tokens.{index}", _token_document(new, index)


def _differing(old: Sequence[object], new: Sequence[object]) -> Iterator[int]:
    """The places where `new` is another object, or goes on: without a step in Python for each."""
    if new[: len(old)] != old:
        yield from itertools.compress(itertools.count(), map(is_not, new, old))
    yield from range(len(old), len(new))


def _token_document(sheet: Sheet, index: int) -> Document:
    before = sheet.tokens[index - 1] if index else None
    return token_document(sheet.tokens[index], sheet.id, before)


def stored_as(sheet_id: str, stamp: Stamp) -> Document:
    """What a sheet matches in this state; one without a last write's name has none, as None has."""
    version, last_write = stamp
    return {"_id": sheet_id, "version": version, "lastWrite": last_write}


def read_stamp(document: Document) -> Stamp | None:
    """In which state a stored sheet is; None for a document that is none."""
    version, last_write = document.get("version"), document.get("lastWrite")
    if not isinstance(version, int):
        return None
    return (version, last_write if isinstance(last_write, str) else None)


def read_doctor(document: Document, home_id: str) -> Doctor:
    """The doctor in a document; one that names no facility is of this one. Raises DocumentDamaged."""
    stored = _convert({"facilityId": home_id, **document}, _StoredDoctor)
    return Doctor(
        id=stored.id,
        facility_id=stored.facility_id,
        name=stored.name,
        specialization=stored.specialization,
        opd_days=stored.opd_days,
        tenure=stored.tenure,
        config=stored.config,
        request=stored.request,
    )


def doctor_document(doctor: Doctor) -> Document:
    """The document that stores a doctor. `caseless` is unique: ids differ by more than case."""
    fields = _plain(doctor)
    assert isinstance(fields, dict)  # noqa: S101  # what msgspec makes of a Struct
    return {
        "_id": fields.pop("id"),
        "caseless": doctor.id.lower(),
        "schemaVersion": SCHEMA_VERSION,
        **fields,
    }


def read_facility(document: Document) -> Facility:
    """The facility in a document. Raises DocumentDamaged when it can't be understood."""
    stored = _convert(document, _StoredFacility)
    return Facility(stored.id, stored.name, stored.timezone)


def facility_fields(facility: Facility) -> Document:
    """What is stored of a facility besides its id."""
    return {"schemaVersion": SCHEMA_VERSION, "name": facility.name, "timezone": facility.timezone}


def read_account(document: Document) -> Account:
    """The account in a document. Raises DocumentDamaged when it can't be understood."""
    _convert(document, _StoredAccount)
    return msgspec.convert({**document, "id": document["_id"]}, Account)


def account_document(account: Account) -> Document:
    """The fields that store an account, all of them; what else its document has stays."""
    return _with_id(account)


def record_document(record: AuditRecord) -> Document:
    """The document that stores a record."""
    return _with_id(record)


def read_record(document: Document) -> AuditRecord:
    """The record in a document. Raises DocumentDamaged when it can't be understood."""
    try:
        return msgspec.convert({**document, "id": document["_id"]}, AuditRecord)
    except msgspec.ValidationError as error:
        raise _damage(document, str(error)) from None


def _with_id(value: Struct) -> Document:
    fields = _plain(value)
    assert isinstance(fields, dict)  # noqa: S101  # what msgspec makes of a Struct
    return {"_id": fields.pop("id"), "schemaVersion": SCHEMA_VERSION, **fields}


def read_event(document: Document) -> Event:
    """The event in a document. Raises DocumentDamaged when it can't be understood."""
    try:
        event: Event = msgspec.convert(document, Event)
    except msgspec.ValidationError as error:
        raise DocumentDamaged(f"event {document.get('_id')}", str(error)) from None
    return event


def _event_document(event: Event) -> Document:
    fields = _plain(event)
    assert isinstance(fields, dict)  # noqa: S101  # what msgspec makes of a Struct
    return {**fields, "schemaVersion": SCHEMA_VERSION}


def _plain(value: Struct) -> object:
    return msgspec.to_builtins(value, builtin_types=(datetime,))


def _convert(document: Document, kind: type[Stored]) -> Stored:
    schema = document.get("schemaVersion")
    if isinstance(schema, int) and schema > SCHEMA_VERSION:
        raise _damage(document, f"its schemaVersion {schema} is newer than {SCHEMA_VERSION}")
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise _damage(document, str(error)) from None


def _damage(document: Document, why: str) -> DocumentDamaged:
    return DocumentDamaged(str(document.get("_id")), why)
