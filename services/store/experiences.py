"""What is known of the doctors' past: a few numbers each, in memory, as the database has them."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta

import msgspec
from msgspec import Struct, field

from database import Database, Duplicate
from engine.accuracy import Accuracy, together
from models.experience import Experience
from services.store.codec import SCHEMA_VERSION
from services.store.collections import EXPERIENCES
from services.store.hours import CALCULATION

LATELY = timedelta(days=28)
"""How far back the accuracy of lately reaches."""


class OnDay(Struct, frozen=True, rename="camel"):
    """How often what patients were told on one date came true."""

    date: str
    accuracy: Accuracy


class Learned(Struct, frozen=True, kw_only=True, rename="camel"):
    """The experience of a doctor with all days up to one. `change` grows with each that is stored."""

    id: str = field(name="_id")
    up_to: str
    change: int
    calculation: int
    experience: Experience
    lately: tuple[OnDay, ...] = ()
    """In order of date."""
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

    def lately(self, doctor_id: str, today: date) -> Accuracy:
        """How often what a doctor's patients were told came true in the last weeks before today."""
        known = self._known.get(doctor_id)
        return Accuracy() if known is None else _of_weeks(known.lately, today)

    def everybodys(self, today: date) -> Accuracy:
        """The same, of all doctors."""
        return together(_of_weeks(known.lately, today) for known in self._known.values())

    async def look(self) -> None:
        """See what any process has learned until now; two may have given the same number."""
        documents = await self._stored.find({"change": {"$gte": self._change}})
        for document in documents:
            learned = msgspec.convert(document, Learned)
            if learned.calculation == CALCULATION:
                self._known[learned.id] = learned
            self._change = max(self._change, learned.change)

    async def learned(self, doctor_id: str) -> Learned:
        """What was learned, and up to which date; before the first, nothing."""
        document = await self._stored.find_one({"_id": doctor_id})
        learned = None if document is None else msgspec.convert(document, Learned)
        if learned is None or learned.calculation != CALCULATION:
            return Learned(
                id=doctor_id,
                up_to=date.min.isoformat(),
                change=0,
                calculation=CALCULATION,
                experience=Experience(),
            )
        return learned

    async def put(
        self, before: Learned, day: date, experience: Experience, accuracy: Accuracy
    ) -> None:
        """Store what is known with a day more, unless another process has, or with more days.

        `accuracy` is that day's.
        """
        kept = [each for each in before.lately if date.fromisoformat(each.date) > day - LATELY]
        last = await self._stored.find({}, {"change": 1}, order="change", descending=True, limit=1)
        change = last[0]["change"] if last else 0
        assert isinstance(change, int)  # noqa: S101  # put here
        learned = Learned(
            id=before.id,
            up_to=day.isoformat(),
            change=change + 1,
            calculation=CALCULATION,
            experience=experience,
            lately=(*kept, OnDay(day.isoformat(), accuracy)),
        )
        document: dict[str, object] = msgspec.to_builtins(learned)
        del document["_id"]
        older = [{"upTo": {"$lt": learned.up_to}}, {"calculation": {"$ne": CALCULATION}}]
        with suppress(Duplicate):  # it stands there
            await self._stored.update(
                {"_id": before.id, "$or": older}, {"$set": document}, upsert=True
            )


def _of_weeks(days: Iterable[OnDay], today: date) -> Accuracy:
    return together(
        each.accuracy for each in days if date.fromisoformat(each.date) >= today - LATELY
    )
