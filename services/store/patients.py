"""On which sheets a patient has tokens, looked up for many patients in one query."""

from contextlib import suppress

from msgspec import Struct, ValidationError, convert, field

from database import Database, Document
from services.store.batches import Inquiry
from services.store.collections import DAY_SHEETS, EVENTS

MOST_SHEETS = 1000
"""Of one patient. An id that a desk gives to everybody may stand on very many."""

_QUERIES = 2
"""Under way at once; who asks meanwhile shares the next one."""


class PatientIndex:
    """The events know, and of what was not copied to them yet, the sheets marked for it."""

    def __init__(self, database: Database) -> None:
        self._sheets = DAY_SHEETS.answering(database)
        self._events = EVENTS.answering(database)
        self._inquiry = Inquiry(_QUERIES, self._find_all)

    async def sheet_ids(self, patient_id: str) -> list[str]:
        """The ids of the patient's sheets in order, MOST_SHEETS at the most."""
        found = await self._inquiry.about([patient_id])
        return sorted(found.get(patient_id, ()))[:MOST_SHEETS]

    async def _find_all(self, patient_ids: set[str]) -> dict[str, set[str]]:
        if len(patient_ids) == 1:
            return {each: await self._find_one(each) for each in patient_ids}
        wanted = {"$in": list(patient_ids)}
        # The marked sheets first: what is copied in between is then seen twice, not missed.
        marked = await self._sheets.find(
            {"unrelayed": True, "tokens.patient.id": wanted},
            {"tokens.patient.id": 1},
            limit=MOST_SHEETS,
        )
        booked = await self._events.find(
            {"patientId": wanted}, {"sheet": 1, "patientId": 1}, limit=MOST_SHEETS
        )
        # One of very many sheets may have left out others; a damaged one is an error of its own.
        if MOST_SHEETS not in (len(marked), len(booked)):
            with suppress(ValidationError):
                return _by_patient(patient_ids, marked, booked)
        return {each: await self._find_one(each) for each in patient_ids}

    async def _find_one(self, patient_id: str) -> set[str]:
        marked = await self._sheets.find(
            {"unrelayed": True, "tokens.patient.id": patient_id}, {"_id": 1}, limit=MOST_SHEETS
        )
        booked = await self._events.find({"patientId": patient_id}, {"sheet": 1}, limit=MOST_SHEETS)
        return {str(each["_id"]) for each in marked} | {str(each["sheet"]) for each in booked}


class _Patient(Struct):
    id: str


class _Token(Struct):
    patient: _Patient


class _Sheet(Struct):
    id: str = field(name="_id")
    tokens: list[_Token]


class _Event(Struct, rename="camel"):
    patient_id: str
    sheet: str


def _by_patient(
    patient_ids: set[str], marked: list[Document], booked: list[Document]
) -> dict[str, set[str]]:
    """Raises ValidationError when one of the documents is damaged."""
    found: dict[str, set[str]] = {each: set() for each in patient_ids}
    for sheet in convert(marked, list[_Sheet]):
        for token in sheet.tokens:
            if token.patient.id in found:
                found[token.patient.id].add(sheet.id)
    for event in convert(booked, list[_Event]):
        found[event.patient_id].add(event.sheet)
    return found
