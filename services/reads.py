"""Who read which patient's data is recorded, and only then it is shown.

One record for each principal, subject and minute: its id is made of these, so that a repeat, also
by another process, is no second one. Records go to the database in batches, each as soon as none
is under way.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from models.access import Permission
from models.audit import AuditRecord, Deed
from models.sheet import Sheet
from models.token import Token
from services.caller import Caller
from services.clock import Clock
from services.store.audit import AuditStore
from services.store.batches import Batches

Subject = tuple[Deed, str, str]
"""What was read, the facility, and whose it is: a patient's id, or a sheet's."""


@dataclass(eq=False)
class _Batch:
    written: "asyncio.Future[None]"
    records: dict[str, AuditRecord] = field(default_factory=dict)


class Reads:
    """Records reads. Every method raises DatabaseUnavailable: what is not recorded is not shown."""

    def __init__(self, store: AuditStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._batches = Batches(1, self._take)
        self._gathering: _Batch | None = None
        self._minute: datetime | None = None
        self._recorded: set[tuple[str, Subject]] = set()
        """By whom and of what there is a record of this minute."""

    async def of_patient(self, caller: Caller, patient_id: str, facilities: Iterable[str]) -> None:
        """A patient's tokens at these facilities are about to be shown."""
        await self.record(
            caller, [(Deed.PATIENT_READ, facility, patient_id) for facility in facilities]
        )

    async def of_line(self, caller: Caller, sheet: Sheet, tokens: Iterable[Token]) -> None:
        """Tokens of a sheet: who sees all names reads the sheet, others those that they booked.

        Who sees numbers only reads nothing of anybody.
        """
        place = sheet.facility_id, sheet.resource_id
        if caller.principal.may(Permission.READ_NAMES, *place, self._clock.now()):
            await self.record(caller, [(Deed.SHEET_READ, sheet.facility_id, sheet.id)])
            return
        own = {token.patient.id for token in tokens if token.booked_by == caller.principal.id}
        await self.record(
            caller, [(Deed.PATIENT_READ, sheet.facility_id, each) for each in sorted(own)]
        )

    async def record(self, caller: Caller, subjects: Iterable[Subject]) -> None:
        """Have a record of each, of this minute; returns when all are written."""
        now = self._clock.now()
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._recorded = minute, set()
        recorded = self._recorded
        new = [each for each in subjects if (caller.actor, each) not in recorded]
        if not new:
            return
        batch = self._gathering
        if batch is None:
            batch = self._gathering = _Batch(asyncio.get_running_loop().create_future())
            self._batches.launch_soon()
        for subject in new:
            what, facility_id, whom = subject
            id_ = _id_of(caller.actor, subject, minute)
            batch.records.setdefault(
                id_,
                AuditRecord(
                    id=id_,
                    at=now,
                    actor=caller.actor,
                    what=what,
                    whom=whom,
                    facility_id=facility_id,
                    request_id=caller.request_id,
                ),
            )
        # Who leaves must not take the batch from those who share it.
        await asyncio.shield(batch.written)
        recorded.update((caller.actor, each) for each in new)

    def _take(self) -> Coroutine[None, None, None] | None:
        batch, self._gathering = self._gathering, None
        return None if batch is None else self._write(batch)

    async def _write(self, batch: _Batch) -> None:
        try:
            await self._store.add(batch.records.values())
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
            batch.written.set_exception(error)
            batch.written.exception()  # seen, also when all have left
        else:
            batch.written.set_result(None)


def _id_of(actor: str, subject: Subject, minute: datetime) -> str:
    text = "\n".join((actor, *subject))  # none of them has a line break in it
    return f"{minute:%Y%m%dT%H%M}-{blake2b(text.encode(), digest_size=16).hexdigest()}"
