"""A doctor lets another run their line for a time; who must act at once breaks the glass, and tells why."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from database import Database, connect
from models.access import Facility, Kind, Permission, Principal, Role
from models.audit import Deed
from models.doctor import Doctor
from models.errors import (
    DoctorsNeeded,
    Forbidden,
    InvalidExpiry,
    NotYourLine,
    Refusal,
    UnknownAccount,
    UnknownDoctor,
    UnknownFacility,
    UnknownGrant,
)
from services.access.directory import Directory
from services.access_service import AccessService, NewAccount, NewGrant
from services.caller import Caller
from services.clock import ManualClock
from services.delegation_service import LONGEST, DelegationService
from services.ids import Ids
from services.store.accounts import AccountStore
from services.store.collections import AUDIT
from services.store.doctors import DoctorStore
from services.store.facilities import Facilities
from tests.api.service import OPENING, GivenSettings
from tests.principals import make_principal

pytestmark = pytest.mark.both_databases

HOUR = timedelta(hours=1)
UNTIL = OPENING + 4 * HOUR
ADMIN = Caller(principal=make_principal("admin", Role.ADMIN), request_id="req-1")


class Hospital:
    """The accounts of a facility with two doctors, Rao and Sen, each of whom signs in."""

    def __init__(self, database: Database, clock: ManualClock, ids: Ids) -> None:
        self.database = database
        self._clock = clock
        store = AccountStore(database)
        self._doctors = DoctorStore(database, "main")
        facilities = Facilities(database, self._doctors, Facility("main", "OPD", "Asia/Kolkata"))
        self.directory = Directory(store)
        self.accounts = AccessService(self.directory, store, facilities, clock, ids)
        self.delegations = DelegationService(self.directory, facilities, clock, ids)

    async def open(self) -> None:
        for name in ("rao", "sen"):
            doctor = Doctor(id=name, name=name, specialization="Skin", facility_id="main")
            await self._doctors.add(doctor)
            await self.hire(name, NewGrant(role=Role.DOCTOR, doctors=(name,)))
        await self.hire("assistant", NewGrant(role=Role.NURSE))

    async def hire(self, name: str, grant: NewGrant | None, kind: Kind = Kind.PERSON) -> None:
        await self.accounts.add(ADMIN, NewAccount(id=name, kind=kind, name=name, grant=grant))

    def caller(self, name: str) -> Caller:
        """As who signs in asks."""
        principal = self.directory.principal(name)
        assert principal is not None
        return Caller(principal=principal, request_id="req-2")

    def may(self, name: str, permission: Permission, doctor: str) -> bool:
        principal = self.directory.principal(name)
        assert principal is not None
        return principal.may(permission, "main", doctor, self._clock.now())

    async def delegate(
        self, giver: str, doctor: str, to: str = "assistant", until: datetime = UNTIL
    ) -> str:
        _, grant = await self.delegations.delegate(self.caller(giver), doctor, to, until)
        return grant.id

    async def break_glass(
        self, name: str, role: Role, *doctors: str, facility: str | None = None
    ) -> None:
        await self.delegations.break_glass(
            self.caller(name),
            facility_id=facility,
            role=role,
            doctors=doctors,
            reason="The doctor collapsed",
        )


@pytest.fixture
async def hospital(
    settings: GivenSettings, clock: ManualClock, ids: Ids
) -> AsyncIterator[Hospital]:
    database = connect(settings)
    hospital = Hospital(database, clock, ids)
    await hospital.open()
    yield hospital
    await database.close()


async def test_a_delegated_line_is_run_until_its_time_in_mid_day(
    hospital: Hospital, clock: ManualClock
) -> None:
    assert not hospital.may("assistant", Permission.CONFIGURE_QUEUE, "rao")
    await hospital.delegate("rao", "rao")
    assert hospital.may("assistant", Permission.CONFIGURE_QUEUE, "rao")
    assert not hospital.may("assistant", Permission.CONFIGURE_QUEUE, "sen")
    clock.set(UNTIL)
    assert not hospital.may("assistant", Permission.CONFIGURE_QUEUE, "rao")


async def test_a_delegated_line_ends_with_its_givers_own_and_when_it_is_taken_back(
    hospital: Hospital,
) -> None:
    grant = await hospital.delegate("rao", "rao")
    await hospital.accounts.set_disabled(ADMIN, "rao", disabled=True)
    assert not hospital.may("assistant", Permission.CONFIGURE_QUEUE, "rao")
    await hospital.accounts.set_disabled(ADMIN, "rao", disabled=False)
    assert hospital.may("assistant", Permission.CONFIGURE_QUEUE, "rao")

    with pytest.raises(UnknownGrant):
        await hospital.delegations.take_back(hospital.caller("sen"), "assistant", grant)
    with pytest.raises(UnknownGrant):
        await hospital.delegations.take_back(hospital.caller("rao"), "nobody", grant)
    told = await hospital.delegations.delegated(hospital.caller("rao"))
    assert [(to, each.id) for to, each in told] == [("assistant", grant)]
    await hospital.delegations.take_back(hospital.caller("rao"), "assistant", grant)
    assert not hospital.may("assistant", Permission.CONFIGURE_QUEUE, "rao")
    assert await hospital.delegations.delegated(hospital.caller("rao")) == []


async def test_what_was_delegated_or_taken_by_breaking_glass_can_t_be_passed_on(
    hospital: Hospital,
) -> None:
    await hospital.hire("friend", None)
    await hospital.delegate("rao", "rao")
    with pytest.raises(NotYourLine):
        await hospital.delegate("assistant", "rao", "friend")
    await hospital.break_glass("assistant", Role.DOCTOR, "sen")
    with pytest.raises(NotYourLine):
        await hospital.delegate("assistant", "sen", "friend")


@pytest.mark.parametrize(
    ("doctor", "to", "until", "refusal"),
    [
        ("sen", "assistant", UNTIL, NotYourLine),
        ("nobody", "assistant", UNTIL, UnknownDoctor),
        ("rao", "nobody", UNTIL, UnknownAccount),
        ("rao", "portal", UNTIL, UnknownAccount),
        ("rao", "assistant", OPENING, InvalidExpiry),
        ("rao", "assistant", OPENING + LONGEST + HOUR, InvalidExpiry),
    ],
)
async def test_one_delegates_ones_own_line_to_a_person_for_a_time(
    hospital: Hospital, doctor: str, to: str, until: datetime, refusal: type[Refusal]
) -> None:
    await hospital.hire("portal", NewGrant(role=Role.PORTAL), Kind.CLIENT)
    with pytest.raises(refusal):
        await hospital.delegate("rao", doctor, to, until)


async def test_broken_glass_opens_for_an_hour_and_says_why(
    hospital: Hospital, clock: ManualClock
) -> None:
    assert not hospital.may("assistant", Permission.CANCEL, "rao")
    await hospital.break_glass("assistant", Role.RECEPTIONIST)
    assert hospital.may("assistant", Permission.CANCEL, "rao")
    clock.advance(HOUR)
    assert not hospital.may("assistant", Permission.CANCEL, "rao")
    (record,) = await AUDIT.of(hospital.database).find({"what": Deed.GLASS_BROKEN.value})
    assert record["actor"] == record["whom"] == "assistant"
    assert record["requestId"] == "req-2"
    details = record["details"]
    assert isinstance(details, dict)
    assert (details["role"], details["reason"]) == ("receptionist", "The doctor collapsed")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER, Role.AUDITOR])
async def test_nobody_makes_themselves_more_than_a_day_needs(
    hospital: Hospital, role: Role
) -> None:
    with pytest.raises(Forbidden):
        await hospital.break_glass("assistant", role)


async def test_glass_is_broken_by_people_where_they_work_for_doctors_there(
    hospital: Hospital,
) -> None:
    await hospital.hire("portal", NewGrant(role=Role.PORTAL), Kind.CLIENT)
    with pytest.raises(Forbidden):
        await hospital.break_glass("portal", Role.NURSE)
    with pytest.raises(UnknownFacility):
        await hospital.break_glass("assistant", Role.NURSE, facility="north")
    with pytest.raises(DoctorsNeeded):
        await hospital.break_glass("assistant", Role.DOCTOR)
    with pytest.raises(UnknownDoctor):
        await hospital.break_glass("assistant", Role.DOCTOR, "nobody")


async def test_every_change_of_access_is_recorded(hospital: Hospital) -> None:
    principal: Principal = hospital.caller("rao").principal
    assert principal.kind is Kind.PERSON
    grant = await hospital.delegate("rao", "rao")
    await hospital.delegations.take_back(hospital.caller("rao"), "assistant", grant)

    records = await AUDIT.of(hospital.database).find({})

    told = [(each["actor"], each["what"], each["whom"], each["facilityId"]) for each in records]
    assert sorted(told) == [
        ("admin", "account.made", "assistant", "main"),
        ("admin", "account.made", "rao", "main"),
        ("admin", "account.made", "sen", "main"),
        ("rao", "grant.delegated", "assistant", "main"),
        ("rao", "grant.revoked", "assistant", "main"),
    ]
