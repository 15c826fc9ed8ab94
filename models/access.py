"""Who may do what: permissions, the roles that hold them, and who was given which role where.

Roles are constant. A grant gives one, at one facility, for all its doctors or for some, for good or
until a time. What a principal may do is the sum of its grants, and no more than its key's scope.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import chain
from zoneinfo import ZoneInfo

from msgspec import Struct


class Permission(StrEnum):
    """What can be allowed."""

    BOOK_ONLINE = "token.book.online"
    BOOK_WALKIN = "token.book.walkin"
    BOOK_PRIORITY = "token.book.priority"
    BOOK_FOLLOWUP = "token.book.followup"
    BOOK_EMERGENCY = "token.book.emergency"
    CHECK_IN = "token.check_in"
    CALL = "queue.call"
    """From next to return: all that a line is run with."""
    MARK = "token.mark"
    MOVE = "token.move"
    CANCEL = "token.cancel"
    READ_QUEUE = "queue.read"
    """Doctors, slots and lines: numbers and times, of nobody in person."""
    READ_NAMES = "queue.read.names"
    """Whose token it is: names, phone numbers, notes and ids."""
    CONFIGURE_QUEUE = "queue.config"
    READ_PATIENT = "patient.read"
    CORRECT_PATIENT = "patient.correct"
    PLAN_SLOT = "slot.plan"
    CLOSE_SLOT = "slot.close"
    DELAY_SLOT = "slot.delay"
    MANAGE_DOCTORS = "doctor.manage"
    READ_EVENTS = "event.read"
    READ_NUMBERS = "numbers.read"
    READ_METRICS = "metrics.read"
    MANAGE_ACCESS = "access.manage"
    READ_AUDIT = "audit.read"


class Role(StrEnum):
    """What one is to a facility."""

    PORTAL = "portal"
    KIOSK = "kiosk"
    DISPLAY = "display"
    RECEPTIONIST = "receptionist"
    NURSE = "nurse"
    DOCTOR = "doctor"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


_OF_NURSE = frozenset(
    {
        Permission.CHECK_IN,
        Permission.CALL,
        Permission.READ_QUEUE,
        Permission.READ_NAMES,
        Permission.READ_PATIENT,
    }
)
_OF_DESK = _OF_NURSE | {
    Permission.BOOK_ONLINE,
    Permission.BOOK_WALKIN,
    Permission.BOOK_PRIORITY,
    Permission.BOOK_FOLLOWUP,
    Permission.BOOK_EMERGENCY,
    Permission.MARK,
    Permission.MOVE,
    Permission.CANCEL,
    Permission.CORRECT_PATIENT,
    Permission.READ_EVENTS,
}
_PLANNING = frozenset({Permission.PLAN_SLOT, Permission.CLOSE_SLOT, Permission.DELAY_SLOT})

ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.PORTAL: frozenset(
        {
            Permission.BOOK_ONLINE,
            Permission.BOOK_PRIORITY,
            Permission.BOOK_FOLLOWUP,
            Permission.CANCEL,
            Permission.READ_QUEUE,
            Permission.READ_PATIENT,
            Permission.READ_EVENTS,
        }
    ),
    Role.KIOSK: frozenset({Permission.CHECK_IN}),
    Role.DISPLAY: frozenset({Permission.READ_QUEUE}),
    Role.RECEPTIONIST: _OF_DESK,
    Role.NURSE: _OF_NURSE,
    Role.DOCTOR: _OF_DESK
    | _PLANNING
    | {Permission.CONFIGURE_QUEUE, Permission.READ_EVENTS, Permission.READ_NUMBERS},
    Role.MANAGER: _PLANNING
    | {
        Permission.READ_QUEUE,
        Permission.CONFIGURE_QUEUE,
        Permission.MOVE,
        Permission.MANAGE_DOCTORS,
        Permission.READ_EVENTS,
        Permission.READ_NUMBERS,
    },
    Role.AUDITOR: frozenset(
        {
            Permission.READ_EVENTS,
            Permission.READ_NUMBERS,
            Permission.READ_METRICS,
            Permission.READ_AUDIT,
        }
    ),
    Role.ADMIN: frozenset(Permission),
}

OWN_TOKENS = frozenset({Role.PORTAL, Role.KIOSK, Role.DISPLAY})
"""By a token's id these reach only those that they booked themselves; another's is unknown."""
OWN_DOCTORS = frozenset({Role.DOCTOR})
"""Given for named doctors alone."""


class Kind(StrEnum):
    """What a principal is."""

    PERSON = "person"
    CLIENT = "client"
    PATIENT_LINK = "patient_link"
    SYSTEM = "system"


class Facility(Struct, frozen=True, rename="camel"):
    """A hospital or clinic; its dates are those of its time zone."""

    id: str
    name: str
    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.timezone)


class Grant(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A role at a facility. No `doctors`: all of them.

    One that was delegated names its giver, and holds while the giver's own grant does. `reason` is
    why glass was broken.
    """

    id: str
    role: Role
    facility_id: str
    doctors: tuple[str, ...] = ()
    expires_at: datetime | None = None
    delegated_by: str | None = None
    reason: str | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it has not run out."""
        return self.expires_at is None or now < self.expires_at

    def covers(self, facility_id: str, doctor_id: str | None) -> bool:
        """Whether it is for this doctor of the facility; without one, for the whole facility."""
        return facility_id == self.facility_id and (not self.doctors or doctor_id in self.doctors)


class Principal(Struct, frozen=True, kw_only=True):
    """Who asks, proven. `scope` is what its key allows, None: all that its grants do.

    A patient's link is for one token: `token_id`, and has `rights` in place of grants.
    """

    id: str
    kind: Kind
    grants: tuple[Grant, ...] = ()
    scope: frozenset[Permission] | None = None
    token_id: str | None = None
    rights: frozenset[Permission] = frozenset()

    @property
    def counted_as(self) -> str:
        """By what its requests are counted: patients come by links that are one each."""
        return self.token_id or self.id

    def may(
        self, permission: Permission, facility_id: str, doctor_id: str | None, now: datetime
    ) -> bool:
        """Whether a grant allows it for this doctor; without one, for the facility as a whole."""
        for grant in self.grants_of(permission, now):  # asked often: any() takes twice as long
            if grant.covers(facility_id, doctor_id):
                return True
        return False

    def may_somewhere(self, permission: Permission, now: datetime) -> bool:
        """Whether anything allows it at all."""
        return permission in self.rights or bool(self.grants_of(permission, now))

    def may_for_others(
        self, permission: Permission, facility_id: str, doctor_id: str, now: datetime
    ) -> bool:
        """Whether it is allowed for tokens that were booked by others too."""
        return any(
            grant.role not in OWN_TOKENS and grant.covers(facility_id, doctor_id)
            for grant in self.grants_of(permission, now)
        )

    def belongs_to(self, facility_id: str, now: datetime) -> bool:
        """Whether it has any right there: else it must not learn that the facility exists."""
        return any(grant.facility_id == facility_id and grant.holds(now) for grant in self.grants)

    def facilities(self, permission: Permission, now: datetime) -> frozenset[str]:
        """Where this is allowed, for some doctors at least."""
        return frozenset(grant.facility_id for grant in self.grants_of(permission, now))

    def reach(self, permission: Permission, now: datetime) -> Mapping[str, frozenset[str]]:
        """By facility where this is allowed, for which doctors; none named: for all."""
        reach: dict[str, frozenset[str]] = {}
        for grant in self.grants_of(permission, now):
            before = reach.get(grant.facility_id)
            all_of_them = not grant.doctors or (before is not None and not before)
            named = frozenset(grant.doctors)
            reach[grant.facility_id] = frozenset() if all_of_them else named.union(before or ())
        return reach

    def permissions(self, now: datetime) -> frozenset[Permission]:
        """All that is allowed somewhere."""
        held = (ROLES[grant.role] for grant in self.grants if grant.holds(now))
        return self._scoped(chain(self.rights, *held))

    def grants_of(self, permission: Permission, now: datetime) -> Sequence[Grant]:
        """The grants that allow it now."""
        if self.scope is not None and permission not in self.scope:
            return ()
        return [
            grant for grant in self.grants if permission in ROLES[grant.role] and grant.holds(now)
        ]

    def _scoped(self, permissions: Iterable[Permission]) -> frozenset[Permission]:
        found = frozenset(permissions)
        return found if self.scope is None else found & self.scope
