"""Changes of what is stored, each made once, in order, by one process.

A migration is a module `m0002_what_it_does.py` here with `async def migrate(database)`, listed in
`all_of`. It must be safe to run twice: a crash may end it half-way, and it then begins anew.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from database import Database, Duplicate
from models.access import Facility
from services.clock import MOST_SKEW, Clock
from services.log import log
from services.store.codec import SCHEMA_VERSION
from services.store.collections import COLLECTIONS, MIGRATIONS, PROBES, create_indexes
from services.store.facilities import store_home
from services.store.migrations import (
    m0001_schema_version,
    m0002_schema_2,
    m0003_doctors_ids_in_any_case,
    m0004_claims_say_when_they_go,
    m0005_facilities,
    m0006_schema_4,
    m0007_ticks,
)

Migration = Callable[[Database], Awaitable[None]]
Migrations = tuple[tuple[int, str, Migration], ...]
"""Each with its number and what it does."""


def all_of(home: Facility, now: datetime) -> Migrations:
    """Every migration, for a service whose settings name this facility, as of now."""
    return (
        (1, "every document says which schema it follows", m0001_schema_version.migrate),
        (2, "an event says why by a code, a token holds its patient", m0002_schema_2.migrate),
        (3, "no new doctor's id differs by case alone", m0003_doctors_ids_in_any_case.migrate),
        (4, "every claim says when it goes", m0004_claims_say_when_they_go.migrate),
        (5, "each doctor has a facility", partial(m0005_facilities.migrate, home=home)),
        (6, "a sheet may hold patients who are away, and a session", m0006_schema_4.migrate),
        (7, "a day says when time alone changes it", partial(m0007_ticks.migrate, now=now)),
    )


TAKEOVER = timedelta(minutes=10)
"""A migration that has not ended by then was left by a crash, and another process makes it.

So it does one whose beginning lies further ahead than clocks may differ: that clock had leapt.
"""
_LOOK_SECONDS = 0.2


async def prepare(database: Database, clock: Clock, process: str, home: Facility) -> None:
    """Make indexes and missing migrations, or wait until another process has. Raises NoAnswer.

    `home` is the facility of the settings.
    """
    await create_indexes(database)
    migrations = all_of(home, clock.now())
    if await _is_new(database):
        await _pass_over(database, clock, process, migrations)
    await store_home(database, home)
    for number, title, migrate in migrations:
        await _once(database, clock, process, number, title, migrate)


async def _is_new(database: Database) -> bool:
    """Whether there is nothing yet that an earlier version could have stored.

    The probe is no such thing: a start writes it before it asks this.
    """
    for kind in COLLECTIONS:  # the migrations first, which any start has left
        if kind is not PROBES and await kind.of(database).find_one({}) is not None:
            return False
    return True


async def _pass_over(
    database: Database, clock: Clock, process: str, migrations: Migrations
) -> None:
    made = {"schemaVersion": SCHEMA_VERSION, "made": True, "by": process, "at": clock.now()}
    try:
        await MIGRATIONS.of(database).insert_in_order(
            [{"_id": number, **made} for number, _, _ in migrations]
        )
    except Duplicate:
        return  # another process began at the same moment: what it has not noted yet is made
    log.info("database_is_new", schema=SCHEMA_VERSION)


async def _once(
    database: Database, clock: Clock, process: str, number: int, title: str, migrate: Migration
) -> None:
    while not await _is_made(database, number):
        if await _claim(database, clock.now(), process, number):
            log.info("migration_began", number=number, title=title)
            await migrate(database)
            made = {"$set": {"made": True, "at": clock.now(), "by": process}}
            await MIGRATIONS.of(database).update({"_id": number}, made)
            log.info("migration_made", number=number, title=title)
        else:
            await asyncio.sleep(_LOOK_SECONDS)


async def _is_made(database: Database, number: int) -> bool:
    entry = await MIGRATIONS.of(database).find_one({"_id": number})
    return entry is not None and entry.get("made") is True


async def _claim(database: Database, now: datetime, process: str, number: int) -> bool:
    """Whether this process shall make the migration: nobody else is at it."""
    left = [{"at": {"$lt": now - TAKEOVER}}, {"at": {"$gt": now + MOST_SKEW}}]
    try:
        await MIGRATIONS.of(database).update(
            {"_id": number, "made": False, "$or": left},
            {
                "$set": {
                    "schemaVersion": SCHEMA_VERSION,
                    "made": False,
                    "by": process,
                    "at": now,
                }
            },
            upsert=True,
        )
    except Duplicate:
        return False
    return True
