"""The sheets of all doctors: read them, find them, have commands carried out on them."""

from collections.abc import Collection as Group
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from database import Database, Document
from engine.decide import SheetCommand
from engine.decision import Decision
from models.errors import DocumentDamaged, Refusal
from models.events import Event
from models.ids import make_sheet_id
from models.sheet import Sheet
from models.token import token_label
from services.log import line_of_request, log
from services.store.collections import DAY_SHEETS
from services.store.loader import SheetLoader
from services.store.patients import PatientIndex
from services.store.reader import SheetReader
from services.store.writer import SheetWriter


class CommandMetrics(Protocol):
    """Who counts what happens; every call must return at once."""

    def happened(self, events: Sequence[Event]) -> None: ...
    def refused(self, command: str, code: str) -> None: ...


class SheetStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(
        self, database: Database, loader: SheetLoader, writer: SheetWriter, metrics: CommandMetrics
    ) -> None:
        self._sheets = DAY_SHEETS.answering(database)
        self._patients = PatientIndex(database)
        self._metrics = metrics
        self._loader = loader
        self._reader = SheetReader(loader)
        self._writer = writer

    async def submit(
        self, sheet_id: str, command: SheetCommand, counted_as: str | None = None
    ) -> Decision:
        """Have a command decided on the newest sheet and written; see SheetWriter.submit."""
        try:
            decision = await self._writer.submit(sheet_id, command, counted_as)
        except Refusal as refusal:
            self._tell(sheet_id, command, refusal.code)
            self._metrics.refused(type(command).__name__, refusal.code)
            raise
        number = decision.outcome.number
        if decision.events:
            outcome = ",".join(event.type for event in decision.events)
            self._metrics.happened(decision.events)
        else:
            outcome = "REPLAYED" if decision.outcome.replayed else "UNCHANGED"
        self._tell(sheet_id, command, outcome, None if number is None else token_label(number))
        return decision

    def _tell(
        self, sheet_id: str, command: SheetCommand, outcome: str, token: str | None = None
    ) -> None:
        """Tell a command's outcome; nothing of the patient is in it.

        In the line of the request that asked for it; a request's further ones have their own.
        """
        told = {
            "command": type(command).__name__,
            "sheet": sheet_id,
            "token": token,
            "outcome": outcome,
        }
        line = line_of_request.get()
        if line is None or line:
            log.info("command", **told, actor=command.actor, request_id=command.request_id)
        else:
            line.update(told)

    def known(self, sheet_id: str) -> Sheet | None:
        """The sheet as this process saw it last, or None."""
        return self._loader.cached(sheet_id)

    async def read(self, sheet_id: str) -> Sheet | None:
        """The sheet as stored now, or None. Raises DocumentDamaged."""
        return next(iter(await self.read_many([sheet_id])), None)

    async def read_many(self, sheet_ids: Group[str]) -> list[Sheet]:
        """Those of the sheets that exist, in the order asked for. Raises DocumentDamaged."""
        found = await self._reader.read(sheet_ids)
        sheets = []
        for sheet_id in sheet_ids:
            sheet = found.get(sheet_id)
            if isinstance(sheet, DocumentDamaged):
                raise sheet
            if sheet is not None:
                sheets.append(sheet)
        return sheets

    async def read_intact(self, sheet_ids: Group[str]) -> tuple[list[Sheet], list[str]]:
        """Those of the sheets that exist and can be read, and the ids of those that can't be."""
        found = await self._reader.read(sheet_ids)
        sheets = [sheet for sheet in found.values() if isinstance(sheet, Sheet)]
        damaged = [id_ for id_, sheet in found.items() if isinstance(sheet, DocumentDamaged)]
        return sheets, damaged

    async def booked_by(self, sheet_id: str, token_id: str) -> str | None:
        """Who booked a token; None for one that does not exist or whose booker was not kept.

        That never changes, so any version of the sheet tells it that has the token.
        """
        known = self._loader.cached(sheet_id)
        token = None if known is None else known.find_token(token_id)
        if token is None:
            newest = await self.read(sheet_id)
            token = None if newest is None else newest.find_token(token_id)
        return None if token is None else token.booked_by

    async def ids_of_doctor(
        self, doctor_id: str, first: date = date.min, last: date = date.max, *, limit: int
    ) -> list[str]:
        """The ids of a doctor's sheets from one local date to another, in order of date."""
        span = {"$gte": make_sheet_id(doctor_id, first), "$lte": make_sheet_id(doctor_id, last)}
        return await self._ids({"_id": span}, limit)

    async def ids_of_patient(self, patient_id: str) -> list[str]:
        """The ids of the sheets on which a patient has tokens, so many at the most."""
        return await self._patients.sheet_ids(patient_id)

    async def _ids(self, where: Document, limit: int) -> list[str]:
        documents = await self._sheets.find(where, {"_id": 1}, order="_id", limit=limit)
        return [str(document["_id"]) for document in documents]
