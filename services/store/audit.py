"""The records of who did what to access, and who read what."""

import asyncio
from collections.abc import Collection
from datetime import datetime

from database import Database, Done, Insert, Refused, Why
from models.audit import OF_PATIENTS, AuditRecord
from models.errors import DatabaseUnavailable
from services.store.codec import read_record, record_document
from services.store.collections import ANSWER_SECONDS, AUDIT
from services.store.pages import Span, page_of


class AuditStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._audit = AUDIT.of(database)
        self._answering = AUDIT.answering(database)

    async def add(self, records: Collection[AuditRecord]) -> None:
        """Store these together; those whose id stands already are the same, and stay."""
        writes = [Insert(record_document(record)) for record in records]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                outcomes = await self._audit.write(writes)
        except TimeoutError as error:
            raise DatabaseUnavailable from error
        for outcome in outcomes:
            match outcome:
                case Done() | Refused(why=Why.EXISTS):
                    pass
                case _:
                    raise DatabaseUnavailable

    async def find(
        self,
        span: Span,
        *,
        facilities: Collection[str | None],
        actor: str | None,
        whom: Collection[str] | None,
    ) -> tuple[list[AuditRecord], datetime | None]:
        """Records of these facilities in order, and up to when these are all, None: to the end.

        Of an actor if named; reads of these patients and sheets alone if named.
        """
        where: dict[str, object] = {"facilityId": {"$in": list(facilities)}}
        if actor is not None:
            where["actor"] = actor
        if whom is not None:
            where["whom"] = {"$in": list(whom)}
            where["what"] = {"$in": [deed.value for deed in OF_PATIENTS]}
        page = await page_of(self._answering, where, span)
        records = map(read_record, page.documents)
        return sorted(records, key=lambda each: (each.at, each.id)), page.up_to

    async def drop_before(self, at: datetime) -> None:
        """Let the records go that are older."""
        await self._answering.delete_all({"at": {"$lt": at}})
