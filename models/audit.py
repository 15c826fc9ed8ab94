"""What is recorded of access: who did what to whom or read whose data, and when."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Deed(StrEnum):
    """What was done."""

    ACCOUNT_MADE = "account.made"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    KEY_MADE = "key.made"
    KEY_REVOKED = "key.revoked"
    GRANT_GIVEN = "grant.given"
    GRANT_REVOKED = "grant.revoked"
    GRANT_DELEGATED = "grant.delegated"
    GRANTS_REPLACED = "grants.replaced"
    """By what somebody's groups say now, at a sign-in with the identity provider."""
    ACCOUNT_RENAMED = "account.renamed"
    LINK_GIVEN = "link.given"
    """To choose a password, once."""
    PASSWORD_CHOSEN = "password.chosen"  # noqa: S105  # what was done, no secret
    DEVICE_LET_IN = "device.let_in"
    DEVICE_REVOKED = "device.revoked"
    SIGNED_IN = "session.begun"
    SIGN_IN_FAILED = "session.refused"
    SIGNED_OUT = "session.ended"
    SIGNED_OUT_EVERYWHERE = "sessions.ended"
    GLASS_BROKEN = "glass.broken"
    """Somebody gave themselves a right, for an hour and a reason."""
    PATIENT_READ = "patient.read"
    """What is known of a patient was shown."""
    SHEET_READ = "sheet.read"
    """The names of all of a doctor's day were shown."""
    AUDIT_READ = "audit.read"
    """Who did and read what was shown, of a patient, of an actor, or of all (`*`)."""


OF_PATIENTS = (Deed.PATIENT_READ, Deed.SHEET_READ, Deed.AUDIT_READ)
"""Of these `whom` may be a patient or a sheet."""


class AuditRecord(Struct, frozen=True, kw_only=True, rename="camel"):
    """`actor` did `what` to `whom`; `facility_id` says where, None: everywhere.

    Of a read, `whom` is the patient or the sheet.

    `details` are what a reader wants to know of it: a role, a key's id, a reason. No patient's name.
    """

    id: str
    at: datetime
    actor: str
    what: Deed
    whom: str | None
    facility_id: str | None = None
    request_id: str | None = None
    details: dict[str, str] = {}
