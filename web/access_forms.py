"""What the forms of the pages of access send."""

from typing import Annotated

from pydantic import Field

from routes.access_requests import AccountId, Days, Made, RoleField
from routes.fields import Body, LocalDate, Name, SomeId, any_spelling, refused_as


class NewAccountForm(Body):
    """A person or a client, and the role that they begin with."""

    id: AccountId
    kind: Annotated[Made, *any_spelling(Made, "invalid_kind")]
    name: Name
    role: RoleField | None = None
    doctor_id: SomeId | None = None
    facility_id: SomeId | None = None


class NewGrantForm(Body):
    """A role: for one doctor or for all, and for good or up to a day, that one included."""

    role: RoleField
    doctor_id: SomeId | None = None
    facility_id: SomeId | None = None
    until: LocalDate | None = None


class NewKeyForm(Body):
    """For how many days a key is to be good."""

    days: Days


class LockForm(Body):
    """Whether an account is locked out."""

    disabled: bool


class DeviceForm(Body):
    """The code that a device shows, and the client that it is to be."""

    code: Annotated[
        str,
        Field(min_length=1, max_length=20),
        refused_as("invalid_code", "A code has eight letters and digits."),
    ]
    account_id: SomeId
