"""The collections: what each holds, its indexes, and whether a backup keeps it. No others exist."""

from dataclasses import dataclass

from database import Collection, Database
from models.errors import DatabaseUnavailable

ANSWER_SECONDS = 4.5
"""For one question to the database, while somebody waits.

Who asks may first wait for a question of others, so that a database that hangs is told within ten
seconds. The driver's own limits add up to more: it looks for a server, asks, and asks once more.
"""


@dataclass(frozen=True, slots=True)
class Index:
    """On fields in ascending order."""

    fields: tuple[str, ...]
    unique: bool = False
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A collection of documents of one kind; `_id` always has an index."""

    name: str
    indexes: tuple[Index, ...] = ()
    backed_up: bool = True

    def of(self, database: Database) -> Collection:
        """Its documents; a database that does not answer raises NoAnswer."""
        return database[self.name]

    def answering(self, database: Database, within: float = ANSWER_SECONDS) -> Collection:
        """Its documents; to whoever asked, a database that does not answer is a refusal.

        It raises DatabaseUnavailable in place of NoAnswer.
        """
        return database[self.name].raising(lambda _: DatabaseUnavailable(), within=within)


MIGRATIONS = Kind("migrations")
"""Which changes of what is stored have been made."""
DAY_SHEETS = Kind(
    "day_sheets", (Index(("unrelayed",), sparse=True), Index(("tickAt",), sparse=True))
)
"""A doctor's days."""
EVENTS_OF_SHEET = Index(("sheet", "n"), unique=True)
EVENTS = Kind(
    "events", (EVENTS_OF_SHEET, Index(("patientId",), sparse=True), Index(("actor", "at")))
)
"""Everything that happened, in the order of its `_id`."""
DOCTORS = Kind(
    "doctors",
    (
        Index(("request.key",), unique=True, sparse=True),
        Index(("caseless",), unique=True, sparse=True),
    ),
)
"""The doctors."""
FACILITIES = Kind("facilities")
"""Whom doctors work for."""
ALLOCATIONS = Kind("allocations")
"""Which sheet an `allocate` with an Idempotency-Key stays with."""
ACCESS = Kind("access")
"""One document: how often access was changed, and the change that was committed last."""
PRINCIPALS = Kind("principals", (Index(("accessVersion",)),))
"""People and clients: what each may do, and its keys."""
AUDIT = Kind("audit", (Index(("at",)), Index(("whom", "at")), Index(("actor", "at"))))
"""What was done to access, and who read which patient's data."""
SESSIONS = Kind(
    "sessions",
    (Index(("expiresAt",), sparse=True), Index(("endedAt",), sparse=True)),
    backed_up=False,
)
"""Who is signed in: what was ended since a backup must not begin again."""
DEVICES = Kind("devices", (Index(("code",), unique=True), Index(("expiresAt",))), backed_up=False)
"""Boards and kiosks that wait to be let in."""
SIGN_INS = Kind("sign_ins", (Index(("expiresAt",)),), backed_up=False)
"""Sign-ins that wait for what the identity provider says."""
SIGN_IN_ADDRESSES = Kind("sign_in_addresses", (Index(("expiresAt",)),), backed_up=False)
"""From where somebody signed in before."""
DAY_HOURS = Kind(
    "day_hours", (Index(("date",)), Index(("unlearned", "date"), sparse=True)), backed_up=False
)
"""A doctor's day in figures, from its events: after a restore it is worked out anew."""
EXPERIENCES = Kind("experiences", (Index(("change",)),), backed_up=False)
"""What is known of a doctor's past, from the days in figures: after a restore it is learned anew."""
PATIENTS = Kind(
    "patients",
    (Index(("digits",), sparse=True), Index(("patientId",))),
    backed_up=False,
)
"""Who the patients are, from the sheets: after a restore it is worked out anew."""
ENCOUNTERS = Kind("encounters", backed_up=False)
"""Who was there, from the events of their tokens: after a restore it is worked out anew."""
LEASES = Kind("leases", backed_up=False)
"""Which process does what only one should do: a restored database has no processes."""
PROBES = Kind("probes", backed_up=False)
"""What processes write and read to see whether that can be done."""

COLLECTIONS = (
    MIGRATIONS,
    DAY_SHEETS,
    EVENTS,
    DOCTORS,
    FACILITIES,
    ALLOCATIONS,
    ACCESS,
    PRINCIPALS,
    AUDIT,
    SESSIONS,
    DEVICES,
    SIGN_INS,
    SIGN_IN_ADDRESSES,
    DAY_HOURS,
    EXPERIENCES,
    PATIENTS,
    ENCOUNTERS,
    LEASES,
    PROBES,
)
"""In the order in which a backup reads them, which keeps them right together: see its words."""


async def create_indexes(database: Database) -> None:
    """Make the indexes that are missing; those that are there stay as they are. Raises NoAnswer."""
    for kind in COLLECTIONS:
        for index in kind.indexes:
            await kind.of(database).create_index(
                index.fields, unique=index.unique, sparse=index.sparse
            )
