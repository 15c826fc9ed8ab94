"""People and clients, and the order in which their rights were changed.

A change of access is of one account, but what it rests on may stand in others: that an admin is
left. So all changes go one after the other. The one document of ACCESS counts them, and holds the
last: to write there, with the count as it was when the change was decided, is to make the change.
Only then are the account and the record of it written, by whoever comes first: the one who made
the change, another process that notices it, or the one who makes the next. So a crash in between
loses nothing, and nothing is changed that is not recorded.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from database import Database, Document, Duplicate
from models.account import Account
from models.audit import AuditRecord
from models.errors import DatabaseUnavailable, DocumentDamaged, OutcomeUnknown
from services.log import log
from services.store.codec import (
    SCHEMA_VERSION,
    account_document,
    read_account,
    record_document,
)
from services.store.collections import ACCESS, AUDIT, PRINCIPALS

_LAST: Document = {"_id": "last"}
_SECONDS = 2.0
"""For one question: who may do what must be known again soon, or be known to be unknown."""


class Change(Struct, frozen=True, kw_only=True):
    """An account as it shall be, and what is recorded of it."""

    account: Account
    record: AuditRecord


class AccountStore:
    """Every method raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._access = ACCESS.answering(database, _SECONDS)
        self._principals = PRINCIPALS.answering(database, _SECONDS)
        self._audit = AUDIT.answering(database, _SECONDS)

    async def version(self) -> int:
        """How many changes there were."""
        document = await self._access.find_one(_LAST, {"version": 1})
        return _version(document)

    async def changed_since(self, version: int) -> tuple[int, list[Account]]:
        """How many changes there were, and the accounts as those behind `version` left them.

        One that can't be read is left out, and logged: its principal alone is locked out.
        """
        newest = await self._settle()
        documents = await self._principals.find({"accessVersion": {"$gt": version}})
        return newest, list(_readable(documents))

    async def commit(self, version: int, change: Change) -> bool:
        """Make the change that was decided after so many; False if another was faster.

        Raises OutcomeUnknown when the database did not say.
        """
        last = {
            "schemaVersion": SCHEMA_VERSION,
            "version": version + 1,
            "account": account_document(change.account),
            "record": record_document(change.record),
        }
        try:
            if version == 0:
                await self._access.insert({**_LAST, **last})
            elif not await self._access.update({**_LAST, "version": version}, {"$set": last}):
                return False
        except Duplicate:
            return False
        except DatabaseUnavailable as error:
            raise OutcomeUnknown from error
        with suppress(DatabaseUnavailable):  # who reads or changes next will do it
            await self._settle()
        return True

    async def note_use(self, account_id: str, keys: Iterable[str], at: datetime) -> None:
        """Write when keys were used last."""
        used = {f"lastUsed.{key}": at for key in keys}
        await self._principals.update({"_id": account_id}, {"$max": used})

    async def last_used(self) -> dict[str, datetime]:
        """When keys were used last, by their ids; about a minute late."""
        documents = await self._principals.find({}, {"lastUsed": 1})
        told = (document.get("lastUsed") for document in documents)
        return {key: at for used in told if isinstance(used, dict) for key, at in used.items()}

    async def _settle(self) -> int:
        """Carry out the last change, if nobody has yet; how many there were."""
        document = await self._access.find_one(_LAST)
        if document is None:
            return 0
        version = _version(document)
        account, record = document.get("account"), document.get("record")
        assert isinstance(account, dict)  # noqa: S101  # as commit wrote it
        assert isinstance(record, dict)  # noqa: S101  # as commit wrote it
        await self._store(account.pop("_id"), {**account, "accessVersion": version})
        with suppress(Duplicate):
            await self._audit.insert(record)
        return version

    async def _store(self, account_id: str, fields: Mapping[str, object]) -> None:
        """Unless it is stored already, and maybe changed since."""
        before = _version(fields) - 1
        if before:
            await self._principals.update(
                {"_id": account_id, "version": before}, {"$set": {**fields}}
            )
        else:
            with suppress(Duplicate):
                await self._principals.insert({"_id": account_id, **fields})


def _version(document: Document | None) -> int:
    version = None if document is None else document.get("version")
    return version if isinstance(version, int) else 0


def _readable(documents: Iterable[Document]) -> Iterable[Account]:
    for document in documents:
        try:
            yield read_account(document)
        except DocumentDamaged as damage:
            log.error("document_damaged", document=damage.document_id, why=damage.why)
