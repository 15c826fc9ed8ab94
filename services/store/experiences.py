"""What is known of the doctors' past: a few numbers each, in memory, as the database has them."""

from contextlib import suppress
from datetime import date

import msgspec
from msgspec import Struct, field

from database import Database, Duplicate
from models.experience import Experience
from services.store.codec import SCHEMA_VERSION
from services.store.collections import EXPERIENCES
from services.store.hours import CALCULATION


class Learned(Struct, frozen=True, kw_only=True, rename="camel"):
    """The experience of a doctor with all days up to one. `change` grows with each that is stored."""

    id: str = field(name="_id")
    up_to: str
    change: int
    calculation: int
    experience: Experience
    schema_version: int = SCHEMA_VERSION


class Experiences:
    """Every method but `of` raises DatabaseUnavailable when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._stored = EXPERIENCES.answering(database)
        self._known: dict[str, Learned] = {}
        self._change = 0

    def of(self, doctor_id: str) -> Experience | None:
        """A doctor's past as last seen, None if nothing was learned of it."""
        known = self._known.get(doctor_id)
        return None if known is None else known.experience

    async def look(self) -> None:
        """See what any process has learned until now; two may have given the same number."""
        documents = await self._stored.find({"change": {"$gte": self._change}})
        for document in documents:
            learned = msgspec.convert(document, Learned)
            if learned.calculation == CALCULATION:
                self._known[learned.id] = learned
            self._change = max(self._change, learned.change)

    async def up_to(self, doctor_id: str) -> tuple[str, Experience]:
        """The last date that was learned from, and what was; before the first, nothing."""
        document = await self._stored.find_one({"_id": doctor_id})
        learned = None if document is None else msgspec.convert(document, Learned)
        if learned is None or learned.calculation != CALCULATION:
            return date.min.isoformat(), Experience()
        return learned.up_to, learned.experience

    async def put(self, doctor_id: str, day: str, experience: Experience) -> None:
        """Store what is known with a day more, unless another process has, or with more days."""
        last = await self._stored.find({}, {"change": 1}, order="change", descending=True, limit=1)
        change = last[0]["change"] if last else 0
        assert isinstance(change, int)  # noqa: S101  # put here
        learned = Learned(
            id=doctor_id,
            up_to=day,
            change=change + 1,
            calculation=CALCULATION,
            experience=experience,
        )
        document: dict[str, object] = msgspec.to_builtins(learned)
        del document["_id"]
        older = [{"upTo": {"$lt": day}}, {"calculation": {"$ne": CALCULATION}}]
        with suppress(Duplicate):  # it stands there
            await self._stored.update(
                {"_id": doctor_id, "$or": older}, {"$set": document}, upsert=True
            )
