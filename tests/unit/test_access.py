"""Grants give roles at a facility, for some doctors, until a time; a key's scope allows no more."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.access import (
    OWN_DOCTORS,
    OWN_TOKENS,
    ROLES,
    Facility,
    Grant,
    Kind,
    Permission,
    Principal,
    Role,
)
from models.session import Session

NOW = datetime(2030, 1, 15, 4, 0, tzinfo=UTC)


def _holding(*grants: Grant, scope: frozenset[Permission] | None = None) -> Principal:
    return Principal(id="asha", kind=Kind.PERSON, grants=grants, scope=scope)


def _grant(role: Role, *doctors: str, expires_at: datetime | None = None) -> Grant:
    return Grant(id="g1", role=role, facility_id="main", doctors=doctors, expires_at=expires_at)


def test_every_role_stands_in_the_table_and_an_admin_may_all() -> None:
    assert set(ROLES) == set(Role)
    assert ROLES[Role.ADMIN] == frozenset(Permission)


def test_only_an_admin_gives_rights_and_an_auditor_changes_nothing() -> None:
    assert [role for role in Role if Permission.MANAGE_ACCESS in ROLES[role]] == [Role.ADMIN]
    assert all(
        permission.value.endswith(".read") or permission is Permission.READ_NAMES
        for permission in ROLES[Role.AUDITOR]
    )


def test_who_reaches_own_tokens_alone_sees_no_names() -> None:
    assert not any(Permission.READ_NAMES in ROLES[role] for role in OWN_TOKENS)
    assert frozenset({Role.DOCTOR}) == OWN_DOCTORS


def test_a_grant_counts_at_its_facility_for_its_doctors() -> None:
    doctor = _holding(_grant(Role.DOCTOR, "rao"))
    assert doctor.may(Permission.CALL, "main", "rao", NOW)
    assert not doctor.may(Permission.CALL, "main", "iyer", NOW)
    assert not doctor.may(Permission.CALL, "main", None, NOW)
    assert not doctor.may(Permission.CALL, "north", "rao", NOW)
    assert not doctor.may(Permission.MANAGE_DOCTORS, "main", "rao", NOW)
    desk = _holding(_grant(Role.RECEPTIONIST))
    assert desk.may(Permission.BOOK_WALKIN, "main", "iyer", NOW)
    assert desk.may(Permission.BOOK_WALKIN, "main", None, NOW)


def test_a_grant_ends_at_its_time() -> None:
    principal = _holding(_grant(Role.NURSE, expires_at=NOW))
    before = NOW - timedelta(seconds=1)
    assert principal.may(Permission.CALL, "main", "rao", before)
    assert not principal.may(Permission.CALL, "main", "rao", NOW)
    assert principal.belongs_to("main", before)
    assert not principal.belongs_to("main", NOW)
    assert principal.permissions(before) == ROLES[Role.NURSE]
    assert not principal.permissions(NOW)


def test_the_reach_of_a_permission_is_that_of_all_grants_together() -> None:
    some = _holding(_grant(Role.DOCTOR, "rao"), _grant(Role.NURSE, "iyer", "sen"))
    assert some.reach(Permission.CALL, NOW) == {"main": {"rao", "iyer", "sen"}}
    assert some.reach(Permission.PLAN_SLOT, NOW) == {"main": {"rao"}}
    everyone = _grant(Role.RECEPTIONIST)
    for grants in ((everyone, *some.grants), (*some.grants, everyone)):
        assert _holding(*grants).reach(Permission.CALL, NOW) == {"main": frozenset()}
    assert not some.reach(Permission.MANAGE_DOCTORS, NOW)


def test_a_scope_allows_no_more_than_the_grants() -> None:
    scope = frozenset({Permission.READ_METRICS, Permission.CALL})
    principal = _holding(_grant(Role.AUDITOR), scope=scope)
    assert principal.permissions(NOW) == {Permission.READ_METRICS}
    assert principal.may_somewhere(Permission.READ_METRICS, NOW)
    assert not principal.may_somewhere(Permission.READ_AUDIT, NOW)
    assert not principal.may_somewhere(Permission.CALL, NOW)
    assert principal.facilities(Permission.READ_METRICS, NOW) == {"main"}
    assert not principal.facilities(Permission.READ_AUDIT, NOW)


@pytest.mark.parametrize(
    ("role", "others"), [(Role.PORTAL, False), (Role.RECEPTIONIST, True), (Role.NURSE, False)]
)
def test_a_portal_cancels_only_what_it_booked(role: Role, others: bool) -> None:
    assert _holding(_grant(role)).may_for_others(Permission.CANCEL, "main", "rao", NOW) is others


def test_a_patients_link_has_rights_of_its_own() -> None:
    link = Principal(
        id="link",
        kind=Kind.PATIENT_LINK,
        token_id="rao-20300115-gv6srz4p6ztu",  # a patient's, no secret
        rights=frozenset({Permission.READ_PATIENT}),
    )
    assert link.may_somewhere(Permission.READ_PATIENT, NOW)
    assert not link.may_somewhere(Permission.CANCEL, NOW)
    assert not link.may(Permission.READ_PATIENT, "main", "rao", NOW)
    assert link.permissions(NOW) == {Permission.READ_PATIENT}


def test_a_link_is_counted_by_its_token_and_all_others_by_who_they_are() -> None:
    link = Principal(id="link", kind=Kind.PATIENT_LINK, token_id="rao-20300115-gv6srz4p6ztu")
    assert link.counted_as == "rao-20300115-gv6srz4p6ztu"
    assert _holding(_grant(Role.NURSE)).counted_as == "asha"


def test_a_facilitys_dates_are_of_its_zone() -> None:
    assert Facility("main", "Main", "Asia/Kolkata").zone == ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("expires_at", "ended_at", "holds"),
    [
        (None, None, True),
        (NOW + timedelta(seconds=1), None, True),
        (NOW, None, False),
        (None, NOW - timedelta(seconds=1), False),
    ],
)
def test_a_session_holds_until_it_runs_out_or_is_ended(
    expires_at: datetime | None, ended_at: datetime | None, holds: bool
) -> None:
    session = Session(
        id="h", account_id="asha", epoch=0, began_at=NOW, expires_at=expires_at, ended_at=ended_at
    )
    assert session.holds(NOW) is holds
