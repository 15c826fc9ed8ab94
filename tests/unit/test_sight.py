"""Who sees a token whole, and what anybody sees of it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from answers.refusals import help_of
from answers.sight import Sight
from models.access import ROLES, Grant, Kind, Permission, Principal, Role
from models.errors import AlreadyBooked, SeatsTaken, SlotFull
from tests.factories import SHEET_ID, at, make_sheet, make_token, token_id
from tests.principals import make_principal

NOW = at("09:00")
SHEET = make_sheet(tokens=(replace(make_token(1), booked_by="portal"), make_token(2)))
OWN, OTHER = SHEET.tokens


@pytest.mark.parametrize("role", Role)
def test_who_may_read_names_sees_every_token_whole(role: Role) -> None:
    sight = Sight(make_principal("someone", role), NOW)
    assert sight.shows(SHEET, OTHER) == (Permission.READ_NAMES in ROLES[role])


@pytest.mark.parametrize("role", [Role.PORTAL, Role.KIOSK])
def test_a_client_sees_what_it_booked_whole(role: Role) -> None:
    sight = Sight(make_principal("portal", role), NOW)
    assert (sight.shows(SHEET, OWN), sight.shows(SHEET, OTHER)) == (True, False)


def test_a_token_of_which_it_is_not_known_who_booked_it_is_nobodys_own() -> None:
    nobody = Principal(id="", kind=Kind.CLIENT)
    assert not Sight(nobody, NOW).shows(SHEET, OTHER)


def test_a_patients_link_shows_its_token_alone() -> None:
    link = Principal(id="patient", kind=Kind.PATIENT_LINK, token_id=token_id(2))
    sight = Sight(link, NOW)
    assert (sight.shows(SHEET, OWN), sight.shows(SHEET, OTHER)) == (False, True)


@pytest.mark.parametrize(
    "principal",
    [
        make_principal("there", Role.RECEPTIONIST, facility="north"),
        make_principal("sen's", Role.RECEPTIONIST, doctors=["sen"]),
        make_principal("scoped", Role.RECEPTIONIST, scope=frozenset({Permission.READ_QUEUE})),
        Principal(
            id="gone",
            kind=Kind.PERSON,
            grants=(Grant(id="g", role=Role.RECEPTIONIST, facility_id="main", expires_at=NOW),),
        ),
    ],
    ids=lambda principal: principal.id,
)
def test_names_are_those_of_the_grants_facility_doctors_scope_and_time(
    principal: Principal,
) -> None:
    assert not Sight(principal, NOW).shows(SHEET, OTHER)
    assert Sight(make_principal("asha's", Role.NURSE, doctors=["asha"]), NOW).shows(SHEET, OTHER)


def test_a_grant_that_runs_out_ends_the_sight() -> None:
    grant = Grant(id="g", role=Role.NURSE, facility_id="main", expires_at=NOW)
    nurse = Principal(id="nurse", kind=Kind.PERSON, grants=(grant,))
    before = NOW - timedelta(seconds=1)
    assert Sight(nurse, before).shows(SHEET, OTHER)
    assert not Sight(nurse, NOW).shows(SHEET, OTHER)


def test_a_refusal_tells_the_ids_of_tokens_to_who_sees_them() -> None:
    own, other = SHEET.refer_to(OWN), SHEET.refer_to(OTHER)
    portal = Sight(make_principal("portal", Role.PORTAL), NOW)
    desk = Sight(make_principal("desk", Role.RECEPTIONIST), NOW)
    told = {"tokenId": token_id(2, SHEET_ID), "tokenNumber": "T002"}
    assert help_of(AlreadyBooked(other), None) == {"tokenNumber": "T002"}
    assert help_of(AlreadyBooked(other), portal) == {"tokenNumber": "T002"}
    assert help_of(AlreadyBooked(other), desk) == told
    assert help_of(SeatsTaken([own, other]), portal) == {
        "taken": [{"tokenId": OWN.id, "tokenNumber": "T001"}, {"tokenNumber": "T002"}]
    }
    assert help_of(SlotFull(), None) == {"alternatives": []}
