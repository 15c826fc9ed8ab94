"""Settings of the identity provider by which people sign in, and what its groups may do here."""

import re
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from addresses import LOOPBACK
from secret_files import SecretFile

ROLES = ("receptionist", "nurse", "doctor", "manager", "auditor", "admin")
"""Those that people have; the others are for programs."""
_ADDRESS = re.compile(r"https?://[^\s@?#\\/]+(/[^\s?#\\]*)?")
_OF_NAMED_DOCTORS = "doctor"
_GIVEN = re.compile(
    r"(?P<role>[a-z]+)(@(?P<facility>[A-Za-z0-9.]{1,32}))?"
    r"(:(?P<doctors>[A-Za-z0-9.]{1,32}(,[A-Za-z0-9.]{1,32})*))?"
)


class GroupRole(NamedTuple):
    """What the members of a group are given. No facility: that of the settings; no doctors: all."""

    group: str
    role: str
    facility_id: str | None
    doctors: tuple[str, ...]


def _issuer(text: str) -> str:
    if text and not _is_issuer(text):
        raise ValueError(
            "write it as the provider does, by https://, without ? and #, "
            "like https://login.example.org/realms/opd"
        )
    return text


def _is_issuer(text: str) -> bool:
    """Whether it is an address; one of this machine may be asked over plain HTTP."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    return (
        _ADDRESS.fullmatch(text) is not None
        and bool(parts.hostname)
        and port != 0
        and (parts.scheme == "https" or local)
    )


def _group_roles(text: str) -> str:
    for entry in _entries(text):
        _group_role(entry)
    return text


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(";") if entry.strip()]


def _group_role(entry: str) -> GroupRole:
    """One entry: behind its last `=` is what is given, since names of groups may hold some."""
    group, _, given = (part.strip() for part in entry.rpartition("="))
    found = _GIVEN.fullmatch(given)
    if not group or found is None:
        raise ValueError(
            "write each as group=role, group=role@facility or group=role:doctor,doctor, with ; between"
        )
    if found["role"] not in ROLES:
        raise ValueError(f"{found['role']} is no role of people; there are {', '.join(ROLES)}")
    doctors = tuple(found["doctors"].split(",")) if found["doctors"] else ()
    if found["role"] == _OF_NAMED_DOCTORS and not doctors:
        raise ValueError(f"the role {_OF_NAMED_DOCTORS} names whose line it is, like doctor:rao")
    return GroupRole(group, found["role"], found["facility"], doctors)


class OidcSettings(BaseSettings):
    """By whom people are told who they are, besides passwords of the service's own."""

    oidc_issuer: Annotated[str, AfterValidator(_issuer)] = ""
    """The provider's name for itself, an address; without it there is no such way in."""
    oidc_client_id: str = Field("", max_length=500)
    """As what the service is registered there."""
    oidc_client_secret: SecretStr = SecretStr("")
    """What proves it there; a public client has none."""
    oidc_client_secret_file: SecretFile = None
    """In place of it: a file that holds it."""
    oidc_name: str = Field("your hospital account", min_length=1, max_length=60)
    """What people call it, behind "Sign in with"."""
    oidc_scopes: str = Field("openid profile", pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$")
    """What is asked for; some providers tell groups only to who asks for them."""
    oidc_groups_claim: str = Field("groups", min_length=1, max_length=200)
    """Where an ID token has the groups."""
    oidc_roles: Annotated[str, AfterValidator(_group_roles)] = ""
    """What groups are given; see `group_roles`."""

    @property
    def group_roles(self) -> tuple[GroupRole, ...]:
        """The entries of `oidc_roles`."""
        return tuple(_group_role(entry) for entry in _entries(self.oidc_roles))

    @model_validator(mode="after")
    def _a_provider_is_told_whole(self) -> "OidcSettings":
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("OIDC_CLIENT_ID must be set where OIDC_ISSUER is")
        if self.oidc_issuer and not self.group_roles:
            raise ValueError(
                "OIDC_ROLES must be set where OIDC_ISSUER is: else nobody could sign in"
            )
        if not self.oidc_issuer and (self.oidc_client_id or self.group_roles):
            raise ValueError("OIDC_ISSUER must be set where OIDC_CLIENT_ID or OIDC_ROLES is")
        return self
