"""Who did and read what."""

from answers.answer import Answer, Instant
from services.audit_service import AuditEntry


class AuditOut(Answer, frozen=True):
    """One thing that was done, or whose data were read. No names: ids alone."""

    at: Instant
    actor: str
    on_behalf_of: str | None
    what: str
    whom: str | None
    facility_id: str | None
    request_id: str | None
    details: dict[str, str]


def show_entry(entry: AuditEntry) -> AuditOut:
    """An entry's answer."""
    return AuditOut(
        at=entry.at,
        actor=entry.actor,
        on_behalf_of=entry.on_behalf_of,
        what=entry.what,
        whom=entry.whom,
        facility_id=entry.facility_id,
        request_id=entry.request_id,
        details=entry.details,
    )
