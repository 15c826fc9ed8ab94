"""Nobody gives more than they have: what a right that is given must find at its giver."""

from collections.abc import Iterable
from datetime import datetime

from models.access import ROLES, Grant, Permission, Principal
from models.errors import Forbidden


def managed_by(principal: Principal, now: datetime) -> frozenset[str]:
    """The facilities at which somebody manages access, for all its doctors."""
    grants = principal.grants_of(Permission.MANAGE_ACCESS, now)
    return frozenset(grant.facility_id for grant in grants if not grant.doctors)


def check_manages(principal: Principal, facility_id: str, now: datetime) -> None:
    """Raises Forbidden."""
    if facility_id not in managed_by(principal, now):
        raise Forbidden(Permission.MANAGE_ACCESS)


def check_holds(
    giver: Principal,
    grants: Iterable[Grant],
    now: datetime,
    *,
    scope: Iterable[Permission] | None = None,
) -> None:
    """Raises Forbidden naming a permission of the grants that their giver lacks.

    The giver must hold each for every doctor of the grant and for as long as it lasts. What was
    delegated to the giver does not count. `scope`: of the grants' permissions these alone.
    """
    opened = None if scope is None else frozenset(scope)
    for grant in grants:
        for permission in sorted(ROLES[grant.role]):
            if opened is None or permission in opened:
                _check_holds_one(giver, permission, grant, now)


def _check_holds_one(giver: Principal, permission: Permission, grant: Grant, now: datetime) -> None:
    held = [each for each in giver.grants_of(permission, now) if each.delegated_by is None]
    for doctor in grant.doctors or (None,):
        if not any(
            each.covers(grant.facility_id, doctor) and _outlasts(each, grant) for each in held
        ):
            raise Forbidden(permission)


def _outlasts(held: Grant, given: Grant) -> bool:
    if held.expires_at is None:
        return True
    return given.expires_at is not None and given.expires_at <= held.expires_at
