"""What an account was given counts until its time; what was delegated, while its giver holds it."""

from datetime import UTC, datetime, timedelta

import pytest

from models.access import Grant, Kind, Role
from models.account import (
    Account,
    Key,
    administers,
    administers_for_good,
    granted,
)
from models.audit import AuditRecord, Deed
from services.store.codec import SCHEMA_VERSION, record_document

NOW = datetime(2030, 1, 15, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DELEGATED = Grant(
    id="g2",
    role=Role.DOCTOR,
    facility_id="main",
    doctors=("rao",),
    expires_at=NOW + HOUR,
    delegated_by="rao",
)


def person(id_: str, *grants: Grant, disabled: bool = False) -> Account:
    return Account(
        id=id_, kind=Kind.PERSON, name=id_, facility_id="main", grants=grants, disabled=disabled
    )


def given(
    role: Role, *doctors: str, facility: str = "main", expires_at: datetime | None = None
) -> Grant:
    return Grant(id="g1", role=role, facility_id=facility, doctors=doctors, expires_at=expires_at)


def held(giver: Account | None, grant: Grant = DELEGATED) -> tuple[Grant, ...]:
    """What an assistant has of the grant that was delegated."""
    assistant = person("assistant", grant)
    accounts = {account.id: account for account in (assistant, giver) if account is not None}
    return granted(assistant, accounts)


def test_what_was_given_counts_and_nothing_of_an_account_that_is_disabled() -> None:
    grant = given(Role.NURSE)
    assert granted(person("asha", grant), {}) == (grant,)
    assert granted(person("asha", grant, disabled=True), {}) == ()


@pytest.mark.parametrize("own", [("rao",), ("rao", "sen")])
def test_what_was_delegated_counts_while_its_giver_holds_it(own: tuple[str, ...]) -> None:
    assert held(person("rao", given(Role.DOCTOR, *own))) == (DELEGATED,)


@pytest.mark.parametrize(
    "giver",
    [
        None,
        person("rao"),
        person("rao", given(Role.DOCTOR, "rao"), disabled=True),
        person("rao", given(Role.DOCTOR, "sen")),
        person("rao", given(Role.DOCTOR, "rao", facility="north")),
        person("rao", given(Role.ADMIN)),
        person("rao", DELEGATED),
    ],
    ids=["gone", "nothing", "disabled", "other doctor", "elsewhere", "no doctor", "passed on"],
)
def test_what_was_delegated_ends_with_its_givers_own(giver: Account | None) -> None:
    assert held(giver) == ()


@pytest.mark.parametrize(
    ("of_giver", "of_grant", "ends"),
    [
        ([HOUR], 2 * HOUR, HOUR),
        ([3 * HOUR], 2 * HOUR, 2 * HOUR),
        ([HOUR, 2 * HOUR], 3 * HOUR, 2 * HOUR),
        ([HOUR, None], 3 * HOUR, 3 * HOUR),
        ([HOUR], None, HOUR),
        ([None], None, None),
    ],
)
def test_what_was_delegated_ends_no_later_than_its_givers_own(
    of_giver: list[timedelta | None], of_grant: timedelta | None, ends: timedelta | None
) -> None:
    def time(span: timedelta | None) -> datetime | None:
        return None if span is None else NOW + span

    own = [given(Role.DOCTOR, "rao", expires_at=time(span)) for span in of_giver]
    delegated = Grant(
        id="g2",
        role=Role.DOCTOR,
        facility_id="main",
        doctors=("rao",),
        expires_at=time(of_grant),
        delegated_by="rao",
    )
    (grant,) = held(person("rao", *own), delegated)
    assert grant.expires_at == time(ends)


def test_who_administers_is_a_person_with_the_whole_facility() -> None:
    admin = person("asha", given(Role.ADMIN, expires_at=NOW + HOUR))
    assert administers(admin, NOW)
    assert administers(admin, NOW, "main")
    assert not administers(admin, NOW, "north")
    assert not administers(admin, NOW + HOUR)
    assert not administers_for_good(admin, "main")
    assert administers_for_good(person("asha", given(Role.ADMIN)), "main")
    assert not administers(person("asha", given(Role.ADMIN), disabled=True), NOW)
    assert not administers(person("asha", given(Role.ADMIN, "rao")), NOW)
    assert not administers(person("asha", given(Role.DOCTOR)), NOW)
    client = Account(
        id="c", kind=Kind.CLIENT, name="c", facility_id="main", grants=(given(Role.ADMIN),)
    )
    assert not administers(client, NOW)


def test_a_key_opens_until_it_ends_or_is_revoked() -> None:
    key = Key(id="k", hash="h", made_at=NOW, expires_at=NOW + HOUR)
    assert key.holds(NOW)
    assert not key.holds(NOW + HOUR)
    revoked = Key(id="k", hash="h", made_at=NOW, expires_at=NOW + HOUR, revoked_at=NOW)
    assert not revoked.holds(NOW)


def test_a_record_of_access_is_stored_under_its_id_and_names_its_schema() -> None:
    record = AuditRecord(
        id="r1",
        at=NOW,
        actor="asha",
        what=Deed.GRANT_GIVEN,
        whom="desk",
        facility_id="main",
        details={"role": Role.NURSE},
    )
    assert record_document(record) == {
        "_id": "r1",
        "schemaVersion": SCHEMA_VERSION,
        "at": NOW,
        "actor": "asha",
        "what": "grant.given",
        "whom": "desk",
        "facilityId": "main",
        "requestId": None,
        "details": {"role": "nurse"},
    }
