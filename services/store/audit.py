"""The records of who did what to access, and who read what."""

import asyncio
from collections.abc import Collection

from database import Database, Done, Insert, Refused, Why
from models.audit import AuditRecord
from models.errors import DatabaseUnavailable
from services.store.codec import record_document
from services.store.collections import ANSWER_SECONDS, AUDIT


class AuditStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._audit = AUDIT.of(database)

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
