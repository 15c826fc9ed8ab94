"""How long a read waits for its record: the service's own recorder, on the database, and nothing else."""

import asyncio
import itertools
import time

from pydantic import SecretStr

from bench.load import percentile
from bench.report import Table
from config import Settings
from database import connect
from models.access import Kind, Principal
from models.audit import Deed
from services.caller import Caller
from services.clock import SystemClock
from services.reads import Reads
from services.store.audit import AuditStore

_READERS = (1, 32, 128)
_READS = 640
_CALLER = Caller(principal=Principal(id="bench", kind=Kind.CLIENT))


def measure(uri: str) -> Table:
    """Each read is of another patient, so that each has a record to wait for."""
    rows = asyncio.run(_measure(uri))
    return Table(["readers at once", "p50, ms", "p99, ms"], rows)


async def _measure(uri: str) -> list[list[str]]:
    settings = Settings(mongodb_uri=SecretStr(uri))
    database = connect(settings)
    reads = Reads(AuditStore(database), SystemClock())
    numbers = itertools.count()
    spans: list[float] = []

    async def read(times: int) -> None:
        for _ in range(times):
            began = time.perf_counter()
            subject = (Deed.PATIENT_READ, settings.facility_id, f"P{next(numbers)}")
            await reads.record(_CALLER, [subject])
            spans.append(1000 * (time.perf_counter() - began))

    await read(10)  # connections are made
    rows = []
    for readers in _READERS:
        spans.clear()
        await asyncio.gather(*(read(_READS // readers) for _ in range(readers)))
        ordered = sorted(spans)
        p50, p99 = percentile(ordered, 0.5), percentile(ordered, 0.99)
        rows.append([str(readers), f"{p50:.1f}", f"{p99:.1f}"])
    await database.close()
    return rows
