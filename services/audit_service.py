"""Who did what and who read what: changes of access, reads of patients' data, and commands."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from models.access import Facility, Permission
from models.audit import AuditRecord, Deed
from models.errors import Forbidden
from models.events import TokenEvent
from models.ids import doctor_of
from services.access.guard import Guard
from services.caller import Caller
from services.reads import Reads
from services.store.audit import AuditStore
from services.store.events import EventStore, SeenEvent
from services.store.facilities import Facilities
from services.store.pages import Span

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_END = datetime(3001, 1, 1, tzinfo=UTC)
_EVERYTHING = "*"


class AuditQuestion(Struct, frozen=True, kw_only=True):
    """About a patient, an actor, both or all; the dates are the facility's.

    `latest`: the last of it, no more than `limit`, in place of the first.
    """

    patient_id: str | None
    actor: str | None
    first: date | None
    last: date | None
    after: datetime | None
    limit: int
    latest: bool = False


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One thing that was done or read."""

    at: datetime
    actor: str
    on_behalf_of: str | None
    what: str
    whom: str | None
    facility_id: str | None
    request_id: str | None
    details: dict[str, str]


class AuditPage(Struct, frozen=True):
    """Entries in order of time, and the instant to go on after if there may be more."""

    entries: list[AuditEntry]
    more_after: datetime | None


class AuditService:
    """Tells it to who may read it for a whole facility; that they asked is recorded too."""

    def __init__(
        self,
        guard: Guard,
        facilities: Facilities,
        audit: AuditStore,
        events: EventStore,
        reads: Reads,
    ) -> None:
        self._guard = guard
        self._facilities = facilities
        self._audit = audit
        self._events = events
        self._reads = reads

    async def find(self, caller: Caller, asked: AuditQuestion) -> AuditPage:
        """Of the caller's facilities; commands where a patient or an actor is named.

        What belongs to no facility, as a sign-in does, is told at that of the settings. Raises
        Forbidden, UnknownFacility, DatabaseUnavailable.
        """
        needed = Permission.READ_AUDIT
        reach = self._guard.reach(caller.principal, needed)
        places = sorted(facility for facility, doctors in reach.items() if not doctors)
        if not places:
            raise Forbidden(needed)
        whose = asked.patient_id or asked.actor or _EVERYTHING
        await self._reads.record(caller, [(Deed.AUDIT_READ, place, whose) for place in places])

        home = self._facilities.home.id
        span = await self._span(asked, home if home in places else places[0])
        issued = None
        if asked.patient_id is not None:
            issued = await self._of_reach(caller, await self._events.issued_to(asked.patient_id))
        records, records_up_to = await self._audit.find(
            span,
            facilities=[*places, None] if home in places else places,
            actor=asked.actor,
            whom=None
            if issued is None
            else {str(asked.patient_id), *(each.sheet_id for each in issued)},
        )
        done, done_up_to = await self._commands(caller, asked, span, issued)
        ends = [end for end in (records_up_to, done_up_to) if end is not None]
        end = min(ends, default=None)
        entries = [
            *(_of_record(each) for each in records if _may_show(each, issued)),
            *[_of_event(each, await self._place_of(each)) for each in done],
        ]
        entries = [each for each in entries if end is None or each.at <= end]
        entries.sort(key=lambda each: each.at)
        return AuditPage(entries[-asked.limit :] if asked.latest else entries, end)

    async def _commands(
        self,
        caller: Caller,
        asked: AuditQuestion,
        span: Span,
        issued: list[SeenEvent] | None,
    ) -> tuple[list[SeenEvent], datetime | None]:
        if asked.actor is None and issued is None:
            return [], None
        done, up_to = await self._events.done(span, actor=asked.actor, issued=issued)
        return await self._of_reach(caller, done), up_to

    async def _of_reach(self, caller: Caller, events: list[SeenEvent]) -> list[SeenEvent]:
        doctors = {doctor_of(each.sheet_id) for each in events}
        seen = await self._guard.doctors(caller.principal, Permission.READ_AUDIT, doctors)
        return [each for each in events if doctor_of(each.sheet_id) in seen]

    async def _span(self, asked: AuditQuestion, facility_id: str) -> Span:
        after, until = _BEGINNING, _END
        if asked.first is not None or asked.last is not None:
            facility = await self._facilities.get(facility_id)
            if asked.first is not None:
                after = _midnight(asked.first, facility) - timedelta(milliseconds=1)
            if asked.last is not None:
                until = _midnight(asked.last + timedelta(days=1), facility)
        if asked.after is not None:
            after = max(after, asked.after)
        return Span(after=after, until=until, limit=asked.limit, latest=asked.latest)

    async def _place_of(self, seen: SeenEvent) -> str | None:
        facility = await self._facilities.of_doctor(doctor_of(seen.sheet_id))
        return None if facility is None else facility.id


def _midnight(day: date, facility: Facility) -> datetime:
    return datetime.combine(day, time(), facility.zone).astimezone(UTC)


def _may_show(record: AuditRecord, issued: Sequence[SeenEvent] | None) -> bool:
    """Whether the record is of the patient: a sheet's is if they were on it by its minute's end."""
    if issued is None or record.what is not Deed.SHEET_READ:
        return True
    end = record.at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return any(each.sheet_id == record.whom and each.event.at < end for each in issued)


def _of_record(record: AuditRecord) -> AuditEntry:
    return AuditEntry(
        at=record.at,
        actor=record.actor,
        on_behalf_of=None,
        what=record.what.value,
        whom=record.whom,
        facility_id=record.facility_id,
        request_id=record.request_id,
        details=record.details,
    )


def _of_event(seen: SeenEvent, facility_id: str | None) -> AuditEntry:
    event = seen.event
    return AuditEntry(
        at=event.at,
        actor=event.actor,
        on_behalf_of=event.on_behalf_of,
        what=event.type,
        whom=event.token_id if isinstance(event, TokenEvent) else seen.sheet_id,
        facility_id=facility_id,
        request_id=event.request_id,
        details={"sheet": seen.sheet_id, "reason": event.reason.code},
    )
