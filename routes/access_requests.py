"""What is asked for of access."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from models.access import Kind, Permission, Role
from models.account import ACCOUNT_ID, LONGEST_KEY_DAYS
from routes.fields import Body, Name, Reason, SomeId, any_spelling, example, refused_as

AccountId = Annotated[
    str,
    Field(pattern=f"^{ACCOUNT_ID}$", examples=["city-portal"]),
    refused_as(
        "invalid_account_id",
        "An id has 1 to 64 small letters, digits, dots, dashes, _ or @, a letter or digit first.",
    ),
]


def _milliseconds(time: datetime) -> datetime:
    """As the database keeps it."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _text_alone(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value


Instant = Annotated[
    AwareDatetime,
    Field(examples=["2030-01-15T18:00:00+05:30"]),
    BeforeValidator(_text_alone),
    AfterValidator(_milliseconds),
    refused_as(
        "invalid_instant",
        "Write an instant with its offset, for example 2030-01-15T18:00:00+05:30.",
    ),
]
RoleField = Annotated[Role, *any_spelling(Role, "invalid_role")]
PermissionField = Annotated[
    Permission, refused_as("invalid_permission", f"Choose among {', '.join(Permission)}.")
]
Doctors = Annotated[
    list[SomeId],
    Field(max_length=100, examples=[["dr.rao"]]),
    refused_as("invalid_doctors", "doctors is a list of at most 100 ids.", list),
]
Days = Annotated[
    int,
    Field(ge=1, le=LONGEST_KEY_DAYS, examples=[365]),
    refused_as("invalid_days", f"days is a whole number from 1 to {LONGEST_KEY_DAYS}.", int),
]
Disabled = Annotated[
    bool,
    Field(strict=True),
    refused_as("invalid_disabled", "disabled says whether the account is locked out.", bool),
]
NeededReason = Annotated[Reason, Field(min_length=5)]


class Made(StrEnum):
    """What can be made: a person signs in, a client has keys."""

    PERSON = Kind.PERSON.value
    CLIENT = Kind.CLIENT.value


class GrantIn(Body):
    """A role to give. No doctors means all of them, which the role doctor is not given for."""

    model_config = example(role="receptionist", expiresAt="2030-01-15T18:00:00+05:30")

    role: RoleField
    facility_id: SomeId | None = None
    doctors: Doctors = Field(default_factory=list)
    expires_at: Instant | None = None


class AccountIn(Body):
    """A person or a client to make, and the role that it is given from the start."""

    model_config = example(id="city-portal", kind="client", name="City portal", role="portal")

    id: AccountId
    kind: Annotated[Made, *any_spelling(Made, "invalid_kind")]
    name: Name
    facility_id: SomeId | None = None
    role: RoleField | None = None
    doctors: Doctors = Field(default_factory=list)


class AccountPatch(Body):
    """Lock an account out, or let it in again."""

    model_config = example(disabled=True)

    disabled: Disabled


class KeyIn(Body):
    """A key to make: for how many days, and for no more than a scope, if one is named."""

    model_config = example(days=365, scope=["token.book.online"])

    days: Days = 365
    scope: Annotated[list[PermissionField], Field(min_length=1, max_length=30)] | None = None


class DelegationIn(Body):
    """Whom one lets run one's line, and until when: 90 days at most."""

    model_config = example(doctorId="dr.rao", to="asha", expiresAt="2030-01-15T18:00:00+05:30")

    doctor_id: SomeId
    to: AccountId
    expires_at: Instant


class BreakGlassIn(Body):
    """The role that one needs at once, and why."""

    model_config = example(role="receptionist", reason="The desk is alone and the doctor collapsed")

    role: RoleField
    facility_id: SomeId | None = None
    doctors: Doctors = Field(default_factory=list)
    reason: NeededReason
