"""What OIDC_ROLES says, and what is wrong with settings that tell a provider by half."""

import pytest
from pydantic import ValidationError

from models.access import OWN_DOCTORS, OWN_TOKENS, Role
from oidc_settings import ROLES, GroupRole
from tests.api.service import GivenSettings

WHOLE: dict[str, object] = {
    "oidc_issuer": "https://login.example.org/realms/opd",
    "oidc_client_id": "opd",
    "oidc_roles": "desk=receptionist",
}
BAD = [
    ("oidc_issuer", "login.example.org"),
    ("oidc_issuer", "http://login.example.org"),
    ("oidc_issuer", "https://"),
    ("oidc_issuer", "https://login.example.org?realm=opd"),
    ("oidc_issuer", "https://user:password@login.example.org"),
    ("oidc_issuer", "https://login.example.org:port"),
    ("oidc_issuer", "https://login.example.org/a realm"),
    ("oidc_name", ""),
    ("oidc_scopes", "profile"),
    ("oidc_groups_claim", ""),
    ("oidc_roles", "receptionist"),
    ("oidc_roles", "=receptionist"),
    ("oidc_roles", "desk=receptionist, it=admin="),
    ("oidc_roles", "desk=porter"),
    ("oidc_roles", "desk=portal"),
    ("oidc_roles", "desk=receptionist@"),
    ("oidc_roles", "desk=receptionist@a/b"),
    ("oidc_roles", "doctors=doctor"),
    ("oidc_roles", "doctors=doctor:"),
    ("oidc_roles", "desk=receptionist; doctors=doctor:rao,"),
]


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("", ()),
        (" ; ", ()),
        ("desk=receptionist", (GroupRole("desk", "receptionist", None, ()),)),
        (
            "OPD Desk = nurse@west ;rao=doctor:rao,iyer;",
            (
                GroupRole("OPD Desk", "nurse", "west", ()),
                GroupRole("rao", "doctor", None, ("rao", "iyer")),
            ),
        ),
        (
            "cn=OPD Desk,ou=groups,dc=example=doctor@west:rao",
            (GroupRole("cn=OPD Desk,ou=groups,dc=example", "doctor", "west", ("rao",)),),
        ),
        (
            "a=nurse; a=auditor",
            (GroupRole("a", "nurse", None, ()), GroupRole("a", "auditor", None, ())),
        ),
    ],
)
def test_each_entry_gives_the_members_of_a_group_a_role(
    told: str, meant: tuple[GroupRole, ...]
) -> None:
    settings = {**WHOLE, "oidc_roles": told} if meant else {"oidc_roles": told}
    assert GivenSettings.model_validate(settings).group_roles == meant


def test_groups_are_given_what_people_have_and_no_role_of_a_program() -> None:
    assert set(ROLES) == {role.value for role in Role} - {role.value for role in OWN_TOKENS}
    assert {role.value for role in OWN_DOCTORS} == {"doctor"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID must be set"),
        ({"oidc_roles": ""}, "OIDC_ROLES must be set"),
        ({"oidc_issuer": ""}, "OIDC_ISSUER must be set"),
    ],
)
def test_a_provider_is_told_whole(change: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        GivenSettings.model_validate({**WHOLE, **change})


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_told_with_the_name_of_its_setting(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        GivenSettings.model_validate({**WHOLE, name: value})
    assert [problem["loc"] for problem in refused.value.errors()] == [(name,)]


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example.org",
        "https://login.example.org:8443/realms/opd/",
        "http://localhost:8080/realms/opd",
        "http://[::1]:8080",
    ],
)
def test_a_provider_is_reached_over_tls_or_within_this_machine(issuer: str) -> None:
    assert GivenSettings.model_validate({**WHOLE, "oidc_issuer": issuer}).oidc_issuer == issuer


def test_the_secret_is_never_shown() -> None:
    told = GivenSettings.model_validate({**WHOLE, "oidc_client_secret": "told to nobody"})
    assert "told to nobody" not in repr(told)
